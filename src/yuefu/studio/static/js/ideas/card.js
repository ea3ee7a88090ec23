/** A card: what an idea looks and sounds like, where it is from, whether it may be used, and what can be done with it. */

import { h, put } from "../dom.js";
import { t, tn } from "../i18n.js";
import { icon } from "../icons.js";
import { keyName } from "../compose/names.js";
import { onTheme } from "../theme.js";
import { drawCard } from "./picture.js";
import { menu } from "./menu.js";

/** Kinds of words alone. */
export const SPOKEN = ["lyric", "title"];
const TURNS = ["invert", "retrograde", "augment", "diminish", "sequence", "transpose", "continue", "morph"];
const KEYS = ["C", "G", "D", "A", "E", "B", "F#", "Db", "Ab", "Eb", "Bb", "F"];
const DOTS = 5;
const ROOM = 24; // characters of numerals in a card's width
/** @type {WeakMap<Element, any>} */
const cards = new WeakMap();
const watched = new ResizeObserver((entries) => entries.forEach(({ target }) => drawCard(target, cards.get(target))));
onTheme(() => document.querySelectorAll(".card-roll, .cell-roll").forEach((canvas) => drawCard(canvas, cards.get(canvas))));

/** A card's roll on a canvas of its own, drawn whenever its size or its colours change. @param {any} card @param {string} kind */
export function roll(card, kind = "card-roll") {
  const canvas = h("canvas", { class: kind, width: 1, height: 1, "aria-hidden": "true" });
  cards.set(canvas, card);
  watched.observe(canvas);
  return canvas;
}

/** What can be combined as what. @param {any} card @param {string} slot */
export function suits(card, slot) {
  if (slot === "mood") return !SPOKEN.includes(card.kind);
  if (slot === "chords") return card.chords.length > 0;
  if (slot === "groove") return card.notes.some((note) => note[0] === "drums");
  if (slot === "melody") return card.notes.some((note) => !["drums", "bass"].includes(note[0])) && card.kind !== "rhythm";
  return card.notes.length > 0;
}

/** The turns that a card can take. @param {any} card */
function turnsOf(card) {
  if (card.kind === "progression") return TURNS.filter((how) => !["invert", "morph"].includes(how));
  if (card.kind === "groove") return TURNS.filter((how) => !["invert", "sequence", "transpose"].includes(how));
  if (card.kind === "rhythm") return ["retrograde", "augment", "diminish"];
  if (card.kind === "texture") return TURNS.filter((how) => how !== "morph");
  return TURNS;
}

/** The name of a card's next key, a fifth up: where "another key" leads. @param {any} card */
export function nextKey(card) {
  const [tonic, mode] = card.key.split(" ");
  return `${KEYS[(KEYS.indexOf(tonic) + 1) % KEYS.length] || "C"} ${mode || "major"}`;
}

function numerals(card) {
  const whole = card.roll.quarters || 1;
  const columns = card.chords.map((chord) => `minmax(0, ${Math.max(chord.duration / whole, 0.01)}fr)`).join(" ");
  return h("ol", { class: ["numerals", card.chords.length > 8 && "many"], style: { "grid-template-columns": columns } },
    card.chords.map((chord) => h("li", { class: (chord.duration / whole) * ROOM < chord.roman.length && "tight" }, h("b", {}, chord.roman), h("span", {}, chord.symbol))));
}

function picture(card) {
  if (card.kind === "title") return h("p", { class: "card-words card-name" }, card.text);
  if (card.kind === "lyric") return h("p", { class: "card-words" }, card.text.split("\n").map((line) => [line, h("br")]));
  return h("div", { class: "card-picture" },
    card.kind === "progression" && card.chords.length > 0 && numerals(card),
    h("div", { class: "card-sheet" }, roll(card), h("span", { class: "card-cursor", hidden: true })));
}

function facts(card) {
  if (SPOKEN.includes(card.kind)) return "";
  const pitched = !["rhythm", "groove"].includes(card.kind) && keyName(card.key);
  return [tn("common.bars", card.bars), card.meter, `♩ = ${Math.round(card.tempo)}`, pitched].filter(Boolean).join(" · ");
}

