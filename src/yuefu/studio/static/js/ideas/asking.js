/** What is asked for: the line that is typed and how it is read, a drawing, a mood, kinds, another card. */

import { h, on, one, put } from "../dom.js";
import { t } from "../i18n.js";
import { moodPad, moodWord } from "../compose/mood_pad.js";
import { drawing } from "./drawing.js";
import { recognise } from "./recognise.js";

/** Dispatches "change" when something else is asked for. */
export class Asking extends EventTarget {
  constructor() {
    super();
    this.kind = "";
    this.contour = [];
    this.mood = null;
    this.like = null;
    this.forced = "";
    this.query = one("#idea-query");
    this.query.value = new URLSearchParams(location.search).get("q")?.slice(0, 400) || "";
    this.query.addEventListener("input", () => {
      this.forced = "";
      this.#read();
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.#changed(), 600);
    });
    one("#idea-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#changed();
    });
    on(one("#readings"), "click", "[data-reading]", (event, button) => {
      this.forced = button.dataset.reading;
      this.#read();
      this.#changed();
    });
    on(document, "click", ".filter[data-kind]", (event, button) => {
      this.kind = button.dataset.kind;
      this.#kinds();
      this.#changed();
    });
    this.#ways();
    this.#read();
  }

  get reading() {
    return this.forced || recognise(this.query.value);
  }

  get text() {
    return this.query.value.trim();
  }

  /** The words among what is asked, for writing and for sparks. */
  get words() {
    return this.reading === "words" ? this.text : "";
  }

  get isEmpty() {
    return !this.text && !this.contour.length && !this.mood && !this.like;
  }

  /** As the API takes it. */
  body() {
    const asked = {};
    if (this.text) asked[this.reading] = this.text;
    if (this.contour.length) asked.contour = this.contour;
    if (this.mood) asked.mood = this.mood;
    if (this.like) asked.like = this.like.idea;
    if (this.kind) asked.kinds = [this.kind];
    return asked;
  }

  /** Cards like another one. @param {any|null} card */
  askLike(card) {
    this.like = card;
    this.#changed();
  }

  /** Puts words into the bar. @param {string} text */
  say(text) {
    this.query.value = text;
    this.forced = "";
    this.#read();
  }

  fault(message) {
    const place = one("#idea-fault");
    place.textContent = message;
    place.hidden = !message;
  }

  #changed() {
    clearTimeout(this.timer);
    this.fault("");
    this.#chips();
    this.dispatchEvent(new Event("change"));
  }

  #read() {
    const reading = this.reading;
    one("#idea-reading").textContent = reading ? t(`ideas.read.is_${reading}`) : t("ideas.read.nothing");
    const all = one("#readings");
    all.hidden = !reading;
    for (const button of all.children) button.setAttribute("aria-pressed", String(button.dataset.reading === reading));
  }

  #kinds() {
    for (const button of document.querySelectorAll(".filter[data-kind]")) button.setAttribute("aria-pressed", String(button.dataset.kind === this.kind));
  }

  #chips() {
    const chip = (text, away) => h("span", { class: "chip" }, text, h("button", { type: "button", "aria-label": t("ideas.asked.remove", { what: text }), onClick: away }, "×"));
    put(one("#asked-by"),
      this.like && chip(t("ideas.asked.like", { title: this.like.title }), () => this.askLike(null)),
      this.contour.length > 0 && chip(t("ideas.asked.drawing"), () => { this.contour = []; this.drawing.clear(); this.#changed(); }),
      this.mood && chip(t("ideas.asked.mood", { word: moodWord(...this.mood) }), () => this.setMood(null)));
  }

  /** @param {[number, number]|null} point */
  setMood(point) {
    this.mood = point;
    this.draft.options = point ? { mood: point.join(",") } : {};
    this.pad.update({});
    one("#mood-clear").hidden = !point;
    this.dispatchEvent(new CustomEvent("mood", { detail: point }));
    this.#changed();
  }

  #ways() {
    const toggle = one("#ways-toggle");
    const ways = one("#ways");
    this.draft = { options: {} };
    const later = () => {
      clearTimeout(this.moodTimer);
      this.moodTimer = setTimeout(() => this.setMood(this.mood), 350);
    };
    this.pad = moodPad({
      draft: this.draft,
      set: (name, value) => {
        this.mood = value.split(",").map(Number);
        this.draft.options = { mood: value };
        later();
      },
    });
    put(one("#mood-place"), this.pad.element);
    this.pad.update({});
    one("#mood-clear").addEventListener("click", () => this.setMood(null));
    this.drawing = drawing({
      onContour: (heights) => {
        this.contour = heights;
        this.#changed();
      },
      onTune: (text) => {
        this.contour = [];
        this.say(text);
        this.#changed();
      },
      onFault: (message) => this.fault(message),
    });
    toggle.addEventListener("click", () => {
      ways.hidden = !ways.hidden;
      toggle.setAttribute("aria-expanded", String(!ways.hidden));
      if (ways.hidden) this.drawing.quiet();
      else one("#drawing").focus({ preventScroll: true });
    });
  }
}
