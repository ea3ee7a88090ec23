/** The piece that the page shows: what the server holds of it, and edits on their way there. */

import { announce, toast } from "../announce.js";
import { get, send } from "../api.js";
import { t } from "../i18n.js";
import { applyLocally } from "./local_edits.js";

const GATHER = 400; // milliseconds in which one gesture's edits become one version

/**
 * Events: "grid" (what is drawn changed), "playback" (what sounds changed), "piece" (title, tags, head ...),
 * "busy" (something is on its way or came back).
 */
export class PieceState extends EventTarget {
  /** @param {string} id */
  constructor(id) {
    super();
    this.id = id;
    this.piece = null;
    this.version = null;
    this.grid = null;
    this.playback = null;
    this.etag = null;
    /** @type {any[]} */
    this.pending = [];
    /** @type {any[]} */
    this.sending = [];
    this.temporary = -1;
    this.timer = 0;
    this.shown = 0; // counts what was asked for, so that a late answer can't undo a newer one
    this.work = Promise.resolve();
  }

  /** Whether anything isn't saved yet. */
  get busy() {
    return this.pending.length > 0 || this.sending.length > 0;
  }

  /** Loads the piece and its newest version. */
  async open() {
    const { data, etag } = await get(`/pieces/${this.id}`);
    this.#take(data, etag);
    await this.show(data.head);
  }

  /**
   * Shows a version without making it the head ("hear before").
   * @param {number} number
   */
  async show(number) {
    const asked = ++this.shown;
    const path = `/pieces/${this.id}/versions/${number}`;
    const [grid, playback, version] = await Promise.all([get(`${path}/grid`), get(`${path}/playback`), get(path)]);
    if (asked !== this.shown) return;
    this.version = version.data;
    this.served = grid.data;
    this.playback = playback.data;
    this.#redraw();
    this.#tell("playback");
    this.#tell("piece");
  }

  /** A new note's number until the server gives it one. */
  nextTemporary() {
    this.temporary -= 1;
    return this.temporary;
  }

  /**
   * Edits the piece: drawn at once, saved together with what follows within a moment.
   * @param {any[]} edits
   * @returns {Promise<boolean>} whether it was saved
   */
  edit(edits) {
    for (const edit of edits) this.#gather(edit);
    this.#redraw();
    this.#tell("busy");
    clearTimeout(this.timer);
    return new Promise((resolve) => {
      this.waiters = [...(this.waiters ?? []), resolve];
      this.timer = setTimeout(() => this.flush(), GATHER);
    });
  }

