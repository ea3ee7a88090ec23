/** The grid: rows of parts, columns of bars, every cell a small piano roll. */

import { h, put } from "../dom.js";
import { crisp, drawNotes } from "../grid/mini_roll.js";
import { has, t, tn } from "../i18n.js";
import { colour, onTheme } from "../theme.js";
import { chordsByBar, lineText, notesByBar, wordsByBar } from "./bars.js";
import { cell } from "./selection.js";

const CHUNK = 8; // bars drawn on one canvas

/** What a section is called: its kind and letter. */
export function sectionName(section) {
  const key = `common.section.${section.kind}`;
  const kind = section.kind ? (has(key) ? t(key) : section.kind) : "";
  // An intro has the letter I, an outro O: said once is enough.
  const letter = section.kind && section.letter[0]?.toLowerCase() === section.kind[0] ? section.letter.slice(1) : section.letter;
  return [kind, letter].filter(Boolean).join(" ");
}

export class GridView {
  /**
   * @param {HTMLElement} root
   * @param {{selection: import("./selection.js").Selection, locks: import("./locks.js").Locks,
   *   head: (part: any) => HTMLElement, name: (part: any) => string, open: (row: string, bar: number) => void, words: (part: any, bar: number) => void}} parts
   */
  constructor(root, { selection, locks, head, name, open, words }) {
    Object.assign(this, { root, selection, locks, head, name, open, words });
    this.grid = null;
    /** @type {Map<string, HTMLElement>} */
    this.cells = new Map();
    /** Cells that a job is writing, and cells that it has changed. */
    this.writing = new Set();
    this.changed = new Set();
    this.canvases = new Map();
    this.seen = new IntersectionObserver((entries) => this.#appear(entries), { root, rootMargin: "100px 300px" });
    this.cursor = h("div", { class: "grid-cursor", "aria-hidden": "true", hidden: true });
    selection.addEventListener("change", () => this.mark());
    locks.addEventListener("change", () => this.mark());
    onTheme(() => this.#paintAll());
    window.addEventListener("resize", () => this.#paintAll());
    this.#listen();
  }

  /** The rows that can be selected, in their order on the page. */
  get rows() {
    return this.grid ? ["chords", ...this.grid.parts.map((part) => part.id)] : [];
  }

  /**
   * Shows a grid; the frame is built anew only when parts, bars or sections differ.
   * @param {any} grid
   */
  show(grid) {
    const shape = JSON.stringify([grid.bars, grid.sections, grid.parts.map((part) => [part.id, part.name, part.instrument, part.row])]);
    this.grid = grid;
    this.notes = new Map(grid.parts.map((part) => [part.id, notesByBar(grid, part)]));
    this.ranges = new Map(grid.parts.map((part) => [part.id, rangeOf(part)]));
    this.sung = grid.parts.filter((part) => part.syllables.length);
    this.syllables = new Map(this.sung.map((part) => [part.id, wordsByBar(grid, part)]));
    this.chords = chordsByBar(grid);
    const all = shape + this.sung.map((part) => part.id).join();
    if (all !== this.shape) this.#build();
    this.shape = all;
    this.#label();
    this.mark();
    this.#paintAll();
  }

  /** Where a tick is, in pixels from the first bar's left edge. */
  x(tick, bar) {
    const { start, duration } = this.grid.bars[bar];
    return this.lefts[bar] + ((tick - start) / duration) * (this.lefts[bar + 1] - this.lefts[bar]);
  }

  /**
   * Puts the cursor to a tick; follows it when it would leave the window.
   * @param {number} tick
   * @param {number} bar
   * @param {boolean} follow
   */
  moveCursor(tick, bar, follow) {
    if (!this.lefts) return;
    this.cursor.hidden = false;
    const x = this.x(tick, bar);
    this.cursor.style.transform = `translateX(${x}px)`;
    if (bar !== this.lit) {
      this.numbers?.[this.lit]?.classList.remove("is-now");
      this.numbers?.[bar]?.classList.add("is-now");
      this.lit = bar;
    }
    if (!follow || performance.now() < (this.quiet ?? 0)) return;
    const width = this.root.clientWidth - this.headWidth;
    const left = this.root.scrollLeft;
    if (x < left || x > left + width - 24) this.root.scrollLeft = Math.max(0, this.lefts[bar] - 8);
  }

  /** Brings a cell into view and gives it the keyboard. */
  reveal(row, bar, focus = true) {
    const element = this.cells.get(cell(row, bar));
    if (!element) return;
    if (focus) element.focus({ preventScroll: true });
    const box = element.getBoundingClientRect();
    const frame = this.root.getBoundingClientRect();
    const left = frame.left + this.headWidth;
    if (box.left < left) this.root.scrollLeft -= left - box.left + 8;
    else if (box.right > frame.right) this.root.scrollLeft += box.right - frame.right + 8;
    const top = frame.top + this.topHeight;
    if (box.top < top) this.root.scrollTop -= top - box.top;
    else if (box.bottom > frame.bottom) this.root.scrollTop += box.bottom - frame.bottom;
  }

  /** Classes of selection, locks, writing and change. */
  mark() {
    for (const [name, element] of this.cells) {
      const chosen = this.selection.cells.has(name);
      const locked = this.locks.cells.has(name);
      element.classList.toggle("is-selected", chosen);
      element.classList.toggle("is-locked", locked);
      element.classList.toggle("is-writing", this.writing.has(name));
      element.classList.toggle("is-changed", this.changed.has(name));
      element.setAttribute("aria-selected", String(chosen));
      if (element.dataset.locked !== String(locked)) {
        element.dataset.locked = String(locked);
        this.#labelCell(element);
      }
    }
    const focus = this.selection.focus;
    const wanted = focus && this.cells.get(cell(focus.row, focus.bar));
    const current = wanted ?? this.cells.values().next().value;
    if (current && current !== this.tabbed) {
      if (this.tabbed) this.tabbed.tabIndex = -1;
      current.tabIndex = 0;
      this.tabbed = current;
    }
  }

  /** Bars as wide as wished, in pixels. */
  zoom(width) {
    this.root.style.setProperty("--bar", `${width}px`);
    this.#measure();
    this.#paintAll();
  }

  #build() {
    const { grid } = this;
    this.cells = new Map();
    this.canvases = new Map();
    this.seen.disconnect();
    this.tabbed = null;
    const columns = grid.bars.map((bar) => (bar.duration < grid.bars[Math.min(1, grid.bars.length - 1)].duration * 0.6 ? "calc(var(--bar) * 0.6)" : "var(--bar)"));
    this.root.style.setProperty("--columns", columns.join(" "));
    const starts = new Set(grid.sections.map((section) => section.first_bar - grid.bars[0].number));
    const edge = (bar) => starts.has(bar) && bar > 0 && "is-edge";
    const sections = h("div", { class: "grid-row grid-sections", role: "row" },
      h("div", { class: "grid-head grid-corner", role: "columnheader" }, h("span", { class: "unseen" }, t("piece.grid.sections"))),
      ...grid.sections.map((section) => {
        const first = section.first_bar - grid.bars[0].number;
        return h("div", {
          class: "grid-section", role: "columnheader", tabindex: "-1", dataset: { first: String(first), count: String(section.bars) },
          style: { "grid-column": `${first + 2} / span ${section.bars}` }, title: t("piece.grid.select_section"),
        }, sectionName(section));
      }));
    this.numbers = grid.bars.map((bar, index) => h("div", {
      class: ["grid-number", edge(index)], role: "columnheader", tabindex: "-1", dataset: { bar: String(index) }, style: { "grid-column": String(index + 2) },
    }, String(bar.number)));
    const numbers = h("div", { class: "grid-row grid-numbers", role: "row" },
      h("div", { class: "grid-head grid-corner", role: "columnheader" }, h("span", { class: "unseen" }, t("piece.grid.bars"))), ...this.numbers);
    const top = h("div", { class: "grid-top", role: "rowgroup" }, sections, numbers,
      this.#row("chords", h("div", { class: "grid-head grid-head-chords", role: "rowheader" },
        h("button", { type: "button", class: "grid-name", tabindex: "-1", dataset: { row: "chords" } }, t("common.row.chords"))), edge));
    const body = h("div", { class: "grid-body", role: "rowgroup" }, ...grid.parts.flatMap((part) => {
      const row = this.#row(part.id, h("div", { class: "grid-head", role: "rowheader" }, this.head(part)), edge);
      row.style.setProperty("--row-ink", `var(--row-${part.row}, var(--ink-2))`);
      return this.syllables.has(part.id) ? [row, this.#wordsRow(part, edge)] : [row];
    }));
    const table = h("div", {
      class: "grid-table", role: "grid", "aria-label": t("piece.grid.label"), "aria-multiselectable": "true",
      "aria-rowcount": String(grid.parts.length + 3), "aria-colcount": String(grid.bars.length + 1),
    }, top, body, h("div", { class: "grid-cursor-lane", "aria-hidden": "true" }, this.cursor));
    put(this.root, table);
    this.#measure();
    for (const canvas of this.canvases.keys()) this.seen.observe(canvas);
  }

  #row(id, head, edge) {
    const { grid } = this;
    const cells = grid.bars.map((bar, index) => {
      const element = h("div", {
        class: ["grid-cell", id === "chords" && "grid-chord", edge(index)], role: "gridcell", tabindex: "-1",
        dataset: { row: id, bar: String(index) }, "aria-colindex": String(index + 2), style: { "grid-column": String(index + 2) },
      });
      this.cells.set(cell(id, index), element);
      return element;
    });
    const canvases = [];
    if (id !== "chords") {
      for (let first = 0; first < grid.bars.length; first += CHUNK) {
        const count = Math.min(CHUNK, grid.bars.length - first);
        const canvas = h("canvas", { class: "grid-notes", "aria-hidden": "true", style: { "grid-column": `${first + 2} / span ${count}` } });
        this.canvases.set(canvas, { part: id, first, count, seen: false });
        canvases.push(canvas);
      }
    }
    return h("div", { class: ["grid-row", id === "chords" ? "grid-chords" : "grid-part"], role: "row", dataset: { part: id } }, head, ...cells, ...canvases);
  }

