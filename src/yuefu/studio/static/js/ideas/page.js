/** The ideas page: asked for above, cards to hear and turn below, and beside them the bench where pieces begin. */

import { address, newKey, send } from "../api.js";
import { h, one, put } from "../dom.js";
import { lang, t, tn } from "../i18n.js";
import { announce, toast } from "../announce.js";
import { drawn } from "../compose/seed.js";
import { Take } from "../compose/take.js";
import { mixingDesk } from "../sound/context.js";
import { Asking } from "./asking.js";
import { Bench, SLOTS } from "./bench.js";
import { cardElement, nextKey, SPOKEN } from "./card.js";
import { dragging } from "./drag.js";
import { files } from "./files.js";
import { hush, play } from "./playing.js";

const N = 24;
const SPARKS = 12;
const MOST_BROUGHT = 200;
const catalogue = JSON.parse(one("#catalogue").textContent);
const list = one("#cards");
const asking = new Asking();
const bench = new Bench();
/** @type {Map<string, any>} cards of the page by id */
const shown = new Map();
/** @type {Map<string, any[]>} ideas of files that were brought along */
const brought = new Map();
let seed = 0;
let running = null;
let morphing = null;

function among() {
  return [...brought.values()].flat().slice(0, MOST_BROUGHT).map((card) => card.idea);
}

const handlers = {
  play,
  use: (card) => bench.use(card),
  mix: (card, slot) => bench.mix(card, slot),
  like: (card) => {
    asking.askLike(card);
    one("#found-how").scrollIntoView({ block: "nearest" });
  },
  midi,
  turn,
};

function element(card, { why = "", from = "" } = {}) {
  shown.set(card.id, card);
  const made = cardElement(card, { why, from, slots: SLOTS, handlers });
  made.addEventListener("click", (event) => {
    if (morphing && event.target.closest(".morph-choose")) finishMorph(card, made);
    else if (event.target.closest(".card-picture")) play(card, made);
  });
  return made;
}

/** A new card among the others, shown and heard of. @param {any} card @param {string} from @param {Element|null} after */
function insert(card, from, after = null) {
  const made = element(card, { from });
  made.classList.add("new");
  if (after?.isConnected) after.after(made);
  else list.prepend(made);
  one("#nothing").hidden = true;
  made.focus({ preventScroll: true });
  made.scrollIntoView({ block: "nearest", behavior: "smooth" });
  announce(t("ideas.card.made", { title: card.title, how: from }));
  return made;
}

async function turn(card, how, place, other = null) {
  if (how === "morph" && !other) return beginMorph(card, place);
  const slow = ["continue", "morph"].includes(how);
  place.setAttribute("aria-busy", "true");
  const away = slow && toast(t("ideas.turn.working"), { seconds: 90 });
  try {
    const body = { idea: card.idea, how, seed: drawn() };
    if (other) body.other = other.idea;
    if (how === "transpose") body.key = nextKey(card);
    const { data } = await send("POST", "/ideas/turn", body);
    insert(data, t(`ideas.turned.${how}`), place);
  } catch (error) {
    toast(error.message);
  } finally {
    place.removeAttribute("aria-busy");
    if (away) away();
  }
  return undefined;
}

function beginMorph(card, place) {
  morphing = { card, place };
  put(one("#choosing"), h("p", {}, t("ideas.morph.choose", { title: card.title })),
    h("button", { type: "button", class: "button button-small", onClick: endMorph }, t("common.cancel")));
  one("#choosing").hidden = false;
  const row = (one_) => (one_.notes.every((note) => note[0] === "drums") ? "drums" : one_.notes.every((note) => note[0] === "bass") ? "bass" : "melody");
  let first = null;
  for (const each of list.children) {
    const other = shown.get(each.dataset.id);
    if (!other || other.id === card.id || SPOKEN.includes(other.kind) || !other.notes.length || ["rhythm", "texture"].includes(other.kind) || other.meter !== card.meter || row(other) !== row(card)) continue;
    const button = h("button", { type: "button", class: "button button-small morph-choose", "aria-label": t("ideas.morph.with_of", { title: other.title }) }, t("ideas.morph.with"));
    each.querySelector(".card-head").append(button);
    first ??= button;
  }
  if (first) return first.focus();
  endMorph();
  return toast(t("ideas.morph.none"));
}

