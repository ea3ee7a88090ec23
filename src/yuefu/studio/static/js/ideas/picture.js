/** A card's picture: a piano roll, a grid of drums, or chords as blocks; on one canvas, crisp in any theme. */

import { crisp } from "../grid/mini_roll.js";
import { colour } from "../theme.js";

const ROWS = ["melody", "counter", "inner", "bass", "keys", "pad", "drums", "chords"];
const PAD = 5;

const ink = (row) => colour(`--row-${ROWS.includes(row) ? row : "chords"}`) || colour("--ink");

/** Beats of a bar and quarters of a bar of a metre such as "6/8". @param {string} meter */
export function barOf(meter) {
  const [beats, unit] = meter.split("/").map(Number);
  return beats && unit ? { beats, quarters: (beats * 4) / unit } : { beats: 4, quarters: 4 };
}

function rule(pen, card, width, height) {
  const { beats, quarters } = barOf(card.meter);
  const whole = card.roll.quarters || 1;
  for (let beat = 1; beat * (quarters / beats) < whole; beat += 1) {
    const isBar = beat % beats === 0;
    if (!isBar && whole > 4 * quarters) continue;
    pen.globalAlpha = isBar ? 1 : 0.45;
    pen.fillStyle = colour(isBar ? "--line" : "--hairline");
    pen.fillRect(Math.round((beat * (quarters / beats) / whole) * width), 0, 1, height);
  }
  pen.globalAlpha = 1;
}

function drums(pen, card, width, height) {
  const hits = card.roll.notes.filter((note) => note[0] === "drums");
  const lanes = [...new Set(hits.map((note) => note[3]))].sort((one, two) => two - one);
  const step = (height - 2 * PAD) / Math.max(lanes.length, 1);
  const size = Math.min(step * 0.62, 9);
  pen.fillStyle = ink("drums");
  for (const [, start, , pitch] of hits) {
    const x = (start / card.roll.quarters) * width + 1.5;
    const y = PAD + (lanes.indexOf(pitch) + 0.5) * step;
    pen.beginPath();
    pen.arc(x + size / 2, y, size / 2, 0, 2 * Math.PI);
    pen.fill();
  }
}

function pitched(pen, card, width, height) {
  const { low, high } = card.roll;
  const room = Math.max(high - low, 9);
  const base = (low + high - room) / 2;
  const step = (height - 2 * PAD) / (room + 1);
  const thick = Math.max(2.2, Math.min(6, step * 0.9));
  const own = card.roll.notes.some((note) => note[0] === "melody");
  const notes = card.roll.notes.filter((note) => note[0] !== "drums").sort((one, two) => Number(one[0] === "melody") - Number(two[0] === "melody"));
  for (const [row, start, duration, pitch] of notes) {
    pen.fillStyle = ink(row);
    pen.globalAlpha = own && row !== "melody" ? 0.5 : 1;
    const x = (start / card.roll.quarters) * width;
    const long = Math.max(2.5, (duration / card.roll.quarters) * width - 1.5);
    const y = height - PAD - (pitch - base + 0.5) * step - thick / 2;
    pen.beginPath();
    pen.roundRect(x + 0.5, Math.max(1, Math.min(y, height - thick - 1)), long, thick, Math.min(1.5, thick / 2));
    pen.fill();
  }
  pen.globalAlpha = 1;
}

/** Strokes alone: a rhythm has no heights, but lengths. */
function strokes(pen, card, width, height) {
  pen.fillStyle = ink("melody");
  for (const [, start, duration] of card.roll.notes) {
    const x = (start / card.roll.quarters) * width;
    pen.fillRect(x + 0.5, height * 0.26, 2.4, height * 0.48);
    pen.globalAlpha = 0.28;
    pen.fillRect(x + 0.5, height * 0.47, Math.max(2.4, (duration / card.roll.quarters) * width - 2), height * 0.06 + 1);
    pen.globalAlpha = 1;
  }
}

/**
 * Draws a card's roll.
 * @param {HTMLCanvasElement} canvas
 * @param {any} card
 */
export function drawCard(canvas, card) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !height) return;
  const pen = crisp(canvas, width, height);
  rule(pen, card, width, height);
  const rows = new Set(card.roll.notes.map((note) => note[0]));
  if (card.kind === "rhythm" && card.roll.high - card.roll.low === 0 && !rows.has("drums")) strokes(pen, card, width, height);
  else if (rows.has("drums") && rows.size > 1) {
    const share = 0.66;
    pitched(pen, card, width, height * share);
    pen.save();
    pen.translate(0, height * share);
    drums(pen, card, width, height * (1 - share));
    pen.restore();
  } else if (rows.has("drums")) drums(pen, card, width, height);
  else pitched(pen, card, width, height);
}
