/** An opened cell: some bars of one part as a big piano roll. */

import { announce } from "../announce.js";
import { h, on, one, put } from "../dom.js";
import { t, tn } from "../i18n.js";
import { colour, onTheme } from "../theme.js";
import { rangesText } from "./bars.js";
import { editorKey } from "./editor_keys.js";
import { NoteList } from "./note_list.js";
import { drawKeys, drawRoll, drawVelocities } from "./roll_draw.js";
import { RollGeometry } from "./roll_geometry.js";
import { RollGestures } from "./roll_gestures.js";

const VELOCITY = 72; // pixels of the lane

export class Editor extends EventTarget {
  /**
   * @param {HTMLElement} root
   * @param {import("./state.js").PieceState} state
   * @param {import("../sound/player.js").Player} player
   * @param {(part: string) => string} nameOf what a part is called
   */
  constructor(root, state, player, nameOf) {
    super();
    Object.assign(this, { root, state, player, nameOf });
    this.roll = one("#editor-roll", root);
    this.keys = one("#editor-keys", root);
    this.velocities = one("#editor-velocities", root);
    this.scroll = one("#editor-frame", root);
    this.cursor = one("#editor-cursor", root);
    this.heads = one("#editor-bars", root);
    this.open = false;
    this.tool = "draw";
    this.snap = 12;
    this.length = 24;
    this.velocity = 84;
    this.ghosts = true;
    /** @type {Set<number>} */
    this.selected = new Set();
    this.draft = null;
    this.box = null;
    this.list = new NoteList(one("#editor-list", root), this);
    new RollGestures(this);
    this.#listen();
  }

