/** The seed: the same words and the same seed give the same piece. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";

/** @returns {number} a seed drawn by lot, short enough to be read aloud */
export function drawn() {
  return crypto.getRandomValues(new Uint32Array(1))[0] % 1000000;
}

export function seedEditor({ set, draft }) {
  const number = h("input", { class: "input number-input numbers", type: "number", min: 0, max: 4294967295, step: 1, inputmode: "numeric", "aria-label": t("compose.field.seed") });
  number.addEventListener("change", () => (number.value === "" ? draft.asRead("seed") : set("seed", Math.max(0, Math.floor(Number(number.value))))));
  const draw = h("button", { type: "button", class: "icon-button round", "aria-label": t("compose.seed.draw"), title: t("compose.seed.draw"), onClick: () => { number.value = String(drawn()); set("seed", Number(number.value)); } }, icon("dice"));
  return {
    element: h("div", {}, h("div", { class: "inline" }, number, draw), h("p", { class: "hint" }, t("compose.seed.hint"))),
    update(fields) {
      if (document.activeElement !== number) number.value = String(draft.options.seed ?? fields.seed?.value ?? "");
    },
  };
}