function endMorph() {
  morphing = null;
  one("#choosing").hidden = true;
  for (const button of document.querySelectorAll(".morph-choose")) button.remove();
}

function finishMorph(other) {
  const { card, place } = morphing;
  endMorph();
  turn(card, "morph", place, other);
}

async function midi(card) {
  try {
    const csrf = document.querySelector('meta[name="csrf-token"]')?.content;
    const answer = await fetch(address("/ideas/midi"), {
      method: "POST", credentials: "same-origin", body: JSON.stringify({ idea: card.idea }),
      headers: { "Content-Type": "application/json", "Accept-Language": lang, ...(csrf ? { "X-CSRF-Token": csrf } : {}) },
    });
    if (!answer.ok) throw new Error((await answer.json()).error.message);
    const link = h("a", { href: URL.createObjectURL(await answer.blob()), download: `${card.title.replace(/[\\/:*?"<>|]+/g, " ").slice(0, 80)}.mid` });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  } catch (error) {
    toast(error.message);
  }
}

/** Nothing to look through: why, and what can be done about it. */
function nothing(kind) {
  const place = one("#nothing");
  place.hidden = !kind;
  if (!kind) return;
  const fresh = h("button", { type: "button", class: "button button-primary", onClick: writeFresh }, t("ideas.fresh.button_long"));
  if (kind === "none") {
    put(place, h("p", { class: "lead" }, t("ideas.nothing.none")), h("p", {}, fresh));
    return;
  }
  put(place, h("h3", {}, t("ideas.nothing.title")), h("p", { class: "lead" }, t("ideas.nothing.empty")),
    h("ul", { class: "nothing-words" }, ["one", "two", "three"].map((name) => h("li", {}, h("button", { type: "button", class: "button", onClick: () => { asking.say(t(`ideas.nothing.${name}`)); writeFresh(); } }, t(`ideas.nothing.${name}`))))),
    h("p", { class: "hint" }, t("ideas.nothing.or"), " ", h("label", { class: "link-button file-button" }, t("ideas.nothing.file"), h("input", { class: "unseen", type: "file", multiple: true, accept: one("#idea-files").accept })), " · ", h("a", { href: "/" }, t("ideas.nothing.compose"))));
}

function sparkLanguage() {
  if (/[\u4e00-\u9fff]/.test(asking.words)) return "zh";
  return /[a-z]/i.test(asking.words) ? "en" : lang;
}

async function sparks(signal) {
  const only = SPOKEN.includes(asking.kind);
  if (!only && (asking.kind || !asking.words || asking.like || asking.contour.length)) return [];
  const body = { words: asking.words, language: sparkLanguage(), n: only ? SPARKS : 4, seed, ...(only ? { kinds: [asking.kind] } : {}) };
  return (await send("POST", "/ideas/sparks", body, { signal })).data.cards;
}

/**
 * Looks for what is asked and shows it.
 * @param {"search"|"fresh"|"surprising"} how
 */
async function find(how = "search") {
  running?.abort();
  const own = new AbortController();
  running = own;
  endMorph();
  const only = SPOKEN.includes(asking.kind);
  list.setAttribute("aria-busy", "true");
  one("#found-how").textContent = how === "fresh" ? t("ideas.fresh.working") : how === "surprising" ? t("ideas.surprise.working") : t("ideas.found.looking");
  try {
    const spoken = how === "surprising" ? [] : await sparks(own.signal);
    const body = { ...asking.body(), n: how === "fresh" ? 12 : N, seed, among: how === "fresh" ? [] : among(), of: how === "fresh" ? "fresh" : "library" };
    const path = how === "surprising" ? "/ideas/surprising" : "/ideas/search";
    const asked = how === "surprising" ? { n: 12, among: among(), ...(asking.kind && !only ? { kinds: [asking.kind] } : {}) } : body;
    const { data } = how === "fresh" && only ? { data: { hits: [], ideas: 0, fresh: true } } : await send("POST", path, asked, { signal: own.signal });
    if (own.signal.aborted) return;
    show(data, spoken, how);
    if (how === "search" && data.ideas === 0 && asking.words && !only) writeFresh();
  } catch (error) {
    if (error.name === "AbortError") return;
    list.setAttribute("aria-busy", "false");
    one("#found-how").textContent = "";
    asking.fault(error.message);
  }
}

