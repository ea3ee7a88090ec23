/** A tiny picture of a piece: all its rows, laid over each other in ink. Drawn when it comes into view. */

import { get } from "../api.js";
import { h } from "../dom.js";
import { colour, onTheme } from "../theme.js";
import { crisp, drawNotes } from "../grid/mini_roll.js";

const AT_ONCE = 2;
const ORDER = ["drums", "pad", "inner", "keys", "counter", "bass", "melody"];
const waiting = [];
const pictures = new Set();
let asking = 0;

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    waiting.push(entry.target);
  }
  next();
}, { rootMargin: "300px" });

onTheme(() => pictures.forEach((picture) => picture.isConnected ? draw(picture) : pictures.delete(picture)));
const sized = new ResizeObserver((entries) => entries.forEach((entry) => draw(entry.target)));

async function next() {
  while (asking < AT_ONCE && waiting.length) {
    const picture = waiting.shift();
    if (!picture.isConnected) continue;
    asking += 1;
    fill(picture).finally(() => {
      asking -= 1;
      next();
    });
  }
}

async function fill(picture) {
  try {
    const { data } = await get(picture.dataset.grid);
    picture.grid = data;
    draw(picture);
    sized.observe(picture);
    pictures.add(picture);
  } catch {
    // a piece without a picture is still a piece
  }
}

function draw(picture) {
  if (picture.grid) drawPiece(picture, picture.grid);
}

/**
 * Draws a whole piece onto a canvas.
 * @param {HTMLCanvasElement} picture
 * @param {any} grid the grid view
 */
export function drawPiece(picture, grid) {
  if (!picture.clientWidth) return;
  const { parts, length, sections } = grid;
  const [width, height] = [picture.clientWidth, picture.clientHeight];
  const pen = crisp(picture, width, height);
  pen.fillStyle = colour("--hairline");
  for (const section of sections) pen.fillRect(Math.round((section.start / length) * width), 0, 1, height);
  const pitches = parts.filter((part) => !part.is_drums).flatMap((part) => part.notes.map((note) => note[3]));
  const low = Math.min(...pitches, 60);
  const high = Math.max(...pitches, 72);
  const rank = (part) => ORDER.indexOf((part.row || "").replace(/\d+$/, ""));
  for (const part of [...parts].sort((one, two) => rank(one) - rank(two))) {
    const notes = part.notes.map(([, start, duration, pitch, velocity]) => [start, duration, part.is_drums ? low : pitch, part.row === "melody" ? 120 : velocity * 0.5]);
    drawNotes(pen, { x: 0, y: 0, width, height }, notes, { start: 0, duration: length, low, high, colour: colour(`--row-${(part.row || "keys").replace(/\d+$/, "")}`) || colour("--ink-2"), drums: part.is_drums });
  }
}

/**
 * @param {string} grid the API's path of the grid view
 * @returns {HTMLCanvasElement}
 */
export function picture(grid) {
  const canvas = h("canvas", { class: "picture", width: 1, height: 1, "aria-hidden": "true", dataset: { grid } });
  seen.observe(canvas);
  return canvas;
}
