/** Which cells are selected: a region from an anchor to where the focus is, or several. */

/** Cells are named "row:bar": the row is a part's id or "chords", the bar an index. */
export const cell = (row, bar) => `${row}:${bar}`;

/** @param {string} name @returns {[string, number]} */
export function parted(name) {
  const at = name.lastIndexOf(":");
  return [name.slice(0, at), Number(name.slice(at + 1))];
}

/** Event: "change". */
export class Selection extends EventTarget {
  /** @param {() => {rows: string[], bars: number}} extent the rows in their order, and how many bars there are */
  constructor(extent) {
    super();
    this.extent = extent;
    /** @type {Set<string>} */
    this.cells = new Set();
    this.anchor = null;
    /** The cell that keys act on. @type {{row: string, bar: number} | null} */
    this.focus = null;
    this.base = new Set();
  }

  get empty() {
    return this.cells.size === 0;
  }

  has(row, bar) {
    return this.cells.has(cell(row, bar));
  }

  /** The rows and bars that are selected, in order. */
  get rows() {
    const chosen = new Set([...this.cells].map((name) => parted(name)[0]));
    return this.extent().rows.filter((row) => chosen.has(row));
  }

  get bars() {
    return [...new Set([...this.cells].map((name) => parted(name)[1]))].sort((a, b) => a - b);
  }

  /**
   * Selects one cell; with `add` beside what is selected, with `extend` the region up to it.
   * @param {string} row
   * @param {number} bar
   * @param {{extend?: boolean, add?: boolean}} [how]
   */
  point(row, bar, { extend = false, add = false } = {}) {
    if (extend && this.anchor) {
      this.focus = { row, bar };
      this.cells = new Set([...this.base, ...this.#region(this.anchor, this.focus)]);
    } else {
      this.base = add ? new Set(this.cells) : new Set();
      this.anchor = { row, bar };
      this.focus = { row, bar };
      const name = cell(row, bar);
      this.cells = new Set(this.base);
      if (add && this.base.has(name)) {
        this.cells.delete(name);
        this.base.delete(name);
      } else this.cells.add(name);
    }
    this.#changed();
  }

  /** Selects every cell of some rows and bars. */
  rectangle(rows, bars, add = false) {
    if (!rows.length || !bars.length) return;
    this.base = add ? new Set(this.cells) : new Set();
    this.anchor = { row: rows[0], bar: bars[0] };
    this.focus = { row: rows[rows.length - 1], bar: bars[bars.length - 1] };
    this.cells = new Set(this.base);
    for (const row of rows) for (const bar of bars) this.cells.add(cell(row, bar));
    this.#changed();
  }

  /** Moves the focus by keys. */
  move(rows, bars, extend) {
    const extent = this.extent();
    const from = this.focus ?? { row: extent.rows[0], bar: 0 };
    const at = Math.max(0, extent.rows.indexOf(from.row));
    const row = extent.rows[Math.min(extent.rows.length - 1, Math.max(0, at + rows))];
    const bar = Math.min(extent.bars - 1, Math.max(0, from.bar + bars));
    this.point(row, bar, { extend });
  }

  /** Selects nothing; the focus stays where it is. */
  clear() {
    if (!this.cells.size) return;
    this.cells = new Set();
    this.base = new Set();
    this.#changed();
  }

  /** Takes away what isn't there any more. */
  trim() {
    const { rows, bars } = this.extent();
    const known = new Set(rows);
    this.cells = new Set([...this.cells].filter((name) => {
      const [row, bar] = parted(name);
      return known.has(row) && bar < bars;
    }));
    if (this.focus && (!known.has(this.focus.row) || this.focus.bar >= bars)) this.focus = this.anchor = null;
    this.#changed();
  }

  #region(one, other) {
    const { rows } = this.extent();
    const [a, b] = [rows.indexOf(one.row), rows.indexOf(other.row)].sort((x, y) => x - y);
    const [first, last] = [one.bar, other.bar].sort((x, y) => x - y);
    const found = [];
    for (let r = a; r <= b; r += 1) for (let bar = first; bar <= last; bar += 1) found.push(cell(rows[r], bar));
    return found;
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
