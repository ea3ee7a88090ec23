/** A cell of the grid: its notes as a small piano roll, crisp on any screen. */

/**
 * Brings a canvas to its size in device pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {number} [width] CSS pixels
 * @param {number} [height]
 * @returns {CanvasRenderingContext2D} in CSS pixels
 */
export function crisp(canvas, width = canvas.clientWidth, height = canvas.clientHeight) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

/**
 * Draws the notes of a stretch into a rectangle.
 * @param {CanvasRenderingContext2D} pen
 * @param {{x: number, y: number, width: number, height: number}} box
 * @param {Iterable<[number, number, number, number]>} notes start, duration (ticks), pitch, velocity
 * @param {{start: number, duration: number, low: number, high: number, colour: string, drums?: boolean, marked?: Set<number> | null}} view
 */
export function drawNotes(pen, box, notes, view) {
  const { start, duration, colour, drums = false } = view;
  const room = Math.max(11, view.high - view.low);
  const low = (view.low + view.high - room) / 2;
  const step = (box.height - 6) / (room + 1);
  const thick = drums ? 2 : Math.min(4.5, Math.max(1.6, step));
  pen.fillStyle = colour;
  for (const [from, length, pitch, velocity] of notes) {
    if (from >= start + duration || from + length <= start) continue;
    const left = Math.max(0, (from - start) / duration);
    const right = Math.min(1, (from + length - start) / duration);
    const x = box.x + left * box.width;
    const y = box.y + box.height - 3 - (pitch - low + 0.5) * step - thick / 2;
    pen.globalAlpha = 0.45 + 0.55 * Math.min(1, velocity / 110);
    if (drums) pen.fillRect(x, Math.min(Math.max(y, box.y + 1), box.y + box.height - 3), 2.2, thick + 0.6);
    else pen.fillRect(x, Math.min(Math.max(y, box.y + 1), box.y + box.height - thick - 1), Math.max(1.5, (right - left) * box.width - 1), thick);
  }
  pen.globalAlpha = 1;
}

/**
 * Draws one cell on a canvas of its own.
 * @param {HTMLCanvasElement} canvas
 * @param {Iterable<[number, number, number, number]>} notes start, duration (ticks), pitch, velocity
 * @param {{start: number, duration: number, low: number, high: number, colour: string, drums?: boolean}} view
 */
export function drawCell(canvas, notes, view) {
  const [width, height] = [canvas.clientWidth || canvas.width, canvas.clientHeight || canvas.height];
  const pen = crisp(canvas, width, height);
  drawNotes(pen, { x: 0, y: 0, width, height }, notes, view);
}
