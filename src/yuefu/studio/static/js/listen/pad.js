/** The mood pad of first choices: up to three points, set by touch or with the keys, taken away one by one. */

import { announce } from "../announce.js";
import { h, put } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { moodWord } from "../compose/mood_pad.js";

const MOST = 3;
const STEP = 0.1;
const clamp = (value) => Math.max(-1, Math.min(1, Math.round(value * 100) / 100));

/**
 * @param {(points: [number, number][]) => void} changed
 * @param {[number, number][]} [points] those that were chosen before
 */
export function moodPoints(changed, points = []) {
  let cursor = [0, 0];
  const thumb = h("button", { type: "button", class: "mood-thumb unset", role: "slider", "aria-roledescription": t("compose.mood.role"), "aria-label": t("listen.start.pad"), "aria-describedby": "start-pad-hint", "aria-valuemin": -100, "aria-valuemax": 100, "aria-valuenow": 0 });
  const dots = h("span", { class: "mood-dots", "aria-hidden": "true" });
  const pad = h("div", { class: "mood-pad start-pad" },
    ["top", "bottom", "left", "right"].map((edge, at) => h("span", { class: `mood-edge mood-${edge}`, "aria-hidden": "true" }, t(`compose.mood.${["stirred", "still", "dark", "bright"][at]}`))),
    dots, thumb);
  const chosen = h("ul", { class: "chips start-moods", "aria-label": t("listen.start.chosen") });
  const none = h("p", { class: "hint" }, t("listen.start.none"));
  const element = h("div", { class: "start-pad-box" }, h("div", { class: "mood" }, pad), h("p", { class: "hint", id: "start-pad-hint" }, t("listen.start.pad_hint")), chosen, none);

  function draw() {
    put(dots, points.map(([valence, arousal]) => h("span", { class: "mood-dot", style: { left: `${(valence + 1) * 50}%`, top: `${(1 - arousal) * 50}%` } })));
    put(chosen, points.map((point, at) => {
      const word = moodWord(...point);
      return h("li", { class: "chip" }, word, h("button", { type: "button", "aria-label": t("listen.start.drop", { word }), onClick: () => take(at) }, icon("close")));
    }));
    none.hidden = points.length > 0;
    chosen.hidden = points.length === 0;
  }

  function place(valence, arousal) {
    cursor = [clamp(valence), clamp(arousal)];
    thumb.style.setProperty("left", `${(cursor[0] + 1) * 50}%`);
    thumb.style.setProperty("top", `${(1 - cursor[1]) * 50}%`);
    thumb.setAttribute("aria-valuenow", String(Math.round(cursor[0] * 100)));
    thumb.setAttribute("aria-valuetext", t("listen.start.cursor", { word: moodWord(...cursor), valence: cursor[0], arousal: cursor[1] }));
  }

  function set() {
    if (points.length >= MOST) {
      announce(t("listen.start.full"));
      none.textContent = t("listen.start.full");
      none.hidden = false;
      return;
    }
    points = [...points, [...cursor]];
    draw();
    announce(moodWord(...cursor));
    changed(points);
  }

  function take(at) {
    points = points.filter((_, index) => index !== at);
    none.textContent = t("listen.start.none");
    draw();
    thumb.focus({ preventScroll: true });
    changed(points);
  }

  pad.addEventListener("pointerdown", (event) => {
    const box = pad.getBoundingClientRect();
    place(((event.clientX - box.left) / box.width) * 2 - 1, 1 - ((event.clientY - box.top) / box.height) * 2);
    event.preventDefault();
    thumb.focus({ preventScroll: true });
    set();
  });
  thumb.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? STEP / 2 : STEP;
    const move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
    if (move) place(cursor[0] + move[0], cursor[1] + move[1]);
    else if (event.key === "Enter" || event.key === " ") set();
    else return;
    event.preventDefault();
  });
  place(0, 0);
  draw();
  return element;
}
