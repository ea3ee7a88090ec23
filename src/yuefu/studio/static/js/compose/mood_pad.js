/** The mood as a place on a square: dark to bright across, still to stirred upwards. */

import { h } from "../dom.js";
import { t } from "../i18n.js";

const STEP = 0.1;
const clamp = (value) => Math.max(-1, Math.min(1, Math.round(value * 100) / 100));

/** A mood in a word. @param {number} valence -1..1 @param {number} arousal -1..1 */
export function moodWord(valence, arousal) {
  const third = (value) => (value < -0.18 ? "low" : value > 0.18 ? "high" : "mid");
  return t(`compose.mood.${third(arousal)}_${third(valence)}`);
}

/** The pad. */
export function moodPad({ set, asked, draft }) {
  const thumb = h("button", { type: "button", class: "mood-thumb", role: "slider", "aria-roledescription": t("compose.mood.role"), "aria-label": t("compose.field.mood"), "aria-describedby": "mood-hint", "aria-valuemin": -100, "aria-valuemax": 100 });
  const pad = h("div", { class: "mood-pad" },
    h("span", { class: "mood-edge mood-top", "aria-hidden": "true" }, t("compose.mood.stirred")),
    h("span", { class: "mood-edge mood-bottom", "aria-hidden": "true" }, t("compose.mood.still")),
    h("span", { class: "mood-edge mood-left", "aria-hidden": "true" }, t("compose.mood.dark")),
    h("span", { class: "mood-edge mood-right", "aria-hidden": "true" }, t("compose.mood.bright")),
    thumb);
  const element = h("div", { class: "mood" }, pad, h("p", { class: "unseen", id: "mood-hint" }, t("compose.mood.hint")));
  let at = [0, 0];
  let held = false;

  function place(valence, arousal) {
    at = [clamp(valence), clamp(arousal)];
    thumb.style.setProperty("left", `${(at[0] + 1) * 50}%`);
    thumb.style.setProperty("top", `${(1 - at[1]) * 50}%`);
    thumb.setAttribute("aria-valuenow", String(Math.round(at[0] * 100)));
    thumb.setAttribute("aria-valuetext", t("compose.mood.value", { word: moodWord(...at), valence: at[0], arousal: at[1] }));
  }

  const say = () => set("mood", at.join(","));

  function follow(event) {
    const box = pad.getBoundingClientRect();
    place(((event.clientX - box.left) / box.width) * 2 - 1, 1 - ((event.clientY - box.top) / box.height) * 2);
    thumb.classList.remove("unset");
  }

  pad.addEventListener("pointerdown", (event) => {
    held = true;
    pad.setPointerCapture(event.pointerId);
    follow(event);
    thumb.focus({ preventScroll: true });
    event.preventDefault();
  });
  pad.addEventListener("pointermove", (event) => {
    if (!held) return;
    follow(event);
    say();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    pad.addEventListener(end, () => {
      if (held) say();
      held = false;
    });
  }
  thumb.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? STEP / 2 : STEP;
    const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
    if (!move) return;
    event.preventDefault();
    place(at[0] + move[0], at[1] + move[1]);
    say();
  });

  return {
    element,
    update(fields) {
      if (held) return;
      const typed = draft.options.mood?.split(",").map(Number);
      const known = typed || fields.valence?.value != null || fields.arousal?.value != null;
      place(typed?.[0] ?? fields.valence?.value ?? 0, typed?.[1] ?? fields.arousal?.value ?? 0);
      thumb.classList.toggle("unset", !known);
      thumb.classList.toggle("by-hand", Boolean(typed));
    },
  };
}
