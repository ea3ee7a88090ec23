/** The page of a piece: everything put together. */

import { announce, toast } from "../announce.js";
import { on, one } from "../dom.js";
import { t, tn } from "../i18n.js";
import { mixingDesk } from "../sound/context.js";
import { Player } from "../sound/player.js";
import { Ear, tell } from "../telling.js";
import { Actions, unlocked } from "./actions.js";
import { rangesText } from "./bars.js";
import { catalogue, partLabel } from "./catalogue.js";
import { editChords } from "./chord_field.js";
import { Editor } from "./editor.js";
import { Fills } from "./fill.js";
import { GridView } from "./grid_view.js";
import { Heading } from "./heading.js";
import { History } from "./history.js";
import { Locks } from "./locks.js";
import { Mix } from "./mix.js";
import { partHead } from "./part_head.js";
import { addPart, openPart } from "./part_sheet.js";
import { Report } from "./report.js";
import { Selection, parted } from "./selection.js";
import { Sheets } from "./sheets.js";
import { listenToKeys } from "./shortcuts.js";
import { PieceState } from "./state.js";
import { Tabs } from "./tabs.js";
import { Transport } from "./transport.js";

const WIDTHS = [36, 52, 72, 104, 148];

class Page {
  async begin() {
    const root = one("#piece");
    const id = root.dataset.piece;
    this.state = new PieceState(id);
    this.player = new Player();
    this.locks = new Locks(id);
    this.dialog = one("#piece-dialog");
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.dialog.close(); });
    const [models] = await Promise.all([catalogue(), this.state.open()]);
    this.context = { models, state: this.state, player: this.player, sheet: (part) => openPart(this.dialog, part, this.context) };
    this.selection = new Selection(() => ({ rows: this.view.rows, bars: this.state.grid.bars.length }));
    this.view = new GridView(one("#grid-scroll"), {
      selection: this.selection, locks: this.locks, head: (part) => partHead(part, this.context), name: (part) => partLabel(models, part),
      open: (row, bar) => this.openCell(row, bar), words: (part, bar) => this.openWords(part, bar),
    });
    this.fills = new Fills(this.state, this.locks);
    this.transport = new Transport(one("#transport"), this.state, this.player);
    this.editor = new Editor(one("#editor"), this.state, this.player, (part) => this.nameOf(part));
    this.heading = new Heading(one("#piece-head"), this.state, models);
    this.score = new Sheets(one("#panel-score"), "score", this);
    this.jianpu = new Sheets(one("#panel-jianpu"), "jianpu", this);
    this.mix = new Mix(one("#panel-mix"), this);
    this.report = new Report(one("#report"), this);
    this.history = new History(one("#panel-history"), this);
    this.actions = new Actions(one("#actions"), this);
    this.tabs = new Tabs(one("#piece-tabs"));
    this.#connect();
    this.#showGrid();
    this.#showPlayback();
    this.heading.draw();
    this.actions.draw();
    this.tabs.begin();
    listenToKeys(this);
    root.classList.remove("is-loading");
    root.setAttribute("aria-busy", "false");
  }

  /** What a part is called. @param {string} id */
  nameOf(id) {
    const part = this.state.grid.parts.find((each) => each.id === id);
    return part && partLabel(this.context.models, part);
  }

  /** Locks the selection, or frees it. */
  lock() {
    if (this.selection.empty) return;
    const count = this.selection.cells.size;
    announce(tn(this.locks.toggle(this.selection.cells) ? "piece.locked" : "piece.unlocked", count));
  }

  regenerate(words = this.actions.words) {
    if (!this.selection.empty) this.fills.write(this.selection.cells, { words: words.trim() });
  }

  vary(amount = this.actions.amount) {
    const cells = [...this.selection.cells].filter((name) => parted(name)[0] !== "chords");
    if (cells.length) this.fills.write(cells, { task: "vary", amount, words: this.actions.words.trim() });
  }

  regenerateRest(words = "") {
    this.fills.write(unlocked(this.view.rows.filter((row) => row !== "chords"), this.state.grid, this.locks), { words: words.trim() });
  }

  /** Empties the selected cells, but for locked ones. */
  async clear() {
    if (this.selection.empty) return;
    const open = [...this.selection.cells].filter((name) => !this.locks.cells.has(name));
    if (!open.length) {
      toast(t("piece.fill.all_locked"));
      return;
    }
    const byRow = new Map();
    for (const name of open) {
      const [row, bar] = parted(name);
      byRow.set(row, [...(byRow.get(row) ?? []), bar]);
    }
    const edits = [...byRow].map(([row, bars]) => ({ op: "clear", [row === "chords" ? "rows" : "parts"]: [row], bars: rangesText(this.state.grid, bars) }));
    const saved = this.state.edit(edits);
    announce(tn("piece.cleared", open.length));
    await saved;
  }

  /** Plays the selected bars again and again; once more: no longer. */
  loopSelection() {
    const { bars } = this.selection;
    if (!bars.length) return;
    const [first, last] = [bars[0], bars[bars.length - 1]];
    const { loopBars } = this.transport;
    if (loopBars && loopBars[0] === first && loopBars[1] === last) this.transport.loop(null);
    else {
      this.transport.loop(first, last);
      if (!this.transport.source.playing) this.transport.source.play(this.player.clock.second(this.state.grid.bars[first].start));
    }
  }

  openSelection() {
    const { focus, bars, rows } = this.selection;
    if (!focus) return;
    if (rows.length === 1 && rows[0] === "chords") editChords(this, bars);
    else if (focus.row === "chords") editChords(this, [focus.bar]);
    else {
      const own = [...this.selection.cells].map(parted).filter(([row]) => row === focus.row).map(([, bar]) => bar);
      this.editor.show(focus.row, Math.min(...own, focus.bar), Math.max(...own, focus.bar));
    }
  }

  openCell(row, bar) {
    if (row === "chords") editChords(this, [bar]);
    else this.editor.show(row, bar, bar);
  }

  openWords(part, bar) {
    openWordsDialog(this, part, bar);
  }

  toggle(what) {
    for (const row of this.selection.rows) one(`[data-${what}="${CSS.escape(row)}"]`)?.click();
  }

  /** Goes to the grid and shows some bars there, selected. */
  showBars(first, last) {
    this.tabs.choose("grid");
    const part = this.state.grid.parts.find((each) => each.syllables.length) ?? this.state.grid.parts[0];
    this.selection.rectangle([part.id], Array.from({ length: last - first + 1 }, (_, index) => first + index));
    this.view.reveal(part.id, last, false);
    this.view.reveal(part.id, first);
    this.transport.seekTick(this.state.grid.bars[first].start);
  }

  /** The mix plays while its tab is open and it is there, the page's own player else. */
  chooseSource() {
    const wanted = this.tabs.chosen === "mix" && this.mix.ready ? this.mix.source : this.player;
    if (this.transport.source !== wanted) this.transport.use(wanted);
  }

  #showGrid() {
    const { grid } = this.state;
    const trial = this.fills.trial;
    this.view.changed = trial?.cells ?? new Set();
    this.view.writing = this.fills.running?.cells ?? new Set();
    this.view.show(grid);
    this.selection.trim();
    this.editor.refresh();
  }

  #showPlayback() {
    this.player.load(this.state.playback);
    this.transport.refresh();
  }

  #connect() {
    const { state, fills, transport, tabs } = this;
    this.#listenAlong();
    state.addEventListener("grid", () => this.#showGrid());
    state.addEventListener("playback", () => {
      this.#showPlayback();
      this.#showTab();
    });
    fills.addEventListener("change", () => {
      this.view.changed = fills.trial?.cells ?? new Set();
      this.view.writing = fills.running?.cells ?? new Set();
      this.view.mark();
    });
    transport.addEventListener("time", (event) => this.#move(event.detail));
    transport.addEventListener("wantloop", () => {
      const { bars } = this.selection;
      const { bar } = this.place ?? { bar: 0 };
      const section = state.grid.bars[bar].section;
      if (bars.length) transport.loop(bars[0], bars[bars.length - 1]);
      else if (section !== null && section !== undefined) {
        const own = state.grid.bars.flatMap((each, index) => (each.section === section ? [index] : []));
        transport.loop(own[0], own[own.length - 1]);
      } else transport.loop(bar);
    });
    transport.addEventListener("loop", () => this.#markLoop());
    // A click on a bar's number or a section goes there, too.
    on(one("#grid-scroll"), "click", ".grid-number", (event, number) => { if (!event.shiftKey) transport.seekTick(state.grid.bars[Number(number.dataset.bar)].start); });
    on(one("#grid-scroll"), "click", ".grid-section", (event, section) => transport.seekTick(state.grid.bars[Number(section.dataset.first)].start));
    this.selection.addEventListener("change", () => {
      const { focus } = this.selection;
      if (this.selection.cells.size === 1 && focus && !this.transport.source.playing) transport.seekTick(state.grid.bars[focus.bar].start);
    });
    this.editor.addEventListener("close", () => {
      one("#grid-panel-body").hidden = false;
      const { focus } = this.selection;
      if (focus) this.view.reveal(focus.row, focus.bar);
    });
    tabs.addEventListener("change", () => this.#showTab());
    on(one("#piece-add-part"), "click", () => addPart(this.dialog, this.context));
    let width = Number(sessionStorage.getItem("yuefu.zoom")) || (window.innerWidth < 640 ? 1 : 2);
    const zoom = (by) => {
      width = Math.max(0, Math.min(WIDTHS.length - 1, width + by));
      sessionStorage.setItem("yuefu.zoom", String(width));
      this.view.zoom(WIDTHS[width]);
      this.#markLoop();
    };
    on(one("#grid-wider"), "click", () => zoom(1));
    on(one("#grid-narrower"), "click", () => zoom(-1));
    one("#grid-scroll").style.setProperty("--bar", `${WIDTHS[width]}px`);
    const extend = one("#grid-extend");
    on(extend, "click", () => {
      this.view.extending = !this.view.extending;
      extend.setAttribute("aria-pressed", String(this.view.extending));
    });
    const foot = one(".piece-foot");
    new ResizeObserver(() => document.body.style.setProperty("--foot", `${foot.offsetHeight}px`)).observe(foot);
    for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());
    window.addEventListener("beforeunload", (event) => { if (state.busy) event.preventDefault(); });
    window.addEventListener("pagehide", () => this.transport.source.pause());
  }

  /** A piece is worked on here: what counts is that it is heard for a while, to its end, again; leaving says nothing. */
  #listenAlong() {
    const item = `piece:${this.state.id}`;
    const ear = new Ear({ skips: false, least: 5 });
    this.state.addEventListener("playback", () => { ear.duration = this.state.playback.duration; });
    ear.begin(item, this.state.playback.duration);
    this.transport.addEventListener("time", ({ detail }) => ear.hear(detail.second, detail.playing));
    this.heading.like.addEventListener("click", () => { if (!this.state.piece.liked) tell("like", item); });
    on(one("#panel-mix"), "click", "a[download]", () => tell("save", item));
  }

  #showTab() {
    this.chooseSource();
    const { chosen } = this.tabs;
    document.body.dataset.tab = chosen;
    if (chosen === "grid") this.view.zoom(Number.parseFloat(one("#grid-scroll").style.getPropertyValue("--bar")));
    else this[chosen].show();
    if (this.place) this.#move({ ...this.place, playing: this.transport.source.playing });
  }

  #move({ second, tick, bar, playing }) {
    this.place = { second, tick, bar };
    const { chosen } = this.tabs;
    if (chosen === "grid") {
      this.view.moveCursor(tick, bar, playing);
      this.editor.moveCursor(tick);
    } else if (chosen === "score" || chosen === "jianpu") this[chosen].light(this.#sounding(tick, bar), playing);
    else if (chosen === "mix") this.mix.moveCursor(second);
  }

  /** The notes that sound at a tick. */
  #sounding(tick, bar) {
    const ids = [];
    for (const notes of this.view.notes.values()) for (const note of notes[bar] ?? []) if (note[1] <= tick && note[1] + note[2] > tick) ids.push(note[0]);
    return ids;
  }

  #markLoop() {
    const { loopBars } = this.transport;
    this.view.numbers?.forEach((element, index) => element.classList.toggle("is-looped", Boolean(loopBars) && index >= loopBars[0] && index <= loopBars[1]));
  }
}

async function openWordsDialog(page, part, bar) {
  const { openWords } = await import("./words_dialog.js");
  openWords(page.dialog, page.state, part, bar, async (edits) => {
    const saved = page.state.edit(edits);
    page.state.flush();
    return saved;
  });
}

const page = new Page();
page.begin().catch((error) => {
  console.error(error);
  one("#piece").classList.add("is-broken");
  toast(error.message);
});
// For tests and for the curious: what plays can be looked at from the console.
window.yuefu = { page, meter: () => mixingDesk().meter };