  #wordsRow(part, edge) {
    const cells = this.grid.bars.map((bar, index) => h("div", {
      class: ["grid-words-cell", edge(index)], role: "gridcell", tabindex: "-1", dataset: { words: part.id, bar: String(index) },
      style: { "grid-column": String(index + 2) },
    }));
    return h("div", { class: "grid-row grid-words", role: "row", dataset: { wordsOf: part.id } },
      h("div", { class: "grid-head", role: "rowheader" }, h("span", { class: "grid-words-name" }, t("piece.grid.words"))), ...cells);
  }

  #label() {
    for (const element of this.cells.values()) this.#labelCell(element);
    this.grid.bars.forEach((bar, index) => {
      const element = this.cells.get(cell("chords", index));
      if (element.textContent !== this.chords[index]) element.textContent = this.chords[index];
    });
    for (const part of this.sung) {
      const row = this.root.querySelector(`[data-words-of="${CSS.escape(part.id)}"]`);
      row?.querySelectorAll(".grid-words-cell").forEach((element, index) => {
        const text = lineText(this.syllables.get(part.id)[index]);
        if (element.textContent !== text) {
          element.textContent = text;
          element.title = text;
        }
      });
    }
  }

  #labelCell(element) {
    const { row, bar: index } = element.dataset;
    const bar = this.grid.bars[Number(index)];
    if (!bar) return;
    const part = this.grid.parts.find((each) => each.id === row);
    const locked = this.locks.has(row, Number(index)) ? `, ${t("piece.grid.locked")}` : "";
    const what = row === "chords"
      ? t("piece.grid.chord_cell", { bar: bar.number, chords: this.chords[Number(index)] || t("piece.grid.no_chord") })
      : t("piece.grid.cell", { part: part ? this.name(part) : row, bar: bar.number, notes: tn("piece.notes", this.notes.get(row)?.[Number(index)].length ?? 0) });
    element.setAttribute("aria-label", what + locked);
  }

  #measure() {
    const heads = this.root.querySelector(".grid-corner");
    if (!heads || !this.numbers) return;
    this.headWidth = heads.offsetWidth;
    this.topHeight = this.root.querySelector(".grid-top").offsetHeight;
    const base = this.numbers[0].offsetLeft;
    this.lefts = this.numbers.map((element) => element.offsetLeft - base);
    const last = this.numbers[this.numbers.length - 1];
    this.lefts.push(last.offsetLeft - base + last.offsetWidth);
  }

  #appear(entries) {
    for (const entry of entries) {
      const drawn = this.canvases.get(entry.target);
      if (!drawn) continue;
      drawn.seen = entry.isIntersecting;
      if (drawn.seen) this.#paint(entry.target, drawn);
      else entry.target.width = 0; // a canvas out of sight keeps no memory
    }
  }

  #paintAll() {
    if (!this.grid) return;
    this.#measure();
    for (const [canvas, drawn] of this.canvases) if (drawn.seen) this.#paint(canvas, drawn);
  }

  #paint(canvas, { part: id, first, count }) {
    const part = this.grid.parts.find((each) => each.id === id);
    if (!part) return;
    const { offsetWidth: width, offsetHeight: height } = canvas;
    const pen = crisp(canvas, width, height);
    const [low, high] = this.ranges.get(id);
    const ink = colour(`--row-${part.row}`) || colour("--ink");
    for (let bar = first; bar < first + count && bar < this.grid.bars.length; bar += 1) {
      const { start, duration } = this.grid.bars[bar];
      const box = { x: this.lefts[bar] - this.lefts[first], y: 0, width: this.lefts[bar + 1] - this.lefts[bar], height };
      drawNotes(pen, box, this.notes.get(id)[bar].map((note) => note.slice(1)), { start, duration, low, high, colour: ink, drums: part.is_drums });
    }
  }

  #listen() {
    const { root, selection } = this;
    let dragging = false;
    let moved = false;
    const under = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest?.(".grid-cell");
    const place = (element) => [element.dataset.row, Number(element.dataset.bar)];
    root.addEventListener("pointerdown", (event) => {
      const element = event.target.closest(".grid-cell");
      if (!element || event.button !== 0) return;
      const [row, bar] = place(element);
      if (event.pointerType === "touch") return; // a finger scrolls; its click selects
      event.preventDefault();
      dragging = true;
      moved = false;
      selection.point(row, bar, { extend: event.shiftKey, add: event.ctrlKey || event.metaKey });
      element.focus({ preventScroll: true });
    });
    root.addEventListener("pointermove", (event) => {
      if (!dragging) return;
      const element = under(event);
      if (!element) return;
      const [row, bar] = place(element);
      if (selection.focus?.row === row && selection.focus.bar === bar) return;
      moved = true;
      selection.point(row, bar, { extend: true });
    });
    window.addEventListener("pointerup", () => { dragging = false; });
    root.addEventListener("click", (event) => {
      const element = event.target.closest(".grid-cell");
      if (element && event.pointerType === "touch" && !moved) {
        const [row, bar] = place(element);
        const again = selection.cells.size === 1 && selection.has(row, bar);
        if (again) this.open(row, bar);
        else selection.point(row, bar, { extend: event.shiftKey || this.extending });
      }
      const number = event.target.closest(".grid-number");
      if (number) this.#column(Number(number.dataset.bar), 1, event);
      const section = event.target.closest(".grid-section");
      if (section) this.#column(Number(section.dataset.first), Number(section.dataset.count), event);
      const name = event.target.closest(".grid-name");
      if (name) selection.rectangle([name.dataset.row], this.grid.bars.map((_, index) => index), event.ctrlKey || event.metaKey);
      const words = event.target.closest(".grid-words-cell");
      if (words) this.words(this.grid.parts.find((part) => part.id === words.dataset.words), Number(words.dataset.bar));
    });
    root.addEventListener("dblclick", (event) => {
      const element = event.target.closest(".grid-cell");
      if (element) this.open(...place(element));
    });
    // After scrolling by hand the cursor is left to run out of sight for a while.
    for (const kind of ["wheel", "touchmove"]) root.addEventListener(kind, () => { this.quiet = performance.now() + 4000; }, { passive: true });
  }

  #column(first, count, event) {
    const { selection } = this;
    let [from, to] = [first, first + count - 1];
    if (event.shiftKey && selection.anchor) {
      from = Math.min(from, selection.anchor.bar);
      to = Math.max(to, selection.anchor.bar);
    }
    selection.rectangle(this.rows, Array.from({ length: to - from + 1 }, (_, index) => from + index), event.ctrlKey || event.metaKey);
  }
}

/** The pitches that a part's cells show. */
function rangeOf(part) {
  if (!part.notes.length) return [part.low, part.high];
  let low = 127;
  let high = 0;
  for (const note of part.notes) {
    low = Math.min(low, note[3]);
    high = Math.max(high, note[3]);
  }
  return [low, high];
}