function show(data, spoken, how) {
  hush();
  shown.clear();
  put(list, data.hits.map((hit) => element(hit.card, { why: asking.isEmpty && how === "search" ? "" : hit.why })), spoken.map((card) => element(card)));
  list.setAttribute("aria-busy", "false");
  const n = data.hits.length + spoken.length;
  const told = how === "surprising" ? tn("ideas.surprise.found", n) : how === "fresh" ? tn("ideas.fresh.found", n)
    : data.ideas ? t(asking.isEmpty ? "ideas.found.best" : "ideas.found.some", { n, of: data.ideas }) : "";
  one("#found-how").textContent = n ? told : "";
  nothing(n ? "" : data.ideas === 0 && how !== "fresh" ? "empty" : "none");
  announce(n ? told : t("ideas.nothing.none"));
}

function writeFresh() {
  nothing("");
  seed = asking.words ? seed : drawn();
  return find("fresh");
}

async function combine() {
  const go = one("#mix-go");
  go.disabled = true;
  try {
    const { data } = await send("POST", "/ideas/combine", { ...bench.combination(), seed: drawn() });
    bench.unfold(false);
    const made = insert(data, t("ideas.mix.made"));
    play(data, made);
  } catch (error) {
    toast(error.message);
  } finally {
    go.disabled = false;
  }
}

async function begin() {
  const go = one("#begin-go");
  go.disabled = true;
  hush();
  bench.unfold(false);
  const take = new Take({ number: 1, of: 1, catalogue });
  put(one("#takes-list"), take.element);
  one("#takes").hidden = false;
  one("#takes").scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth", block: "start" });
  take.addEventListener("change", () => { if (take.gone) one("#takes").hidden = true; });
  try {
    const request = { words: bench.words, options: { seed: drawn() }, ideas: bench.cells.map((card) => card.idea) };
    const { data } = await send("POST", "/jobs", { kind: "compose", request }, { idempotencyKey: newKey() });
    take.follow(data, { listen: true });
  } catch (error) {
    take.fail(error.message);
  }
  go.disabled = false;
}

asking.addEventListener("change", () => find());
asking.addEventListener("mood", (event) => bench.offerMood(event.detail));
bench.addEventListener("combine", combine);
bench.addEventListener("compose", begin);
one("#surprise").addEventListener("click", () => find("surprising"));
one("#fresh").addEventListener("click", writeFresh);
one("#again").addEventListener("click", () => {
  seed = drawn();
  find();
});
dragging(list, {
  cardOf: (found) => shown.get(found.dataset.id),
  takes: (card, place) => bench.takes(card, place),
  drop: (card, place) => bench.drop(card, place),
  begin: () => bench.unfold(true),
  end: () => bench.unfold(false),
});
files((name, cards) => {
  brought.set(name, cards);
  hush();
  const made = cards.map((card) => element(card));
  put(list, made);
  nothing("");
  const away = h("button", { type: "button", class: "link-button", onClick: () => { brought.delete(name); find(); } }, t("ideas.file.leave"));
  put(one("#found-how"), tn("ideas.file.found", cards.length, { name }), " ", away);
  made[0]?.focus({ preventScroll: true });
});
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select, [contenteditable]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const here = event.target.closest?.(".card");
  if (event.key === "/") one("#idea-query").focus();
  else if (event.key === "Escape" && morphing) endMorph();
  else if (here && event.key.toLowerCase() === "n") handlers.use(shown.get(here.dataset.id));
  else if (here && event.key.toLowerCase() === "p") play(shown.get(here.dataset.id), here);
  else return;
  event.preventDefault();
});
find();
// For tests and for the curious: what plays can be looked at from the console.
window.yuefu = { meter: () => mixingDesk().meter };