  /** Saves what is pending now. */
  flush() {
    clearTimeout(this.timer);
    this.work = this.work.then(() => this.#save());
    return this.work;
  }

  /** Waits until nothing is on its way any more. */
  async settled() {
    await this.flush();
  }

  /**
   * Makes another version the one that is shown: undo, redo, going back.
   * @param {number} number
   */
  async setHead(number) {
    await this.settled();
    try {
      const { data, etag } = await send("PUT", `/pieces/${this.id}/head`, { version: number }, { etag: this.etag });
      this.#take(data, etag);
      await this.show(number);
      return true;
    } catch (error) {
      await this.#failed(error);
      return false;
    }
  }

  /** One step back along the tree of versions. */
  async undo() {
    await this.settled();
    const heard = this.version?.number !== this.piece.head; // "hear before": undo stays with what is heard
    const parent = heard ? this.version?.number : this.version?.parent;
    if (!parent) {
      announce(t("piece.undo_none"));
      return;
    }
    if (await this.setHead(parent)) announce(t("piece.undone"));
  }

  /** One step forward again, to where undo came from. */
  async redo() {
    await this.settled();
    const next = this.version?.redo;
    if (!next) {
      announce(t("piece.redo_none"));
      return;
    }
    if (await this.setHead(next)) announce(t("piece.redone"));
  }

  /**
   * Changes title, tags, or the like.
   * @param {{title?: string, tags?: string[], liked?: boolean}} change
   */
  async change(change) {
    await this.settled();
    try {
      const { data, etag } = await send("PATCH", `/pieces/${this.id}`, change, { etag: this.etag });
      this.#take(data, etag);
      this.#tell("piece");
    } catch (error) {
      await this.#failed(error);
    }
  }

  /** Takes in what a job of the server's has made of the piece. */
  async reload() {
    const { data, etag } = await get(`/pieces/${this.id}`);
    this.#take(data, etag);
    await this.show(data.head);
  }

  async #save() {
    if (!this.pending.length) return;
    const waiters = this.waiters ?? [];
    this.waiters = [];
    this.sending = this.pending;
    this.pending = [];
    const edits = this.sending.map(({ temporary, ...edit }) => edit);
    try {
      const { data, etag } = await send("POST", `/pieces/${this.id}/versions`, { edits, base: this.version.number }, { etag: this.etag });
      this.#take(data, etag);
      const added = this.sending.filter((edit) => edit.op === "add_note");
      const path = `/pieces/${this.id}/versions/${data.head}`;
      const [grid, playback] = await Promise.all([get(`${path}/grid`), get(`${path}/playback`)]);
      this.sending = [];
      this.shown += 1;
      this.version = data.version;
      this.served = grid.data;
      this.playback = playback.data;
      this.#rename(added);
      this.#redraw();
      this.#tell("playback");
      this.#tell("piece");
      for (const done of waiters) done(true);
    } catch (error) {
      this.sending = [];
      this.pending = [];
      for (const done of waiters) done(false);
      await this.#failed(error);
    }
    this.#tell("busy");
  }

  /** Edits to notes that the server doesn't know yet go into the edit that adds them. */
  #gather(edit) {
    if (edit.op === "change_note" && edit.id < 0) {
      const adding = this.pending.find((each) => each.op === "add_note" && each.temporary === edit.id);
      if (adding) {
        const { op, id, ...change } = edit;
        Object.assign(adding, change);
        return;
      }
    }
    if (edit.op === "change_note") {
      const before = this.pending.find((each) => each.op === "change_note" && each.id === edit.id);
      if (before) {
        Object.assign(before, edit);
        return;
      }
    }
    if (edit.op === "delete_notes") {
      const own = new Set(edit.ids.filter((id) => id < 0));
      this.pending = this.pending.filter((each) => !(each.op === "add_note" && own.has(each.temporary)));
      const sent = new Set(this.sending.map((each) => each.temporary));
      const ids = edit.ids.filter((id) => id > 0 || sent.has(id));
      if (ids.length) this.pending.push({ ...edit, ids });
      return;
    }
    this.pending.push(edit);
  }

  /** Notes that were added under a number of the page's have the server's now. */
  #rename(added) {
    for (const edit of added) {
      const part = this.served.parts.find((each) => each.id === edit.part);
      const note = part?.notes.find((each) => each[1] === edit.start && each[3] === edit.pitch);
      if (!note) continue;
      for (const waiting of this.pending) {
        if (waiting.id === edit.temporary) waiting.id = note[0];
        if (waiting.ids) waiting.ids = waiting.ids.map((id) => (id === edit.temporary ? note[0] : id));
      }
      this.dispatchEvent(new CustomEvent("renamed", { detail: { from: edit.temporary, to: note[0] } }));
    }
    this.pending = this.pending.filter((edit) => !(edit.id < 0));
  }

  #redraw() {
    const grid = structuredClone(this.served);
    for (const edit of [...this.sending, ...this.pending]) applyLocally(grid, edit);
    this.grid = grid;
    this.#tell("grid");
  }

  async #failed(error) {
    if (error.status === 412 || error.status === 409) toast(t("piece.conflict"));
    else toast(error.message);
    try {
      await this.reload();
    } catch (again) {
      toast(again.message);
    }
  }

  #take(piece, etag) {
    const { version, ...rest } = piece;
    this.piece = rest;
    this.etag = etag ?? rest.etag;
  }

  #tell(event) {
    this.dispatchEvent(new Event(event));
  }
}
