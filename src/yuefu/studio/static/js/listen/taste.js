/** The listener's taste, in words and in numbers; each number may be set by hand, and given back. */

import { announce, toast } from "../announce.js";
import { get, send } from "../api.js";
import { debounce, h, one, put } from "../dom.js";
import { t, tn } from "../i18n.js";
import { icon } from "../icons.js";

const NUMBERS = ["valence", "arousal", "energy", "tempo", "minor"];
const names = JSON.parse(document.getElementById("names")?.textContent || '{"styles":{}}');

/** A number as it is shown. */
function shown(name, value) {
  if (name === "tempo") return `♩\u00a0=\u00a0${Math.round(value)}`;
  const whole = Math.round(value * 100);
  return whole < 0 ? `−${-whole}` : String(whole);
}

/** @param {{startAgain: () => void}} shared */
export function taste(shared) {
  const place = one("#taste");

  const save = async (numbers) => {
    try {
      const { data } = await send("PUT", "/taste", { numbers });
      draw(data);
      announce(t("listen.taste.saved"));
    } catch (error) {
      toast(error.message);
    }
  };

  function line(data, name, label, [low, high]) {
    const known = name in data.numbers;
    const value = data.numbers[name] ?? (low + high) / 2;
    const id = `taste-${name.replace(":", "-")}`;
    const by = name in data.edited;
    const output = h("output", { class: "numbers taste-value", for: id }, known ? shown(name, value) : t("listen.taste.unknown"));
    const later = debounce((number) => save({ [name]: number }), 400);
    const input = h("input", { type: "range", id, min: low, max: high, step: name === "tempo" ? 1 : 0.01, value, "aria-valuetext": known ? shown(name, value) : t("listen.taste.unknown"), onInput: () => {
      output.textContent = shown(name, Number(input.value));
      input.setAttribute("aria-valuetext", output.textContent);
      later(Number(input.value));
    } });
    const back = by && h("button", { type: "button", class: "icon-button", "aria-label": t("listen.taste.back", { name: label }), title: t("listen.taste.back", { name: label }), onClick: () => save({ [name]: null }) }, icon("back"));
    return h("div", { class: ["taste-line", by && "by-hand", !known && "unset"] },
      h("label", { for: id }, label, by && h("span", { class: "hint taste-hand" }, t("listen.taste.by_hand"))), input, output, back || h("span", {}));
  }

  function draw(data) {
    const held = document.activeElement?.id;
    const styles = Object.keys(data.numbers).filter((name) => name.startsWith("style:")).sort((one_, two) => data.numbers[two] - data.numbers[one_]);
    const nameOf = (name) => data.styles[name.slice(6)] || names.styles[name.slice(6)] || name.slice(6);
    const more = h("select", { class: "select", id: "taste-add", "aria-label": t("listen.taste.add_style"), onChange: () => more.value && save({ [`style:${more.value}`]: 0.8 }) },
      h("option", { value: "" }, t("listen.taste.add_style")),
      Object.entries(names.styles).filter(([key]) => !(`style:${key}` in data.numbers)).sort((one_, two) => one_[1].localeCompare(two[1])).map(([key, name]) => h("option", { value: key }, name)));
    put(place,
      h("p", { class: "taste-words" }, data.words),
      h("p", { class: "hint" }, t("listen.taste.hint"), " ", data.pieces ? tn("listen.taste.pieces", data.pieces) : ""),
      h("div", { class: "taste-parts" },
        h("section", { "aria-labelledby": "taste-numbers" }, h("h3", { id: "taste-numbers" }, t("listen.taste.numbers")), NUMBERS.map((name) => line(data, name, t(`listen.taste.${name}`), data.ranges[name]))),
        h("section", { "aria-labelledby": "taste-styles" }, h("h3", { id: "taste-styles" }, t("listen.taste.styles")), styles.map((name) => line(data, name, nameOf(name), [0, 1])), more)),
      h("button", { type: "button", class: "button button-small", id: "taste-again", onClick: () => shared.startAgain() }, t("listen.taste.again")));
    if (held && held !== "taste-add") document.getElementById(held)?.focus({ preventScroll: true });
  }

  return {
    async show() {
      try {
        const { data } = await get("/taste");
        draw(data);
      } catch (error) {
        put(place, h("p", { class: "fault" }, error.message));
      }
    },
  };
}
