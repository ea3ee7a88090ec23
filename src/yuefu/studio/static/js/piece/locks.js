/** Cells that are to stay as they are: kept in the browser by piece, and sent with every wish to write anew. */

import { rangesText } from "./bars.js";
import { cell, parted } from "./selection.js";

/** Event: "change". */
export class Locks extends EventTarget {
  /** @param {string} piece its id */
  constructor(piece) {
    super();
    this.key = `yuefu.locks.${piece}`;
    this.cells = new Set(this.#read());
  }

  get empty() {
    return this.cells.size === 0;
  }

  has(row, bar) {
    return this.cells.has(cell(row, bar));
  }

  /**
   * Locks cells, or frees them when all of them are locked.
   * @param {Iterable<string>} cells
   * @returns {boolean} whether they are locked now
   */
  toggle(cells) {
    const names = [...cells];
    const locked = names.every((name) => this.cells.has(name));
    for (const name of names) if (locked) this.cells.delete(name); else this.cells.add(name);
    this.#write();
    return !locked;
  }

  /**
   * The locks as a fill wants them: rows by name and bars by number, cells with the same bars together.
   * @param {any} grid
   * @param {Iterable<string>} [more] further cells that are to stay
   * @returns {{rows: string[], bars: string}[]}
   */
  asked(grid, more = []) {
    const bars = new Map();
    for (const name of new Set([...this.cells, ...more])) {
      const [row, bar] = parted(name);
      if (bar >= grid.bars.length) continue;
      for (const each of rowsOf(grid, row)) {
        if (!bars.has(each)) bars.set(each, new Set());
        bars.get(each).add(bar);
      }
    }
    const together = new Map();
    for (const [row, indices] of bars) {
      const text = rangesText(grid, indices);
      together.set(text, [...(together.get(text) ?? []), row]);
    }
    return [...together].map(([text, rows]) => ({ rows, bars: text }));
  }

  #read() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "[]");
    } catch {
      return [];
    }
  }

  #write() {
    try {
      if (this.cells.size) localStorage.setItem(this.key, JSON.stringify([...this.cells]));
      else localStorage.removeItem(this.key);
    } catch {
      // a browser without storage keeps them until the page is left
    }
    this.dispatchEvent(new Event("change"));
  }
}

/** The rows of the model that a row of the page stands for: a pianist alone plays several. */
export function rowsOf(grid, row) {
  if (row === "chords") return ["chords"];
  const part = grid.parts.find((each) => each.id === row);
  return part ? (part.rows?.length ? part.rows : [part.row]) : [];
}
