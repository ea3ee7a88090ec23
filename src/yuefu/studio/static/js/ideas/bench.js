/** The bench beside the cards: the cells that a new piece begins with, and the slots in which cards are combined. */

import { h, one, put } from "../dom.js";
import { t, tn } from "../i18n.js";
import { icon } from "../icons.js";
import { announce, toast } from "../announce.js";
import { roll, SPOKEN, suits } from "./card.js";

const KEEP = "yuefu.ideas";
const MOST = 12;
export const SLOTS = ["rhythm", "chords", "melody", "groove", "mood"];
const LANES = ["words", "melody", "chords", "bass", "keys", "drums"];
const LANE_OF = { hook: "melody", motif: "melody", rhythm: "melody", progression: "chords", bass: "bass", texture: "keys", groove: "drums", lyric: "words", title: "words" };

/** The bench; "compose" and "combine" are dispatched when they are asked for. */
export class Bench extends EventTarget {
  constructor() {
    super();
    /** Cards whose notes are given. @type {any[]} */
    this.cells = [];
    /** @type {Record<string, any>} */
    this.slots = {};
    this.mood = null;
    this.#recall();
    const fold = one("#bench-fold");
    fold.addEventListener("click", () => this.unfold(fold.getAttribute("aria-expanded") !== "true"));
    one("#mix-go").addEventListener("click", () => this.dispatchEvent(new Event("combine")));
    one("#begin").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.cells.length) this.dispatchEvent(new Event("compose"));
    });
    this.#draw();
  }

  get words() {
    return one("#begin-words").value.trim();
  }

  /** Shows what is inside, where the screen is too narrow to show it always. @param {boolean} wide */
  unfold(wide) {
    one("#bench-fold").setAttribute("aria-expanded", String(wide));
    one("#bench").classList.toggle("open", wide);
  }

  /** Whether a place takes a card. @param {any} card @param {HTMLElement} place */
  takes(card, place) {
    const to = place.dataset.drop;
    return to === "piece" ? !this.#why(card) : suits(card, to);
  }

  /** @param {any} card @param {HTMLElement} place */
  drop(card, place) {
    if (place.dataset.drop === "piece") this.use(card);
    else this.mix(card, place.dataset.drop);
  }

  /** Why a card can't go into the piece; "" when it can. */
  #why(card) {
    if (this.cells.some((cell) => cell.id === card.id)) return t("ideas.piece.there");
    if (this.cells.length >= MOST) return t("ideas.piece.full", { n: MOST });
    const other = this.cells.find((cell) => !SPOKEN.includes(cell.kind) && cell.meter !== card.meter);
    if (other && !SPOKEN.includes(card.kind)) return t("ideas.piece.metre", { card: card.meter, piece: other.meter });
    return "";
  }

  /** A card's notes become given cells of the new piece. @param {any} card */
  use(card) {
    const why = this.#why(card);
    if (why) {
      toast(why);
      return false;
    }
    this.cells.push(card);
    this.#changed();
    announce(t("ideas.piece.put", { title: card.title.split("\n")[0], row: t(`ideas.lane.${LANE_OF[card.kind]}`) }));
    return true;
  }

  /** @param {any} card @param {string} slot */
  mix(card, slot) {
    if (!suits(card, slot)) return toast(t("ideas.mix.unsuited", { slot: t(`ideas.slot.${slot}`) }));
    this.slots[slot] = card;
    this.#changed();
    announce(t("ideas.mix.put", { title: card.title, slot: t(`ideas.slot.${slot}`) }));
    return undefined;
  }

  /** The point of the mood square, for the mood's slot. @param {[number, number]|null} point */
  offerMood(point) {
    this.mood = point;
    this.#draw();
  }

  /** What to combine, as the API takes it. */
  combination() {
    const { mood, ...rest } = this.slots;
    const body = Object.fromEntries(Object.entries(rest).map(([slot, card]) => [slot, card.idea]));
    if (mood) body.mood = Array.isArray(mood) ? mood : mood.idea;
    return body;
  }

  #remove(card) {
    const place = this.cells.indexOf(card);
    this.cells.splice(place, 1);
    this.#changed();
    announce(t("ideas.piece.removed", { title: card.title.split("\n")[0] }));
    (one("#lanes").querySelectorAll(".cell button")[Math.min(place, this.cells.length - 1)] || one("#begin-words")).focus();
  }

  #clear(slot) {
    delete this.slots[slot];
    this.#changed();
    one(`#slots [data-drop="${slot}"] button`)?.focus();
  }

  #changed() {
    try {
      sessionStorage.setItem(KEEP, JSON.stringify({ cells: this.cells, slots: this.slots }));
    } catch {
      // without storage the bench is empty after a reload
    }
    this.#draw();
  }

  #recall() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEEP) || "{}");
      this.cells = Array.isArray(kept.cells) ? kept.cells : [];
      this.slots = kept.slots || {};
    } catch {
      this.cells = [];
    }
  }

  #cell(card) {
    const title = card.title.split("\n")[0];
    const close = h("button", { type: "button", "aria-label": t("ideas.piece.remove", { title }), title: t("ideas.piece.remove", { title }), onClick: () => this.#remove(card) }, icon("close"));
    const inside = SPOKEN.includes(card.kind) ? h("span", { class: "cell-words" }, title)
      : card.kind === "progression" ? h("span", { class: "cell-words" }, card.chords.slice(0, 8).map((chord) => chord.roman).join(" ")) : roll(card, "cell-roll");
    return h("li", { class: "cell", style: { "flex-grow": String(Math.max(card.bars, 1)) } }, h("span", { class: "unseen" }, `${card.kind_name}: ${title}`), h("span", { class: "cell-inside", "aria-hidden": "true", title }, inside), close);
  }

  #draw() {
    put(one("#lanes"), LANES.map((lane) => {
      const own = this.cells.filter((card) => LANE_OF[card.kind] === lane);
      return h("div", { class: `lane row-${lane}${own.length ? " given" : ""}` }, h("span", { class: "lane-name" }, t(`ideas.lane.${lane}`)),
        own.length ? h("ul", { class: "lane-cells" }, own.map((card) => this.#cell(card))) : h("span", { class: "lane-free" }, h("span", {}, t("ideas.piece.free"))));
    }));
    put(one("#slots"), SLOTS.map((slot) => {
      const held = this.slots[slot];
      const name = h("span", { class: "slot-name" }, t(`ideas.slot.${slot}`));
      if (!held) {
        const offer = slot === "mood" && this.mood && h("button", { type: "button", class: "link-button", onClick: () => { this.slots.mood = this.mood; this.#changed(); } }, t("ideas.mix.from_square"));
        return h("li", { class: "slot", dataset: { drop: slot } }, name, h("span", { class: "slot-hint" }, offer || t(`ideas.slot.${slot}_hint`)));
      }
      const title = Array.isArray(held) ? t("ideas.mix.square") : held.title;
      return h("li", { class: "slot filled", dataset: { drop: slot } }, name, h("span", { class: "slot-card" }, title),
        h("button", { type: "button", class: "icon-button", "aria-label": t("ideas.mix.remove", { title, slot: t(`ideas.slot.${slot}`) }), onClick: () => this.#clear(slot) }, icon("close")));
    }));
    one("#begin-go").disabled = this.cells.length === 0;
    one("#mix-go").disabled = Object.keys(this.slots).filter((slot) => slot !== "mood").length === 0;
    one("#bench-count").textContent = this.cells.length ? tn("ideas.bench.count", this.cells.length) : t("ideas.bench.title");
  }
}
