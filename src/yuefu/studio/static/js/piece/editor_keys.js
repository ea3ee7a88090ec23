/** The keyboard in the big piano roll. */

import { announce } from "../announce.js";
import { t } from "../i18n.js";
import { barBeat } from "./bars.js";
import { pitchName } from "./roll_geometry.js";

/** What a note is, in words. */
export function noteText(editor, [, start, duration, pitch, velocity]) {
  const { grid } = editor.state;
  const [bar] = barBeat(grid, start);
  const home = grid.bars.find((each) => each.number === bar);
  const beat = 1 + (start - home.start) / (96 / home.denominator);
  return t("piece.editor.note", {
    pitch: pitchName(pitch, editor.part.is_drums), bar, beat: Number.isInteger(beat) ? beat : beat.toFixed(2),
    length: (duration / 24).toFixed(2).replace(/\.?0+$/, ""), velocity,
  });
}

/**
 * @param {import("./editor.js").Editor} editor
 * @param {KeyboardEvent} event
 */
export function editorKey(editor, event) {
  const done = () => {
    event.preventDefault();
    event.stopPropagation();
  };
  const step = editor.snap || 1;
  const mod = event.ctrlKey || event.metaKey;
  if (mod && event.key.toLowerCase() === "a") {
    done();
    editor.select(editor.notes.map((note) => note[0]));
    return;
  }
  if (mod && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
    done();
    next(editor, event.key === "ArrowRight" ? 1 : -1);
    return;
  }
  if (mod) return;
  switch (event.key) {
    case "ArrowLeft":
    case "ArrowRight": {
      done();
      const way = event.key === "ArrowRight" ? 1 : -1;
      if (!editor.selected.size) next(editor, way);
      else if (event.altKey) editor.change(([id, start, duration, pitch, velocity]) => [id, start, Math.max(step, duration + way * step), pitch, velocity]);
      else editor.change(([id, start, ...rest]) => [id, Math.max(0, start + way * step), ...rest]);
      say(editor);
      return;
    }
    case "ArrowUp":
    case "ArrowDown": {
      done();
      const way = event.key === "ArrowUp" ? 1 : -1;
      if (!editor.selected.size) {
        next(editor, 1);
        return;
      }
      if (event.altKey) editor.change(([id, start, duration, pitch, velocity]) => [id, start, duration, pitch, Math.max(1, Math.min(127, velocity + 8 * way))]);
      else {
        const steps = way * (event.shiftKey && !editor.part.is_drums ? 12 : 1);
        editor.change(([id, start, duration, pitch, velocity]) => [id, start, duration, editor.view.stepped(pitch, steps), velocity]);
      }
      if (editor.chosen.length === 1) editor.sound(editor.chosen[0][3], editor.chosen[0][4]);
      say(editor);
      return;
    }
    case "Delete":
    case "Backspace":
      done();
      editor.remove([...editor.selected]);
      return;
    case "n":
    case "N": {
      done();
      const last = editor.chosen.at(-1);
      const start = last ? last[1] + last[2] : editor.snapDown(editor.view.start);
      const pitch = last?.[3] ?? editor.view.pitches[Math.floor(editor.view.pitches.length / 2)];
      editor.add([0, start, editor.length, pitch, editor.velocity]);
      editor.sound(pitch);
      return;
    }
    case "Escape":
      done();
      if (editor.selected.size) editor.select([]);
      else editor.close();
      return;
    case "PageUp":
    case "PageDown":
      done();
      editor.step(event.key === "PageDown" ? 1 : -1);
      return;
    default:
  }
}

/** Goes to the next or previous note. */
function next(editor, way) {
  const { notes } = editor;
  if (!notes.length) return;
  const at = notes.findIndex((note) => editor.selected.has(note[0]));
  const index = at < 0 ? (way > 0 ? 0 : notes.length - 1) : Math.max(0, Math.min(notes.length - 1, at + way));
  editor.select([notes[index][0]]);
  editor.sound(notes[index][3], notes[index][4]);
  announce(noteText(editor, notes[index]));
}

function say(editor) {
  if (editor.chosen.length === 1) announce(noteText(editor, editor.chosen[0]));
}
