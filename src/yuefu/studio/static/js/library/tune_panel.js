/** Searching by a tune: typed, hummed, drawn, or told as ups and downs. */

import { send } from "../api.js";
import { on, one, put } from "../dom.js";
import { t } from "../i18n.js";
import { announce } from "../announce.js";
import { colour, onTheme } from "../theme.js";
import { crisp } from "../grid/mini_roll.js";
import { listen } from "./microphone.js";
import { noteName, notesOf } from "./pitch.js";
import { sound } from "./playing.js";

const STEPS = 14;
const NUMBERS = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const DEGREES = [0, 2, 4, 5, 7, 9, 11];

/** A tune as MIDI numbers, to be heard back; null for what has no pitches. @param {string} text */
export function pitchesOf(text) {
  const words = text.trim().split(/[\s,，|·]+/).filter(Boolean);
  if (!words.length) return null;
  const pitches = words.map((word) => {
    const named = /^([A-Ga-g])([#♯b♭]?)(-?\d)$/.exec(word);
    if (named) return NUMBERS[named[1].toUpperCase()] + (/[#♯]/.test(named[2]) ? 1 : named[2] ? -1 : 0) + 12 * (Number(named[3]) + 1);
    if (/^\d{2,3}$/.test(word) && Number(word) >= 24 && Number(word) <= 108) return Number(word);
    const degree = /^([#b]?)([1-7])([',.]*)$/.exec(word);
    if (degree) return 60 + DEGREES[degree[2] - 1] + (degree[1] === "#" ? 1 : degree[1] ? -1 : 0) + 12 * [...degree[3]].reduce((sum, mark) => sum + (mark === "'" ? 1 : -1), 0);
    return null;
  });
  return pitches.includes(null) ? null : pitches;
}

/** @param {(hits: any[]|null) => void} onHits null: the search is over */
export function tunePanel(onHits) {
  const toggle = one("#tune-toggle");
  const panel = one("#tune-panel");
  const text = one("#tune-text");
  const fault = one("#tune-fault");
  const hum = one("#tune-hum");
  const canvas = one("#tune-sketch");
  let stop = null;
  let points = [];

  function say(message) {
    fault.textContent = message;
    fault.hidden = !message;
  }

  function drawTrack(dots) {
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const pen = crisp(canvas, width, height);
    pen.fillStyle = colour("--hairline");
    for (let line = 1; line < 4; line += 1) pen.fillRect(0, Math.round((line * height) / 4), width, 1);
    pen.strokeStyle = colour("--cinnabar");
    pen.lineWidth = 2;
    pen.lineJoin = pen.lineCap = "round";
    pen.beginPath();
    let down = false;
    for (const dot of dots) {
      if (dot === null) down = false;
      else if (down) pen.lineTo(dot[0] * width, dot[1] * height);
      else {
        pen.moveTo(dot[0] * width, dot[1] * height);
        down = true;
      }
    }
    pen.stroke();
  }

  const redraw = () => drawTrack(points);

  function trackDots(track) {
    const voiced = track.filter((frame) => frame.midi !== null).map((frame) => frame.midi);
    const low = Math.min(...voiced, 48) - 1;
    const high = Math.max(...voiced, 60) + 1;
    const end = Math.max(8, track.at(-1)?.second || 0);
    return track.map((frame) => (frame.midi === null ? null : [frame.second / end, 1 - (frame.midi - low) / (high - low)]));
  }

  function heard() {
    const notes = notesOf(stop());
    stop = null;
    hum.setAttribute("aria-pressed", "false");
    hum.querySelector("span").textContent = t("library.tune.hum");
    if (notes.length < 3) return say(t("library.tune.too_little"));
    say("");
    text.value = notes.map((note) => noteName(note.pitch)).join(" ");
    announce(t("library.tune.heard", { n: notes.length }));
    return search();
  }

  async function search() {
    if (!text.value.trim()) {
      onHits(null);
      return;
    }
    try {
      const { data } = await send("POST", "/pieces/search-tune", { tune: text.value });
      say("");
      onHits(data.hits);
    } catch (error) {
      say(error.message);
    }
  }

  toggle.addEventListener("click", () => {
    const opens = panel.hidden;
    panel.hidden = !opens;
    toggle.setAttribute("aria-expanded", String(opens));
    if (opens) {
      redraw();
      text.focus();
    } else {
      if (stop) stop();
      stop = null;
      onHits(null);
    }
  });

  hum.addEventListener("click", async () => {
    if (stop) return heard();
    if (!navigator.mediaDevices?.getUserMedia) return say(t("library.tune.no_microphone"));
    try {
      stop = await listen((track) => { points = trackDots(track); redraw(); }, heard);
      hum.setAttribute("aria-pressed", "true");
      hum.querySelector("span").textContent = t("library.tune.stop");
      say("");
      announce(t("library.tune.listening"));
    } catch {
      say(t("library.tune.no_microphone"));
    }
    return undefined;
  });

  let drawing = false;
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)), Math.max(0, Math.min(1, (event.clientY - box.top) / box.height))];
  };
  canvas.addEventListener("pointerdown", (event) => {
    drawing = true;
    points = [at(event)];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    const dot = at(event);
    if (dot[0] > points.at(-1)[0]) points.push(dot); // time only goes on
    redraw();
  });
  canvas.addEventListener("pointerup", () => {
    drawing = false;
    if (points.length < 3) return;
    const [first, last] = [points[0][0], points.at(-1)[0]];
    const count = Math.max(4, Math.round(STEPS * (last - first)));
    const pitches = Array.from({ length: count }, (_, index) => {
      const x = first + ((last - first) * index) / (count - 1);
      const near = points.reduce((best, dot) => (Math.abs(dot[0] - x) < Math.abs(best[0] - x) ? dot : best));
      return 72 - Math.round(near[1] * 16);
    });
    text.value = pitches.map(noteName).join(" ");
    search();
  });

  on(panel, "click", "[data-step]", (event, button) => {
    text.value = `${/^[udr\s]*$/.test(text.value) ? text.value.trim() : ""} ${button.dataset.step}`.trim();
    announce(text.value);
    if (text.value.replace(/\s/g, "").length >= 3) search();
  });
  one("#tune-clear").addEventListener("click", () => {
    text.value = "";
    points = [];
    redraw();
    say("");
    onHits(null);
  });
  one("#tune-hear").addEventListener("click", () => {
    const pitches = pitchesOf(text.value);
    if (!pitches) return say(text.value.trim() ? t("library.tune.no_pitches") : t("library.tune.nothing"));
    say("");
    pitches.forEach((pitch, index) => setTimeout(() => sound(pitch, 0.38), index * 340));
    return undefined;
  });
  one("#tune-form").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  onTheme(redraw);
  new ResizeObserver(() => panel.hidden || redraw()).observe(canvas);
  put(fault);
}
