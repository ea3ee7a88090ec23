/** Fields that are typed: title, chords, length. */

import { h, debounce } from "../dom.js";
import { clock, t } from "../i18n.js";
import { chordText } from "./names.js";

function typed(tag, attrs, option, read) {
  return ({ set, draft }) => {
    const id = `type-${option}`;
    const input = h(tag, { class: tag === "textarea" ? "area" : "input", id, autocomplete: "off", spellcheck: "false", ...attrs() });
    const later = debounce(() => (input.value.trim() ? set(option, input.value) : draft.asRead(option)), 350);
    input.addEventListener("input", later);
    const hint = attrs().hint;
    input.removeAttribute("hint");
    return {
      element: h("div", {}, input, hint && h("p", { class: "hint" }, hint)),
      update(fields) {
        if (document.activeElement !== input) input.value = draft.options[option] ?? read(fields);
      },
    };
  };
}

export const titleEditor = typed("input", () => ({ maxlength: 120, "aria-label": t("compose.field.title") }), "title", (fields) => fields.title?.value ?? "");

export const chordsEditor = typed("textarea", () => ({ rows: 2, maxlength: 4000, "aria-label": t("compose.field.chords"), placeholder: "Am F C G/B", hint: t("compose.chords.hint") }), "chords",
  (fields) => (fields.chords?.value ? chordText(fields.chords.value) : ""));

export const lengthEditor = ({ set, draft }) => {
  const input = h("input", { class: "input number-input numbers", autocomplete: "off", "aria-label": t("compose.length.time"), placeholder: "2:30" });
  const bars = h("input", { class: "input number-input numbers", type: "number", min: 1, max: 512, inputmode: "numeric", "aria-label": t("compose.length.bars") });
  input.addEventListener("change", () => {
    draft.asRead("bars");
    if (input.value.trim()) set("duration", input.value.trim());
    else draft.asRead("duration");
  });
  bars.addEventListener("change", () => {
    draft.asRead("duration");
    if (bars.value) set("bars", Number(bars.value));
    else draft.asRead("bars");
  });
  return {
    element: h("div", { class: "inline" }, input, h("span", { class: "hint" }, t("compose.length.or")), bars, h("span", { class: "hint" }, t("compose.length.unit"))),
    update(fields) {
      if (document.activeElement !== input) input.value = draft.options.duration ?? (fields.duration?.value ? clock(fields.duration.value) : "");
      if (document.activeElement !== bars) bars.value = String(draft.options.bars ?? fields.bars?.value ?? "");
    },
  };
};
