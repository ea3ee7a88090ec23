/** The tempo: as a number, on a slider, or tapped. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { announce } from "../announce.js";

const LOW = 40;
const HIGH = 220;

/** The tempo of taps at these times in milliseconds; null for fewer than two. @param {number[]} times */
export function tapped(times) {
  if (times.length < 2) return null;
  const gaps = times.slice(1).map((time, index) => time - times[index]).sort((one, two) => one - two);
  return Math.max(20, Math.min(300, Math.round(60000 / gaps[Math.floor(gaps.length / 2)])));
}

export function tempoEditor({ set, draft, catalogue, asked }) {
  const label = t("compose.tempo.label");
  const number = h("input", { class: "input number-input numbers", type: "number", min: 20, max: 300, step: 1, inputmode: "numeric", "aria-label": label });
  const slider = h("input", { type: "range", min: LOW, max: HIGH, step: 1, "aria-label": t("compose.tempo.slider") });
  const tap = h("button", { type: "button", class: "button button-small" }, t("compose.tempo.tap"));
  let taps = [];

  const use = (value) => {
    number.value = String(value);
    slider.value = String(value);
    set("tempo", Number(value));
  };
  number.addEventListener("change", () => {
    const value = Math.max(20, Math.min(300, Number(number.value) || 0));
    if (number.value) use(value);
  });
  slider.addEventListener("input", () => { number.value = slider.value; });
  slider.addEventListener("change", () => use(Number(slider.value)));
  const heard = (event) => {
    const now = event.timeStamp;
    if (taps.length && now - taps.at(-1) > 2400) taps = [];
    taps = [...taps.slice(-7), now];
    const tempo = tapped(taps);
    if (tempo === null) announce(t("compose.tempo.again"));
    else use(tempo);
  };
  // The press itself is the beat; a click would come only when the finger leaves.
  tap.addEventListener("pointerdown", heard);
  tap.addEventListener("keydown", (event) => {
    if ((event.key === " " || event.key === "Enter") && !event.repeat) {
      event.preventDefault();
      heard(event);
    }
  });

  return {
    element: h("div", { class: "tempo" }, number, slider, tap),
    update(fields) {
      if (document.activeElement === number || document.activeElement === slider) return;
      const style = catalogue.styles.flatMap((group) => group.styles).find((one) => one.key === fields.style?.value);
      const value = draft.options.tempo ?? fields.tempo?.value;
      number.value = value == null ? "" : String(Math.round(value));
      slider.value = String(Math.round(value ?? style?.tempo[1] ?? 100));
    },
  };
}
