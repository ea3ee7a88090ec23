/** Draws the big piano roll: rows by scale, bars and beats, ghosts of other parts, notes, the velocity lane. */

import { crisp } from "../grid/mini_roll.js";
import { colour } from "../theme.js";
import { pitchName } from "./roll_geometry.js";

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./roll_geometry.js").RollGeometry} view
 * @param {{notes: any[], selected: Set<number>, ghosts: {notes: any[], ink: string}[], snap: number, box: any}} content
 */
export function drawRoll(canvas, view, { notes, selected, ghosts, snap, box }) {
  canvas.style.width = `${view.width}px`;
  canvas.style.height = `${view.height}px`;
  const pen = crisp(canvas, view.width, view.height);
  const ink = { line: colour("--hairline"), strong: colour("--line"), paper: colour("--paper-2"), text: colour("--ink") };
  rows(pen, view, ink);
  lines(pen, view, ink, snap);
  for (const ghost of ghosts) {
    pen.strokeStyle = ghost.ink;
    pen.globalAlpha = 0.6;
    for (const [, start, duration, pitch] of ghost.notes) {
      if (!view.rowOf.has(pitch)) continue;
      pen.strokeRect(view.x(start) + 0.5, view.y(pitch) + 2.5, Math.max(2, view.x(start + duration) - view.x(start) - 1), view.row - 5);
    }
    pen.globalAlpha = 1;
  }
  const tint = colour(`--row-${view.part.row}`) || ink.text;
  for (const note of notes) drawNote(pen, view, note, tint, selected.has(note[0]));
  if (box) {
    pen.strokeStyle = colour("--cinnabar");
    pen.setLineDash([4, 3]);
    pen.strokeRect(Math.min(box.x0, box.x1) + 0.5, Math.min(box.y0, box.y1) + 0.5, Math.abs(box.x1 - box.x0), Math.abs(box.y1 - box.y0));
    pen.setLineDash([]);
  }
}

function drawNote(pen, view, [, start, duration, pitch, velocity], tint, chosen) {
  const y = view.y(pitch);
  if (y < 0 || y >= view.height) return;
  const x = view.x(start);
  const width = Math.max(4, view.x(start + duration) - x - 1);
  pen.fillStyle = chosen ? colour("--ink") : tint;
  pen.globalAlpha = chosen ? 1 : 0.4 + 0.6 * (velocity / 127);
  if (view.part.is_drums) {
    const middle = y + view.row / 2;
    const size = Math.min(8, view.row / 2 - 1);
    pen.beginPath();
    pen.moveTo(x, middle - size);
    pen.lineTo(x + size, middle);
    pen.lineTo(x, middle + size);
    pen.lineTo(x - size, middle);
    pen.fill();
  } else pen.fillRect(x, y + 1, width, view.row - 2);
  pen.globalAlpha = 1;
  if (chosen) {
    pen.strokeStyle = colour("--cinnabar");
    pen.lineWidth = 2;
    if (!view.part.is_drums) pen.strokeRect(x, y + 1, width, view.row - 2);
    pen.lineWidth = 1;
  }
}

function rows(pen, view, ink) {
  const tonic = view.scale[0];
  view.pitches.forEach((pitch, index) => {
    const y = index * view.row;
    if (!view.part.is_drums && !view.scale.includes(pitch % 12)) {
      pen.fillStyle = ink.paper;
      pen.fillRect(0, y, view.width, view.row);
    }
    pen.fillStyle = pitch % 12 === tonic && !view.part.is_drums ? ink.strong : ink.line;
    pen.fillRect(0, y + view.row - 0.5, view.width, pitch % 12 === tonic && !view.part.is_drums ? 1 : 0.5);
  });
}

function lines(pen, view, ink, snap) {
  for (let index = view.first; index <= view.last; index += 1) {
    const bar = view.grid.bars[index];
    const beat = 96 / bar.denominator;
    const fine = snap && (view.width / (view.end - view.start)) * snap >= 7 ? snap : 0;
    pen.fillStyle = ink.line;
    if (fine) for (let tick = bar.start; tick < bar.start + bar.duration; tick += fine) pen.fillRect(view.x(tick), 0, 0.5, view.height);
    for (let tick = bar.start; tick < bar.start + bar.duration; tick += beat) pen.fillRect(view.x(tick), 0, 1, view.height);
    pen.fillStyle = ink.strong;
    pen.fillRect(view.x(bar.start), 0, 1.5, view.height);
  }
}

/** The names at the left of the rows. */
export function drawKeys(canvas, view, lit) {
  const width = canvas.parentElement.clientWidth;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${view.height}px`;
  const pen = crisp(canvas, width, view.height);
  pen.textBaseline = "middle";
  pen.textAlign = "right";
  pen.font = `${Math.min(12, view.row - 1)}px ${getComputedStyle(canvas).fontFamily}`;
  const { is_drums: drums } = view.part;
  view.pitches.forEach((pitch, index) => {
    const y = index * view.row;
    const black = [1, 3, 6, 8, 10].includes(pitch % 12);
    if (!drums) {
      pen.fillStyle = black ? colour("--ink-2") : colour("--paper");
      pen.fillRect(width - 18, y, 18, view.row);
      pen.fillStyle = colour("--hairline");
      pen.fillRect(width - 18, y + view.row - 0.5, 18, 0.5);
    }
    if (lit?.has(pitch)) {
      pen.fillStyle = colour("--cinnabar");
      pen.fillRect(width - 18, y, 18, view.row);
    }
    if (!drums && pitch % 12 !== view.scale[0] && pitch % 12 !== 0 && view.row < 15) return;
    if (!drums && black) return;
    pen.fillStyle = pitch % 12 === view.scale[0] ? colour("--ink") : colour("--ink-3");
    pen.fillText(pitchName(pitch, drums), drums ? width - 6 : width - 24, y + view.row / 2 + 0.5, drums ? width - 10 : width - 26);
  });
}

/** The lane of velocities under the roll. */
export function drawVelocities(canvas, view, notes, selected) {
  const { velocity: height } = view.room;
  canvas.style.width = `${view.width}px`;
  canvas.style.height = `${height}px`;
  const pen = crisp(canvas, view.width, height);
  pen.fillStyle = colour("--hairline");
  for (const share of [0.25, 0.5, 0.75]) pen.fillRect(0, Math.round(height * share), view.width, 0.5);
  pen.fillStyle = colour("--line");
  for (let index = view.first; index <= view.last; index += 1) pen.fillRect(view.x(view.grid.bars[index].start), 0, 1.5, height);
  const tint = colour(`--row-${view.part.row}`) || colour("--ink");
  for (const [id, start, , , velocity] of notes) {
    if (start < view.start) continue;
    pen.fillStyle = selected.has(id) ? colour("--ink") : tint;
    const top = (1 - velocity / 127) * (height - 6) + 3;
    pen.fillRect(view.x(start), top, 1.5, height - top);
    pen.fillRect(view.x(start), top - 1.5, 7, 3);
  }
}