  /**
   * Opens bars of a part.
   * @param {string} partId
   * @param {number} first index of a bar
   * @param {number} last
   */
  show(partId, first, last = first) {
    this.partId = partId;
    this.first = first;
    this.last = last;
    this.open = true;
    this.selected = new Set();
    this.root.hidden = false;
    this.scrolled = false;
    this.#guessSnap();
    this.refresh();
    this.roll.focus({ preventScroll: true });
    announce(t("piece.editor.opened", { part: this.nameOf(partId), bars: this.#barsText() }));
  }

  close() {
    if (!this.open) return;
    this.open = false;
    this.root.hidden = true;
    this.dispatchEvent(new Event("close"));
  }

  /** The grid may have changed: draw it anew. */
  refresh() {
    if (!this.open) return;
    const { grid } = this.state;
    const part = this.part;
    if (!part || this.first >= grid.bars.length) {
      this.close();
      return;
    }
    this.last = Math.min(this.last, grid.bars.length - 1);
    one("#editor-title", this.root).textContent = `${this.nameOf(part.id)} · ${this.#barsText()}`;
    one("#editor-back-bar", this.root).disabled = this.first === 0;
    one("#editor-next-bar", this.root).disabled = this.last === grid.bars.length - 1;
    const width = this.scroll.clientWidth - this.keys.parentElement.offsetWidth;
    const height = Math.max(220, window.innerHeight - this.scroll.getBoundingClientRect().top - VELOCITY - 140);
    this.view = new RollGeometry(grid, part, this.first, this.last, { width, height, velocity: VELOCITY, keys: 64 });
    this.working = null;
    const known = new Set(part.notes.map((note) => note[0]));
    this.selected = new Set([...this.selected].filter((id) => known.has(id)));
    put(this.heads, ...grid.bars.slice(this.first, this.last + 1).map((bar) => h("span", { style: { left: `${this.view.x(bar.start)}px` } }, String(bar.number))));
    this.heads.style.width = `${this.view.width}px`;
    this.draw();
    this.list.show();
    if (!this.scrolled) {
      this.scrolled = true;
      const middle = this.notes.length ? this.notes[Math.floor(this.notes.length / 2)][3] : this.view.pitches[Math.floor(this.view.pitches.length / 2)];
      this.scroll.scrollTop = this.view.y(middle) - (this.scroll.clientHeight - VELOCITY) / 2;
    }
  }

  get part() {
    return this.state.grid?.parts.find((part) => part.id === this.partId);
  }

  /** The notes that are drawn, those being moved as they are in the hand. */
  get notes() {
    if (this.working) return this.working;
    return this.part.notes.filter((note) => note[1] < this.view.end && note[1] + note[2] > this.view.start);
  }

  /** The selected notes. */
  get chosen() {
    return this.notes.filter((note) => this.selected.has(note[0]));
  }

  draw() {
    if (!this.view) return;
    const ghosts = this.ghosts
      ? this.state.grid.parts.filter((part) => part.id !== this.partId && !part.is_drums && !this.part.is_drums)
        .map((part) => ({ ink: colour(`--row-${part.row}`), notes: part.notes.filter((note) => note[1] < this.view.end && note[1] + note[2] > this.view.start) }))
      : [];
    const notes = this.draft ? [...this.notes, this.draft] : this.notes;
    drawRoll(this.roll, this.view, { notes, selected: this.selected, ghosts, snap: this.snap, box: this.box });
    drawKeys(this.keys, this.view, new Set(this.chosen.map((note) => note[3])));
    drawVelocities(this.velocities, this.view, notes, this.selected);
  }

  /** @param {number[]} ids */
  select(ids) {
    this.selected = new Set(ids);
    this.draw();
    this.list.mark();
  }

  /** Notes shown as they would be, until they are let go. */
  tentative(changed) {
    const by = new Map(changed.map((note) => [note[0], note]));
    this.working = this.part.notes.map((note) => by.get(note[0]) ?? note).filter((note) => note[1] < this.view.end && note[1] + note[2] > this.view.start);
    this.draw();
  }

  /** What was tentative becomes an edit. @param {any[]} originals */
  commit(originals) {
    const now = new Map((this.working ?? []).map((note) => [note[0], note]));
    this.working = null;
    const edits = [];
    for (const before of originals) {
      const after = now.get(before[0]);
      if (!after) continue;
      const change = {};
      ["start", "duration", "pitch", "velocity"].forEach((name, index) => {
        if (after[index + 1] !== before[index + 1]) change[name] = after[index + 1];
      });
      if (Object.keys(change).length) edits.push({ op: "change_note", id: before[0], ...change });
    }
    if (edits.length) this.state.edit(edits);
    else this.draw();
  }

  /** Changes the selected notes by a function of each. */
  change(how) {
    const originals = this.chosen.map((note) => [...note]);
    if (!originals.length) return;
    this.tentative(originals.map((note) => how([...note])));
    this.commit(originals);
  }

  /** @param {[number, number, number, number, number]} note without a number yet */
  add([, start, duration, pitch, velocity]) {
    const limit = this.state.grid.length;
    if (start >= limit) return;
    const temporary = this.state.nextTemporary();
    this.length = duration;
    this.selected = new Set([temporary]);
    this.state.edit([{ op: "add_note", part: this.partId, start, duration: Math.min(duration, limit - start), pitch, velocity, temporary }]);
  }

  /** @param {number[]} ids */
  remove(ids) {
    if (!ids.length) return;
    this.selected = new Set();
    this.state.edit([{ op: "delete_notes", ids }]);
    announce(tn("piece.editor.deleted", ids.length));
  }

  sound(pitch, velocity = this.velocity) {
    this.player.note(this.part.is_drums ? "drums" : this.part.program, pitch, velocity);
  }

  snapDown(tick) {
    return this.snap ? Math.floor(tick / this.snap) * this.snap : Math.floor(tick);
  }

  snapUp(tick) {
    return this.snap ? Math.ceil(tick / this.snap) * this.snap : Math.ceil(tick);
  }

  snapNear(tick) {
    return this.snap ? Math.round(tick / this.snap) * this.snap : Math.round(tick);
  }

  /** Where the music is. */
  moveCursor(tick) {
    if (!this.open || !this.view) return;
    const inside = tick >= this.view.start && tick < this.view.end;
    this.cursor.hidden = !inside;
    if (!inside) return;
    const x = this.view.x(tick);
    this.cursor.style.transform = `translateX(${x}px)`;
    const { scrollLeft } = this.scroll;
    const seen = this.scroll.clientWidth - this.keys.parentElement.offsetWidth;
    if (this.player.playing && (x < scrollLeft || x > scrollLeft + seen)) this.scroll.scrollLeft = x - 40;
  }

  /** Other bars of the same part. @param {number} by */
  step(by) {
    const count = this.last - this.first + 1;
    const most = this.state.grid.bars.length;
    const first = Math.max(0, Math.min(most - count, this.first + by * count));
    this.show(this.partId, first, first + count - 1);
  }

  #barsText() {
    const indices = Array.from({ length: this.last - this.first + 1 }, (_, index) => this.first + index);
    const bars = rangesText(this.state.grid, indices).replace("-", "–");
    return t(indices.length === 1 ? "piece.bar" : "piece.bars", { bars });
  }

  /** The step of the raster that the music itself goes by. */
  #guessSnap() {
    const starts = this.part.notes.map((note) => note[1]);
    this.snap = starts.length && starts.some((tick) => tick % 12) ? (starts.filter((tick) => tick % 6).length > starts.length / 8 ? 8 : 6) : 12;
    one("#editor-snap", this.root).value = String(this.snap);
    const lengths = this.part.notes.map((note) => note[2]).sort((a, b) => a - b);
    this.length = this.part.is_drums ? 6 : this.snapNear(lengths[Math.floor(lengths.length / 2)] ?? 24) || this.snap || 12;
  }

  #listen() {
    const { root } = this;
    on(one("#editor-close", root), "click", () => this.close());
    on(one("#editor-back-bar", root), "click", () => this.step(-1));
    on(one("#editor-next-bar", root), "click", () => this.step(1));
    on(one("#editor-wider", root), "click", () => this.show(this.partId, Math.max(0, this.first - 1), Math.min(this.state.grid.bars.length - 1, this.last + 1)));
    const snap = one("#editor-snap", root);
    snap.addEventListener("change", () => {
      this.snap = Number(snap.value);
      this.draw();
    });
    on(root, "click", "[data-tool]", (event, button) => {
      this.tool = button.dataset.tool;
      for (const each of root.querySelectorAll("[data-tool]")) each.setAttribute("aria-pressed", String(each === button));
    });
    const ghosts = one("#editor-ghosts", root);
    ghosts.addEventListener("click", () => {
      this.ghosts = !this.ghosts;
      ghosts.setAttribute("aria-pressed", String(this.ghosts));
      this.draw();
    });
    this.roll.addEventListener("keydown", (event) => editorKey(this, event));
    this.state.addEventListener("renamed", (event) => {
      const { from, to } = event.detail;
      if (this.selected.delete(from)) this.selected.add(to);
    });
    window.addEventListener("resize", () => this.refresh());
    onTheme(() => this.draw());
  }
}
