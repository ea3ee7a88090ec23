/** Writing anew: a wish for cells becomes a job; its progress, its end, and hearing before and after. */

import { announce, toast } from "../announce.js";
import { newKey, send } from "../api.js";
import { finished } from "../jobs.js";
import { lang, t, tn } from "../i18n.js";
import { indexOf, rangesText } from "./bars.js";
import { rowsOf } from "./locks.js";
import { cell, parted } from "./selection.js";

/**
 * Events: "change" (begins, ends, moves on). `running`: {cells, fraction, message}; `trial`: what a fill has just
 * changed, to be kept or taken back: {before, after, cells, bars, hearing: "before" | "after"}.
 */
export class Fills extends EventTarget {
  /**
   * @param {import("./state.js").PieceState} state
   * @param {import("./locks.js").Locks} locks
   */
  constructor(state, locks) {
    super();
    Object.assign(this, { state, locks });
    this.running = null;
    this.trial = null;
    state.addEventListener("piece", () => {
      // Undo, an edit, another fill: the piece went on, there is nothing to decide any more.
      if (!this.trial || state.piece.head === this.trial.after) return;
      this.trial = null;
      this.#changed();
    });
  }

  /**
   * Has cells written anew; locked ones stay.
   * @param {Iterable<string>} cells "row:bar"
   * @param {{task?: "fill" | "vary", words?: string, amount?: number}} [how]
   */
  async write(cells, { task = "fill", words = "", amount } = {}) {
    if (this.running) return;
    this.keep();
    await this.state.settled();
    const { grid, piece } = this.state;
    const chosen = new Set(cells);
    const open = [...chosen].filter((name) => !this.locks.cells.has(name));
    if (!open.length) {
      toast(t("piece.fill.all_locked"));
      return;
    }
    const rows = [...new Set(open.map((name) => parted(name)[0]))];
    const bars = [...new Set(open.map((name) => parted(name)[1]))];
    // A fill is asked for as rows by bars: cells of that rectangle that weren't chosen stay as they are.
    const beside = rows.flatMap((row) => bars.map((bar) => cell(row, bar))).filter((name) => !chosen.has(name));
    const request = {
      piece: piece.id, version: piece.head, task, rows: [...new Set(rows.flatMap((row) => rowsOf(grid, row)))],
      bars: rangesText(grid, bars), locked: this.locks.asked(grid, beside), words, language: lang,
    };
    if (task === "vary" && amount !== undefined) request.amount = amount;
    const before = piece.head;
    this.running = { cells: new Set(open), fraction: 0, message: t("piece.fill.queued"), job: null };
    this.#changed();
    announce(t("piece.fill.begun"));
    try {
      const { data: job } = await send("POST", "/jobs", { kind: "fill", request }, { idempotencyKey: newKey() });
      this.running.job = job.id;
      const result = await finished(job.id, {
        onProgress: (progress) => this.#progress(progress),
        onState: (state) => {
          if (state.state === "queued" && state.position > 1) this.#progress({ fraction: 0, message: tn("piece.fill.ahead", state.position - 1) });
        },
      });
      await this.#done(before, result);
    } catch (error) {
      if (error.cancelled) announce(t("piece.fill.cancelled"));
      else toast(error.message);
    }
    this.running = null;
    this.#changed();
  }

  /** Wishes the running job away. */
  async cancel() {
    if (!this.running?.job) return;
    this.running.message = t("piece.fill.cancelling");
    this.#changed();
    await send("DELETE", `/jobs/${this.running.job}`).catch((error) => toast(error.message));
  }

  /** Lets the other version be heard and seen. @param {"before" | "after"} which */
  async hear(which) {
    if (!this.trial || this.trial.hearing === which) return;
    this.trial.hearing = which;
    this.#changed();
    await this.state.show(which === "before" ? this.trial.before : this.trial.after);
  }

  /** What was written stays. */
  keep() {
    if (!this.trial) return;
    const { hearing, after } = this.trial;
    this.trial = null;
    this.#changed();
    if (hearing === "before") this.state.show(after);
  }

  /** What was written goes. */
  async back() {
    if (!this.trial) return;
    const { before } = this.trial;
    this.trial = null;
    this.#changed();
    await this.state.setHead(before);
  }

  async #done(before, result) {
    await this.state.reload();
    const { grid } = this.state;
    const cells = new Set();
    for (const [row, numbers] of Object.entries(result.changed ?? {})) {
      const ids = row === "chords" ? ["chords"] : grid.parts.filter((part) => part.id === row || part.row === row || part.rows?.includes(row)).map((part) => part.id);
      for (const id of ids) for (const number of numbers) cells.add(cell(id, indexOf(grid, number)));
    }
    const bars = new Set([...cells].map((name) => parted(name)[1]));
    this.trial = { before, after: result.version, cells, bars: bars.size, hearing: "after" };
    announce(tn("piece.fill.done", bars.size));
  }

  #progress(progress) {
    if (!this.running) return;
    if (progress.fraction !== undefined && progress.fraction !== null) this.running.fraction = Math.max(this.running.fraction, progress.fraction);
    this.running.message = progress.seconds_left
      ? t("piece.fill.left", { n: Math.max(1, Math.round(progress.seconds_left)) })
      : t("piece.fill.writing");
    if (progress.message && !progress.stage) this.running.message = progress.message;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
