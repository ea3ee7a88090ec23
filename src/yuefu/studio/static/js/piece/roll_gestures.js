/** The hands in the big piano roll: draw, move, stretch, select by box, erase, and set velocities. */

const EDGE = 7; // pixels at a note's end by which it is stretched

export class RollGestures {
  /** @param {import("./editor.js").Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.gesture = null;
    const { roll, velocities, keys } = editor;
    roll.addEventListener("pointerdown", (event) => this.#down(event));
    roll.addEventListener("pointermove", (event) => this.#move(event));
    for (const kind of ["pointerup", "pointercancel"]) roll.addEventListener(kind, (event) => this.#up(event));
    roll.addEventListener("contextmenu", (event) => event.preventDefault());
    velocities.addEventListener("pointerdown", (event) => this.#velocityDown(event));
    velocities.addEventListener("pointermove", (event) => this.#velocityMove(event));
    for (const kind of ["pointerup", "pointercancel"]) velocities.addEventListener(kind, () => this.#velocityUp());
    keys.addEventListener("pointerdown", (event) => {
      const box = keys.getBoundingClientRect();
      this.editor.sound(this.editor.view.pitch(event.clientY - box.top));
    });
  }

  #at(event) {
    const box = this.editor.roll.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** The note under a point, the topmost first. */
  #note(x, y) {
    const { view, notes } = this.editor;
    const pitch = view.pitch(y);
    const drums = view.part.is_drums;
    return notes.findLast(([, start, duration, at]) => {
      if (at !== pitch) return false;
      const left = view.x(start) - (drums ? 8 : 1);
      const right = drums ? view.x(start) + 8 : Math.max(view.x(start) + 6, view.x(start + duration));
      return x >= left && x <= right;
    });
  }

  #down(event) {
    const { editor } = this;
    const { view } = editor;
    const { x, y } = this.#at(event);
    const note = this.#note(x, y);
    editor.roll.setPointerCapture(event.pointerId);
    editor.roll.focus({ preventScroll: true });
    if (event.button === 2) {
      if (note) editor.remove([note[0]]);
      return;
    }
    if (note) {
      const add = event.shiftKey || event.ctrlKey || event.metaKey;
      if (add) editor.select(editor.selected.has(note[0]) ? [...editor.selected].filter((id) => id !== note[0]) : [...editor.selected, note[0]]);
      else if (!editor.selected.has(note[0])) editor.select([note[0]]);
      editor.sound(note[3], note[4]);
      const stretch = !view.part.is_drums && x > view.x(note[1] + note[2]) - Math.min(EDGE, (view.x(note[1] + note[2]) - view.x(note[1])) / 3);
      this.gesture = { kind: stretch ? "stretch" : "move", x, y, note: [...note], originals: editor.chosen.map((each) => [...each]), moved: false };
      return;
    }
    if (editor.tool === "select" || event.shiftKey) {
      this.gesture = { kind: "box", x, y, kept: event.shiftKey ? [...editor.selected] : [] };
      if (!event.shiftKey) editor.select([]);
      return;
    }
    const start = editor.snapDown(view.tick(x));
    const pitch = view.pitch(y);
    const made = [0, start, editor.length, pitch, editor.velocity];
    editor.select([]);
    editor.sound(pitch, editor.velocity);
    this.gesture = { kind: "draw", x, y, made };
    editor.draft = made;
    editor.draw();
  }

  #move(event) {
    const { editor, gesture } = this;
    const { x, y } = this.#at(event);
    const { view } = editor;
    if (!gesture) {
      const note = this.#note(x, y);
      const atEdge = note && !view.part.is_drums && x > view.x(note[1] + note[2]) - EDGE;
      editor.roll.style.cursor = atEdge ? "ew-resize" : note ? "grab" : editor.tool === "select" ? "crosshair" : "cell";
      return;
    }
    if (gesture.kind === "box") {
      editor.box = { x0: gesture.x, y0: gesture.y, x1: x, y1: y };
      const [left, right] = [gesture.x, x].sort((a, b) => a - b);
      const [top, bottom] = [gesture.y, y].sort((a, b) => a - b);
      const inside = editor.notes.filter(([, start, duration, pitch]) => view.x(start + duration) > left && view.x(start) < right && view.y(pitch) + view.row > top && view.y(pitch) < bottom);
      editor.select([...gesture.kept, ...inside.map((note) => note[0])]);
      return;
    }
    if (gesture.kind === "draw") {
      const end = editor.snapUp(view.tick(x));
      if (Math.abs(x - gesture.x) > 5 && !view.part.is_drums) gesture.made[2] = Math.max(editor.snap || 3, end - gesture.made[1]);
      const pitch = view.pitch(y);
      if (pitch !== gesture.made[3]) {
        gesture.made[3] = pitch;
        editor.sound(pitch, editor.velocity);
      }
      editor.draw();
      return;
    }
    const ticks = view.tick(x) - view.tick(gesture.x);
    if (!gesture.moved && Math.hypot(x - gesture.x, y - gesture.y) < 4) return;
    gesture.moved = true;
    if (gesture.kind === "stretch") {
      const wanted = editor.snapNear(gesture.note[1] + gesture.note[2] + ticks) - gesture.note[1] - gesture.note[2];
      editor.tentative(gesture.originals.map(([id, start, duration, pitch, velocity]) => [id, start, Math.max(editor.snap || 1, duration + wanted), pitch, velocity]));
      return;
    }
    const shift = editor.snapNear(gesture.note[1] + ticks) - gesture.note[1];
    const steps = view.rowOf.get(gesture.note[3]) - view.rowOf.get(view.pitch(y));
    if (steps !== gesture.steps && gesture.steps !== undefined) editor.sound(view.stepped(gesture.note[3], steps), gesture.note[4]);
    gesture.steps = steps;
    editor.tentative(gesture.originals.map(([id, start, duration, pitch, velocity]) => [id, Math.max(0, start + shift), duration, view.stepped(pitch, steps), velocity]));
  }

  #up() {
    const { editor, gesture } = this;
    this.gesture = null;
    editor.box = null;
    if (!gesture) return;
    if (gesture.kind === "draw") {
      editor.draft = null;
      editor.add(gesture.made);
    } else if (gesture.moved) editor.commit(gesture.originals);
    else editor.draw();
  }

  #velocityDown(event) {
    const { editor } = this;
    editor.velocities.setPointerCapture(event.pointerId);
    this.velocity = { originals: new Map() };
    this.#velocityMove(event);
  }

  #velocityMove(event) {
    if (!this.velocity) return;
    const { editor } = this;
    const { view } = editor;
    const box = editor.velocities.getBoundingClientRect();
    const x = event.clientX - box.left;
    const value = Math.max(1, Math.min(127, Math.round((1 - (event.clientY - box.top - 3) / (view.room.velocity - 6)) * 127)));
    const near = editor.notes.filter((note) => Math.abs(view.x(note[1]) + 3 - x) < 8);
    const chosen = near.filter((note) => editor.selected.has(note[0]));
    const touched = chosen.length ? editor.chosen : near;
    for (const note of touched) if (!this.velocity.originals.has(note[0])) this.velocity.originals.set(note[0], [...note]);
    if (touched.length) editor.tentative(touched.map(([id, start, duration, pitch]) => [id, start, duration, pitch, value]));
  }

  #velocityUp() {
    if (!this.velocity) return;
    this.editor.commit([...this.velocity.originals.values()]);
    this.velocity = null;
  }
}
