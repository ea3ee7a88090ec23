/** The brief, field by field: what was read, from which words, how surely; each opens into a control. */

import { h, on, one, put } from "../dom.js";
import { has, t } from "../i18n.js";
import { icon } from "../icons.js";
import { announce } from "../announce.js";
import { lightUp } from "./box.js";
import { FIELDS, shown } from "./fields.js";

/** A confidence in words; nothing for what was said outright. */
function surely(confidence) {
  if (confidence === null || confidence === undefined) return "";
  return t(confidence >= 0.85 ? "compose.sure.very" : confidence >= 0.65 ? "compose.sure.fairly" : "compose.sure.guess");
}

/** Where a field comes from, as people say it: texts and elements. */
export function origin(asked, quotes = true) {
  if (!asked || asked.value === null || asked.value === undefined) return "";
  if (asked.source === "user") return t("compose.from.you");
  if (asked.source === "llm") return t("compose.from.model");
  if (asked.source !== "text") return "";
  const said = [...new Set(asked.words || [])].filter((word) => word.length <= 40);
  // Little words weigh in what is felt, but explain nothing to a reader.
  const telling = said.filter((word) => !/^[a-z]{1,2}$/i.test(word));
  const words = (telling.length ? telling : said).slice(0, 3);
  const sure = surely(asked.confidence);
  if (!words.length || !quotes) return sure;
  const [before, after] = t("compose.from.words").split("{words}");
  const quoted = words.flatMap((word, index) => [index ? t("compose.list_join") : "", h("q", {}, word)]);
  return [before, quoted, after, sure && ` · ${sure}`];
}

/**
 * @param {import("./draft.js").Draft} draft
 * @param {import("./reading.js").Reading} reading
 * @param {any} catalogue
 */
export function briefPanel(draft, reading, catalogue) {
  const root = one("#brief-fields");
  const rows = FIELDS.map((field) => row(field));
  put(root, rows.map((item) => item.element));

  /** What was read, with a mood that is being moved already where the hand has it. */
  function withHand() {
    const mood = draft.options.mood?.split(",").map(Number);
    const set = (value) => ({ value, source: "user", words: [], confidence: null });
    return mood ? { ...reading.fields, valence: set(mood[0]), arousal: set(mood[1]) } : reading.fields;
  }

  function row(field) {
    const value = h("span", { class: "asked-value" });
    const from = h("span", { class: "asked-from" });
    const body = h("div", { class: "asked-body", id: `asked-${field.name}`, hidden: !field.open });
    const back = h("button", {
      type: "button", class: "icon-button asked-back", hidden: true, title: t("compose.as_read"),
      "aria-label": t("compose.as_read_field", { field: t(`compose.field.${field.name}`) }),
      onClick: () => {
        draft.asRead(...field.options);
        announce(t("compose.as_read_done", { field: t(`compose.field.${field.name}`) }));
        head.focus?.();
      },
    }, icon("back"));
    const name = h("span", { class: "asked-name" }, t(`compose.field.${field.name}`));
    const head = field.open
      ? h("div", { class: "asked-head asked-fixed" }, name, value, from)
      : h("button", { type: "button", class: "asked-head", "aria-expanded": "false", "aria-controls": body.id, onClick: () => toggle() },
        name, value, from, icon("chevron"));
    const element = h("div", { class: ["asked", `asked-${field.name}`], dataset: { fields: field.reads.join(" ") } }, head, back, body);
    const context = { draft, catalogue, asked: () => reading.fields, set: (option, set) => draft.option(option, set) };
    let editor = field.open ? field.editor(context) : null;
    if (editor) body.append(editor.element);

    function toggle() {
      const opens = body.hidden;
      head.setAttribute("aria-expanded", String(opens));
      body.hidden = !opens;
      if (opens && !editor) {
        editor = field.editor(context);
        body.append(editor.element);
      }
      if (opens) editor.update(reading.fields);
    }

    function update() {
      const fields = withHand();
      const asked = fields[field.reads[0]];
      const known = field.reads.some((read) => fields[read]?.value !== null && fields[read]?.value !== undefined);
      const byHand = field.options.some((option) => option in draft.options);
      value.textContent = shown(field.name, fields, catalogue) || t(has(`compose.open.${field.name}`) ? `compose.open.${field.name}` : "compose.open.any");
      value.classList.toggle("unset", !known);
      put(from, origin(field.reads.map((read) => fields[read]).find((one) => one?.source === "user") || (asked?.value !== null && asked) || field.reads.map((read) => fields[read]).find((one) => one?.value), field.name !== "title"));
      back.hidden = !byHand;
      element.classList.toggle("by-hand", byHand);
      if (editor && !body.hidden) editor.update(reading.fields);
    }

    return { element, update };
  }

  const lit = (event, element) => lightUp(...element.dataset.fields.split(" "));
  on(root, "pointerover", ".asked", lit);
  on(root, "focusin", ".asked", lit);
  root.addEventListener("pointerleave", () => lightUp());
  root.addEventListener("focusout", () => lightUp());

  const reset = one("#brief-reset");
  reset.addEventListener("click", () => draft.asRead());
  const all = () => {
    rows.forEach((item) => item.update());
    reset.hidden = Object.keys(draft.options).length < 2;
  };
  reading.addEventListener("read", all);
  draft.addEventListener("change", (event) => { if (event.detail === "options") all(); });
  all();
}
