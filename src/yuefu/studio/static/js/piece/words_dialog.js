/** The words of a sung part, line by line: each line is a text over the bars on which it is sung. */

import { h, put } from "../dom.js";
import { t } from "../i18n.js";
import { barAt, lineText } from "./bars.js";

/**
 * A part's lines of one verse.
 * @returns {{text: string, first: number, last: number}[]} bars by index
 */
export function linesOf(grid, part, verse) {
  const starts = new Map(part.notes.map((note) => [note[0], note[1]]));
  const sung = part.syllables.filter((syllable) => syllable[3] === verse && starts.has(syllable[0]))
    .map(([id, text, syllabic, , lineEnd]) => ({ text, syllabic, lineEnd, start: starts.get(id) })).sort((a, b) => a.start - b.start);
  const lines = [];
  let line = [];
  const finish = () => {
    if (line.length) lines.push({ text: lineText(line), first: barAt(grid, line[0].start), last: barAt(grid, line[line.length - 1].start), start: line[0].start, end: line[line.length - 1].start });
    line = [];
  };
  for (const syllable of sung) {
    line.push(syllable);
    if (syllable.lineEnd) finish();
  }
  finish();
  return lines;
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {import("./state.js").PieceState} state
 * @param {any} part
 * @param {number} bar where it was opened
 * @param {(edits: any[]) => Promise<boolean>} save
 */
export function openWords(dialog, state, part, bar, save) {
  const { grid } = state;
  const verses = [...new Set(part.syllables.map((syllable) => syllable[3]))].sort((a, b) => a - b);
  let verse = verses[0] ?? 1;
  const body = h("div", { class: "words-lines" });
  const number = (index) => grid.bars[index].number;
  const where = (first, last) => (first === last ? t("piece.bar", { bars: number(first) }) : t("piece.bars", { bars: `${number(first)}–${number(last)}` }));
  const draw = () => put(body, ...linesOf(grid, part, verse).map((line, index) => {
    const input = h("input", { class: "input", value: line.text, id: `words-${index}`, maxlength: "400", lang: /[\u3400-\u9fff]/.test(line.text) ? "zh" : "en" });
    input.dataset.before = line.text;
    input.dataset.bars = number(line.first) === number(line.last) ? `${number(line.first)}` : `${number(line.first)}-${number(line.last)}`;
    const here = bar >= line.first && bar <= line.last;
    return h("div", { class: ["words-line", here && "is-here"] }, h("label", { for: `words-${index}` }, where(line.first, line.last)), input);
  }));
  draw();
  const choose = verses.length > 1 && h("select", { class: "select words-verse", "aria-label": t("piece.words.verse"), onChange: (event) => {
    verse = Number(event.target.value);
    draw();
  } }, ...verses.map((each) => h("option", { value: String(each) }, t("piece.words.verse_n", { n: each }))));
  const form = h("form", { method: "dialog", onSubmit: () => {
    const edits = [...body.querySelectorAll("input")].filter((input) => input.value.trim() !== input.dataset.before)
      .map((input) => ({ op: "set_lyrics", part: part.id, bars: input.dataset.bars, verse, text: input.value.trim() }));
    if (edits.length) save(edits);
  } },
  h("div", { class: "words-title" }, h("h2", { id: "words-title" }, t("piece.words.title")), choose),
  h("p", { class: "hint" }, t("piece.words.hint")), body,
  h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "button button-plain", onClick: () => dialog.close() }, t("common.cancel")),
    h("button", { type: "submit", class: "button button-primary" }, t("common.save"))));
  dialog.setAttribute("aria-labelledby", "words-title");
  put(dialog, form);
  dialog.showModal();
  (body.querySelector(".is-here input") ?? body.querySelector("input"))?.focus();
}
