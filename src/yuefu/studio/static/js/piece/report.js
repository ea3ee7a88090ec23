/** The report in plain words: asked and found, the words line by line, the nearest known piece, licences. */

import { get } from "../api.js";
import { h, put } from "../dom.js";
import { has, t } from "../i18n.js";
import { icon } from "../icons.js";
import { indexOf } from "./bars.js";
import { linesOf } from "./words_dialog.js";

export class Report {
  /**
   * @param {HTMLElement} root
   * @param {any} page state, and showBars(first, last)
   */
  constructor(root, page) {
    Object.assign(this, { root, page });
    this.shown = null;
  }

  async show() {
    const { state } = this.page;
    const number = state.version?.number;
    if (this.shown === number) return;
    this.shown = number;
    put(this.root, h("p", { class: "hint" }, t("piece.report.reading")));
    try {
      const { data } = await get(`/pieces/${state.id}/versions/${number}/report`);
      if (this.shown === number) put(this.root, ...this.#draw(data));
    } catch (error) {
      this.shown = null;
      put(this.root, h("p", { class: "fault" }, error.message));
    }
  }

  #draw(report) {
    const { words } = this.page.state.piece;
    return [
      words && h("blockquote", { class: "report-words" }, words),
      h("p", { class: "lead report-summary" }, report.summary),
      report.explanation && h("p", {}, report.explanation),
      report.findings.length > 0 && section(t("piece.report.findings"), h("ul", { class: "report-findings" }, ...report.findings.map(finding))),
      report.lyrics && section(t("piece.report.lyrics"), h("p", {}, report.lyrics.sentence), h("ol", { class: "report-lines" }, ...this.#lines(report.lyrics.lines))),
      report.originality && section(t("piece.report.originality"), h("p", { class: report.originality.notable ? "report-notable" : null }, report.originality.sentence),
        report.originality.bars?.length && this.#barLink(report.originality.bars[0], report.originality.bars.at(-1))),
      report.replay && section(t("piece.report.replay"), h("p", {}, report.replay.sentence)),
      report.licences && section(t("piece.report.licences"), h("p", {}, report.licences.sentence),
        h("details", {}, h("summary", {}, t("piece.report.sets")), h("ul", { class: "report-sets" }, ...report.licences.sets.map((set) => h("li", {}, h("strong", {}, set.title), ` ${set.licence}`,
          set.note && h("span", { class: "hint" }, ` ${set.note}`), set.citation && h("span", { class: "hint" }, ` ${set.citation}`)))))),
    ];
  }

  #lines(lines) {
    const { grid } = this.page.state;
    const sung = grid.parts.find((part) => part.syllables.length);
    const places = new Map();
    const squeezed = (text) => text.replace(/[\s\-‐]+/g, "").toLowerCase();
    for (const verse of new Set(sung?.syllables.map((syllable) => syllable[3]) ?? [])) {
      for (const line of linesOf(grid, sung, verse)) {
        const key = squeezed(line.text);
        places.set(key, [...(places.get(key) ?? []), line]);
      }
    }
    return lines.map((line) => {
      const place = places.get(squeezed(line.text))?.shift();
      return h("li", { class: line.good ? "is-good" : "is-weak" },
        h("div", { class: "report-line" }, h("span", { class: "report-line-text", lang: /[\u3400-\u9fff]/.test(line.text) ? "zh" : "en" }, line.text),
          place && this.#barLink(grid.bars[place.first].number, grid.bars[place.last].number)),
        h("p", { class: "hint" }, line.sentence));
    });
  }

  #barLink(first, last) {
    const bars = first === last ? t("piece.bar", { bars: first }) : t("piece.bars", { bars: `${first}–${last}` });
    const { grid } = this.page.state;
    return h("button", { type: "button", class: "link-button", onClick: () => this.page.showBars(indexOf(grid, first), indexOf(grid, last)) }, bars);
  }
}

function section(title, ...children) {
  return h("section", { class: "report-section" }, h("h2", {}, title), ...children);
}

function finding(found) {
  const state = found.met === true ? "met" : found.met === false ? "unmet" : "open";
  const source = `piece.report.source.${found.source}`;
  return h("li", { class: `is-${state}` }, h("span", { class: "report-mark" }, state === "met" ? icon("check") : state === "unmet" ? icon("close") : icon("more"), h("span", { class: "unseen" }, t(`piece.report.${state}`))),
    h("span", {}, found.sentence), has(source) && h("span", { class: "hint" }, t(source)));
}
