/** Edits applied to the grid in the page at once, before the server has answered. */

import { barAt, indexOf } from "./bars.js";

/** Edits whose effect is drawn before the server has answered. */
const DRAWN = { add_note: addNote, change_note: changeNote, delete_notes: deleteNotes, clear, part: changePart, tempo, title };

/**
 * @param {any} grid changed in place
 * @param {any} edit
 */
export function applyLocally(grid, edit) {
  DRAWN[edit.op]?.(grid, edit);
}

function partOf(grid, id) {
  return grid.parts.find((part) => part.id === id);
}

function sort(part) {
  part.notes.sort((one, other) => one[1] - other[1] || one[3] - other[3]);
}

function addNote(grid, edit) {
  const part = partOf(grid, edit.part);
  if (!part) return;
  part.notes.push([edit.temporary ?? -1, edit.start, edit.duration, edit.pitch, edit.velocity]);
  sort(part);
}

function changeNote(grid, edit) {
  for (const part of grid.parts) {
    const note = part.notes.find((each) => each[0] === edit.id);
    if (!note) continue;
    ["start", "duration", "pitch", "velocity"].forEach((name, index) => {
      if (edit[name] !== undefined) note[index + 1] = edit[name];
    });
    sort(part);
    return;
  }
}

function deleteNotes(grid, edit) {
  const gone = new Set(edit.ids);
  for (const part of grid.parts) {
    part.notes = part.notes.filter((note) => !gone.has(note[0]));
    part.syllables = part.syllables.filter((syllable) => !gone.has(syllable[0]));
  }
}

function clear(grid, edit) {
  const bars = new Set();
  for (const range of edit.bars.split(",")) {
    const [first, last = first] = range.trim().split("-").map(Number);
    for (let number = first; number <= last; number += 1) bars.add(indexOf(grid, number));
  }
  const rows = new Set(edit.parts ?? edit.rows);
  for (const part of grid.parts) {
    if (!rows.has(part.id) && !rows.has(part.row)) continue;
    part.notes = part.notes.filter((note) => !bars.has(barAt(grid, note[1])));
  }
  if (rows.has("chords")) grid.chords = grid.chords.filter((chord) => !bars.has(barAt(grid, chord.start)));
}

function changePart(grid, edit) {
  const part = partOf(grid, edit.id);
  if (!part) return;
  for (const name of ["instrument", "name", "volume", "pan"]) if (edit[name] !== undefined) part[name] = edit[name];
}

function tempo(grid, edit) {
  grid.tempo = edit.bpm;
}

function title(grid, edit) {
  grid.title = edit.title;
}
