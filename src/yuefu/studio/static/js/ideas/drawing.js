/** A contour drawn by hand, by keys or by humming: heights from left to right. */

import { crisp } from "../grid/mini_roll.js";
import { one } from "../dom.js";
import { t } from "../i18n.js";
import { announce } from "../announce.js";
import { listen } from "../library/microphone.js";
import { noteName, notesOf } from "../library/pitch.js";
import { colour, onTheme } from "../theme.js";

const MOST = 256;
const KEY_STEP = 0.125;
const KEY_PLACES = 8;

/**
 * @param {{onContour: (heights: number[]) => void, onTune: (text: string) => void, onFault: (text: string) => void}} to
 *   heights: 0 (low) to 1 (high), none when it was cleared
 */
export function drawing({ onContour, onTune, onFault }) {
  const box = one("#drawing");
  const canvas = one("#drawing-canvas");
  const hum = one("#hum");
  let points = [];
  let held = false;
  let typed = [];
  let stop = null;

  function redraw() {
    const [width, height] = [box.clientWidth, box.clientHeight];
    if (!width) return;
    const pen = crisp(canvas, width, height);
    pen.fillStyle = colour("--hairline");
    for (let line = 1; line < 4; line += 1) pen.fillRect(0, Math.round((line * height) / 4), width, 1);
    pen.strokeStyle = colour("--cinnabar");
    pen.lineWidth = 2.5;
    pen.lineJoin = pen.lineCap = "round";
    pen.beginPath();
    let down = false;
    for (const dot of points) {
      if (!dot) down = false;
      else if (down) pen.lineTo(dot[0] * width, (1 - dot[1]) * height);
      else {
        pen.moveTo(dot[0] * width, (1 - dot[1]) * height);
        down = true;
      }
    }
    pen.stroke();
    pen.fillStyle = colour("--cinnabar");
    for (const dot of typed) {
      pen.beginPath();
      pen.arc(dot[0] * width, (1 - dot[1]) * height, 4, 0, 2 * Math.PI);
      pen.fill();
    }
  }

  function clear(tell = true) {
    points = [];
    typed = [];
    redraw();
    if (tell) onContour([]);
  }

  /** Heights at even distances, however fast the hand went. */
  function heights() {
    const [first, last] = [points[0][0], points.at(-1)[0]];
    const count = Math.min(MOST, 48);
    let place = 0;
    return Array.from({ length: count }, (_, index) => {
      const x = first + ((last - first) * index) / (count - 1);
      while (place < points.length - 2 && points[place + 1][0] < x) place += 1;
      const [left, right] = [points[place], points[place + 1]];
      const share = right[0] > left[0] ? (x - left[0]) / (right[0] - left[0]) : 0;
      return Math.round((left[1] + (right[1] - left[1]) * Math.max(0, Math.min(1, share))) * 1000) / 1000;
    });
  }

  const at = (event) => {
    const area = box.getBoundingClientRect();
    const within = (value) => Math.max(0, Math.min(1, value));
    return [within((event.clientX - area.left) / area.width), within(1 - (event.clientY - area.top) / area.height)];
  };
  box.addEventListener("pointerdown", (event) => {
    if (stop) return;
    held = true;
    typed = [];
    points = [at(event)];
    box.setPointerCapture(event.pointerId);
    event.preventDefault();
    box.focus({ preventScroll: true });
  });
  box.addEventListener("pointermove", (event) => {
    if (!held) return;
    const dot = at(event);
    if (dot[0] > points.at(-1)[0]) points.push(dot); // time only goes on
    redraw();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    box.addEventListener(end, () => {
      if (!held) return;
      held = false;
      if (points.length > 2 && points.at(-1)[0] - points[0][0] > 0.08) onContour(heights());
      else clear(false);
    });
  }

  box.addEventListener("keydown", (event) => {
    const step = { ArrowUp: KEY_STEP, ArrowRight: 0, ArrowDown: -KEY_STEP }[event.key];
    if (event.key === "Backspace" || event.key === "Delete") typed.pop();
    else if (event.key === "Escape" && typed.length) typed = [];
    else if (step === undefined) return;
    else if (!typed.length) typed = [[0, 0.5], [0, Math.max(0, Math.min(1, 0.5 + step))]];
    else typed.push([0, Math.max(0, Math.min(1, typed.at(-1)[1] + step))]);
    event.preventDefault();
    const places = Math.max(KEY_PLACES, typed.length);
    typed.forEach((dot, index) => { dot[0] = (index + 0.5) / places; });
    points = [...typed];
    redraw();
    announce(t("ideas.draw.points", { n: typed.length, height: Math.round((typed.at(-1)?.[1] ?? 0) * 100) }));
    onContour(typed.length > 2 ? typed.map((dot) => dot[1]) : []);
  });

  function track(frames) {
    const voiced = frames.filter((frame) => frame.midi !== null).map((frame) => frame.midi);
    const [low, high] = [Math.min(...voiced, 55) - 1, Math.max(...voiced, 65) + 1];
    const end = Math.max(6, frames.at(-1)?.second || 0);
    typed = [];
    points = frames.map((frame) => (frame.midi === null ? null : [frame.second / end, (frame.midi - low) / (high - low)]));
    redraw();
  }

  function heard() {
    const notes = notesOf(stop());
    stop = null;
    hum.setAttribute("aria-pressed", "false");
    hum.querySelector("span").textContent = t("ideas.hum.start");
    if (notes.length < 3) return onFault(t("ideas.hum.too_little"));
    announce(t("ideas.hum.heard", { n: notes.length }));
    return onTune(notes.map((note) => noteName(note.pitch)).join(" "));
  }

  hum.addEventListener("click", async () => {
    if (stop) return heard();
    if (!navigator.mediaDevices?.getUserMedia) return onFault(t("ideas.hum.no_microphone"));
    try {
      stop = await listen(track, heard);
      hum.setAttribute("aria-pressed", "true");
      hum.querySelector("span").textContent = t("ideas.hum.stop");
      onFault("");
      announce(t("ideas.hum.listening"));
    } catch {
      onFault(t("ideas.hum.no_microphone"));
    }
    return undefined;
  });
  one("#draw-clear").addEventListener("click", () => clear());
  onTheme(redraw);
  new ResizeObserver(redraw).observe(box);
  return {
    clear: () => clear(false),
    /** Lets the microphone go. */
    quiet() {
      stop?.();
      stop = null;
    },
  };
}
