/** A piece as it is written: sections above, rows of notes below, one canvas for each row and section. */

import { h, put } from "../dom.js";
import { t } from "../i18n.js";
import { colour, onTheme } from "../theme.js";
import { drawCell } from "../grid/mini_roll.js";
import { sectionName } from "./names.js";

/** @typedef {{row: string, notes: number[][], cells: HTMLCanvasElement[], dirty: boolean}} Row */

/** A strip; `plan(plan)` lays it out, `bars(bars)` writes into it, `at(tick)` moves its cursor. */
export class Strip {
  constructor() {
    this.element = h("div", { class: "strip", role: "img", "aria-label": t("compose.takes.empty_strip") });
    /** @type {Map<string, Row>} */
    this.rows = new Map();
    this.chords = new Map();
    this.waiting = false;
    const redraw = () => this.#soon(true);
    onTheme(redraw);
    new ResizeObserver(redraw).observe(this.element);
  }

  /** @param {any} plan the `plan` event */
  plan(plan) {
    this.planned = plan;
    this.ticks = plan.bar_ticks * plan.bars + (plan.pickup || 0);
    const sections = plan.sections.length ? plan.sections : [{ letter: "", kind: "", start: 0, bars: plan.bars }];
    const columns = sections.map((section) => `minmax(0, ${section.bars}fr)`).join(" ");
    const line = (cls, label, cells) => h("div", { class: ["strip-line", cls] }, h("span", { class: "strip-label" }, label),
      h("div", { class: "strip-cells", style: { "grid-template-columns": columns } }, cells));
    this.sections = sections;
    this.cursor = h("div", { class: "strip-cursor", hidden: true });
    const lines = [line("strip-sections", "", sections.map((section) => h("span", { title: `${sectionName(section)}` }, section.letter || section.kind ? sectionName(section) : "")))];
    this.rows.clear();
    for (const row of plan.rows.filter((one) => one.row !== "chords")) {
      const cells = sections.map(() => h("canvas", { class: "strip-cell", width: 1, height: 1 }));
      this.rows.set(row.row, { row: row.row, drums: row.is_drums, notes: [], cells });
      lines.push(line(`strip-row row-${row.row}`, t(`common.row.${row.row}`), cells));
    }
    this.chordCells = sections.map(() => h("span", { class: "strip-chords" }));
    lines.splice(1, 0, line("strip-row row-chords", t("common.row.chords"), this.chordCells));
    put(this.element, lines, this.cursor);
    this.element.setAttribute("aria-label", t("compose.takes.strip", { title: plan.title, bars: plan.bars, rows: [...this.rows.values()].map((row) => t(`common.row.${row.row}`)).join(t("compose.list_join")) }));
  }

  /** @param {any} bars the `bars` event; bars that were there are replaced */
  bars(bars) {
    if (bars.row === "chords") {
      for (const [start, duration, symbol] of bars.chords) this.chords.set(start, [start, duration, symbol]);
      this.#drawChords();
      return;
    }
    const row = this.rows.get(bars.row);
    if (!row) return;
    const from = bars.first * this.planned.bar_ticks;
    const to = from + bars.count * this.planned.bar_ticks;
    row.notes = [...row.notes.filter(([start]) => start < from || start >= to), ...bars.notes];
    row.dirty = true;
    this.#soon();
  }

  /** @param {number|null} tick */
  at(tick) {
    if (!this.cursor) return;
    this.cursor.hidden = tick === null;
    const cells = this.element.querySelector(".strip-cells");
    if (tick === null || !cells) return;
    const share = Math.min(1, tick / this.ticks);
    this.cursor.style.setProperty("transform", `translateX(${cells.offsetLeft + share * cells.offsetWidth}px)`);
  }

  #soon(everything = false) {
    if (everything) for (const row of this.rows.values()) row.dirty = true;
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      for (const row of this.rows.values()) if (row.dirty) this.#draw(row);
      if (everything) this.#drawChords();
    });
  }

  #draw(row) {
    row.dirty = false;
    if (!row.notes.length) return;
    const pitches = row.notes.map((note) => note[2]);
    const low = Math.min(...pitches) - 1;
    const high = Math.max(...pitches) + 1;
    const ink = colour(`--row-${row.row.replace(/\d+$/, "")}`) || colour("--ink");
    const bar = this.planned.bar_ticks;
    this.sections.forEach((section, index) => {
      const start = section.start * bar;
      const duration = section.bars * bar;
      const notes = row.notes.filter(([at]) => at >= start && at < start + duration);
      drawCell(row.cells[index], notes, { start, duration, low, high, colour: ink, drums: row.drums });
    });
  }

  #drawChords() {
    if (!this.planned) return;
    const bar = this.planned.bar_ticks;
    this.sections.forEach((section, index) => {
      const start = section.start * bar;
      const duration = section.bars * bar;
      const inside = [...this.chords.values()].filter(([at]) => at >= start && at < start + duration).sort((one, two) => one[0] - two[0]);
      const width = this.chordCells[index].clientWidth || 1;
      let free = -Infinity;
      let before = "";
      const shown = inside.filter(([at, , symbol]) => {
        const left = ((at - start) / duration) * width;
        if (left < free || symbol === before) return false;
        free = left + 8 + symbol.length * 7;
        before = symbol;
        return free < width + 12;
      });
      put(this.chordCells[index], shown.map(([at, , symbol]) => h("span", { style: { left: `${((at - start) / duration) * 100}%` } }, symbol)));
    });
  }
}
