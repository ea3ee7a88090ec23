/** Pages of the staff score or of numbered notation: what sounds is lit, a note that is touched is heard. */

import { announce } from "../announce.js";
import { ApiError, address, get } from "../api.js";
import { h, put } from "../dom.js";
import { lang, t } from "../i18n.js";

/** Both kinds of pages name their notes: the score by id, numbered notation by data-note. */
const KINDS = {
  score: { path: "pages", count: "pages", find: (root) => root.querySelectorAll('.note[id^="n"]'), number: (element) => Number(/^n(\d+)(?:t\d+)?$/.exec(element.id)?.[1]), inside: '.note[id^="n"]' },
  jianpu: { path: "jianpu", count: "jianpu", find: (root) => root.querySelectorAll("[data-note]"), number: (element) => Number(element.dataset.note), inside: "[data-note]" },
};

export class Sheets {
  /**
   * @param {HTMLElement} root
   * @param {"score" | "jianpu"} kind
   * @param {any} page state, player, transport
   */
  constructor(root, kind, page) {
    Object.assign(this, { root, kind: KINDS[kind], name: kind, page });
    this.pages = root.querySelector(".sheets");
    this.shown = null;
    this.elements = new Map();
    this.lit = [];
    root.addEventListener("click", (event) => this.#touch(event));
  }

  /** Shows the pages of the version that the page shows. */
  async show() {
    const { state } = this.page;
    const number = state.version?.number;
    if (this.shown === number) return;
    this.shown = number;
    this.elements = new Map();
    this.lit = [];
    put(this.pages, h("p", { class: "sheets-wait" }, t("piece.score.engraving")));
    const path = `/pieces/${state.id}/versions/${number}`;
    try {
      const { data } = await get(`${path}/pages`);
      if (this.shown !== number) return;
      const count = data[this.kind.count];
      if (!count) {
        put(this.pages, h("p", { class: "sheets-wait" }, t(`piece.${this.name}.none`)));
        return;
      }
      const frames = Array.from({ length: count }, (_, index) => h("figure", { class: "sheet", "aria-label": t("piece.score.page", { n: index + 1, of: count }) }));
      put(this.pages, ...frames);
      for (let index = 0; index < count; index += 1) {
        const drawing = await svgAt(`${path}/${this.kind.path}/${index + 1}.svg`);
        if (this.shown !== number) return;
        frames[index].append(drawing);
        this.#collect(frames[index]);
      }
    } catch (error) {
      this.shown = null;
      put(this.pages, h("p", { class: "sheets-wait" }, error.message));
    }
  }

  /**
   * Lights the notes that sound.
   * @param {number[]} ids
   * @param {boolean} follow whether the page follows
   */
  light(ids, follow) {
    const key = ids.join();
    if (key === this.lastKey) return;
    this.lastKey = key;
    for (const element of this.lit) element.classList.remove("is-sounding");
    this.lit = ids.flatMap((id) => this.elements.get(id) ?? []);
    for (const element of this.lit) element.classList.add("is-sounding");
    const first = this.lit[0];
    if (!follow || !first) return;
    const box = first.getBoundingClientRect();
    const low = window.innerHeight - 140;
    if (box.top < 70 || box.bottom > low) {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      window.scrollBy({ top: box.top - window.innerHeight * 0.28, behavior: still ? "auto" : "smooth" });
    }
  }

  #collect(frame) {
    for (const element of this.kind.find(frame)) {
      const id = this.kind.number(element);
      if (!id) continue;
      element.classList.add("sheet-note");
      if (!this.elements.has(id)) this.elements.set(id, []);
      this.elements.get(id).push(element);
    }
  }

  #touch(event) {
    const element = event.target.closest?.(this.kind.inside);
    const id = element && this.kind.number(element);
    if (!id) return;
    const { state, player, transport } = this.page;
    for (const part of state.grid.parts) {
      const note = part.notes.find((each) => each[0] === id);
      if (!note) continue;
      player.note(part.is_drums ? "drums" : part.program, note[3], note[4]);
      transport.seekTick(note[1]);
      announce(part.name);
      return;
    }
  }
}

/** A page's drawing, ready to be put into the document; nothing in it can run. */
async function svgAt(path) {
  const answer = await fetch(address(path), { credentials: "same-origin", headers: { "Accept-Language": lang } });
  if (!answer.ok) throw new ApiError(t("common.error.server", { status: answer.status }));
  const drawing = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
  drawing.removeAttribute("width");
  drawing.removeAttribute("height");
  drawing.setAttribute("role", "presentation");
  return document.importNode(drawing, true);
}