/** How much it stands out, how unusual it is, how often it is heard: as far as it was measured. */
function worth(card) {
  const { salience, z, heard, pieces } = card.facts;
  const told = [];
  if (z !== undefined) told.push(h("span", { class: "worth-z" }, t("ideas.card.unusual", { z: `${z < 0 ? "−" : "+"}${Math.abs(z).toFixed(1)}` })));
  if (pieces > 1) told.push(h("span", {}, tn("ideas.card.pieces", pieces)));
  else if (heard > 1) told.push(h("span", {}, tn("ideas.card.heard", heard)));
  if (salience > 0 && !SPOKEN.includes(card.kind)) {
    const full = Math.max(1, Math.round(Math.min(1, salience) * DOTS));
    told.push(h("span", { class: "dots" }, h("span", { class: "unseen" }, t("ideas.card.salience", { n: full, of: DOTS })),
      h("span", { class: "dot-row", "aria-hidden": "true", title: t("ideas.card.salience", { n: full, of: DOTS }) }, Array.from({ length: DOTS }, (_, index) => h("i", { class: index < full ? "full" : "" })))));
  }
  return told.length ? h("p", { class: "card-worth" }, told) : null;
}

function rights(card) {
  const free = card.source.free;
  const kind = free === true ? "free" : free === false ? "unfree" : "asked";
  return h("p", { class: `card-rights ${kind}` }, h("span", { class: "badge" }, t(`ideas.rights.${kind}`)), h("span", { class: "unseen" }, card.free_sentence));
}

/** A card's name beside its kind: the piece that it is from, as far as that has a title. */
function nameOf(card, title) {
  const plain = title.replace(`${card.kind_name} · `, "");
  return (card.kind === "progression" && card.source.title) || plain;
}

/**
 * @param {any} card
 * @param {{why?: string, from?: string, slots: string[], handlers: Record<string, Function>}} how
 * @returns {HTMLElement}
 */
export function cardElement(card, { why = "", from = "", slots, handlers }) {
  const spoken = SPOKEN.includes(card.kind);
  const title = card.title.split("\n")[0];
  const element = h("article", { class: `card kind-${card.kind}`, dataset: { id: card.id, title, kind: card.kind }, tabindex: -1, "aria-label": `${card.kind_name}: ${title}` });
  const round = h("button", { type: "button", class: "icon-button round", "data-play": "", "aria-label": t("ideas.card.play", { title }), onClick: () => handlers.play(card, element) }, icon("play"));
  const grip = h("button", { type: "button", class: "icon-button card-grip", "aria-label": t("ideas.card.grip", { title }), title: t("ideas.card.grip_short"), onClick: (event) => { if (!event.detail || event.pointerType === undefined) handlers.use(card, element); } }, icon("grip"));
  const turn = menu(t("ideas.card.turn"), t("ideas.card.turn_of", { title }), () => turnsOf(card).map((how) => ({
    label: how === "transpose" ? t("ideas.turn.transpose", { key: keyName(nextKey(card)) }) : t(`ideas.turn.${how}`), call: () => handlers.turn(card, how, element),
  })));
  const mix = menu(t("ideas.card.mix"), t("ideas.card.mix_of", { title }), () => slots.filter((slot) => suits(card, slot)).map((slot) => ({
    label: t(`ideas.slot.${slot}_of`), call: () => handlers.mix(card, slot),
  })));
  const small = (name, label, call) => h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onClick: call }, icon(name));
  put(element,
    h("header", { class: "card-head" }, !spoken && round,
      h("div", { class: "card-names" }, h("p", { class: "card-kind" }, from ? `${card.kind_name} · ${from}` : card.kind_name),
        h("h3", { class: spoken ? "unseen" : "card-title" }, spoken ? title : nameOf(card, title))),
      grip),
    picture(card),
    h("div", { class: "card-told" },
      h("p", { class: "card-facts numbers" }, facts(card)), worth(card),
      why && h("p", { class: "card-why" }, why),
      h("p", { class: "card-source" }, card.source.sentence), rights(card)),
    h("footer", { class: "card-foot" },
      h("button", { type: "button", class: "button button-small card-use", "aria-label": t("ideas.card.use_of", { title }), onClick: () => handlers.use(card, element) }, icon("plus"), h("span", {}, t("ideas.card.use"))),
      !spoken && turn, !spoken && mix,
      h("span", { class: "card-icons" },
        !spoken && small("search", t("ideas.card.like_of", { title }), () => handlers.like(card)),
        !spoken && small("down", t("ideas.card.midi_of", { title }), () => handlers.midi(card)))));
  return element;
}
