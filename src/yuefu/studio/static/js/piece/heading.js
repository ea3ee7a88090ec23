/** The head of the page: title, key, tempo, tags, like; what concerns the whole piece. */

import { h, one, put } from "../dom.js";
import { clock, t, tn } from "../i18n.js";
import { icon } from "../icons.js";
import { keyName, styleName } from "./catalogue.js";

const TONICS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];

export class Heading {
  /**
   * @param {HTMLElement} root
   * @param {import("./state.js").PieceState} state
   * @param {any} models
   */
  constructor(root, state, models) {
    Object.assign(this, { root, state, models });
    this.title = one("#piece-title", root);
    this.key = one("#piece-key", root);
    this.tempo = one("#piece-tempo", root);
    this.facts = one("#piece-facts", root);
    this.like = one("#piece-like", root);
    this.tags = one("#piece-tags", root);
    this.saved = one("#piece-saved", root);
    this.undo = one("#piece-undo", root);
    this.redo = one("#piece-redo", root);
    this.#listen();
    state.addEventListener("grid", () => this.draw());
    state.addEventListener("piece", () => this.draw());
    state.addEventListener("busy", () => this.#busy());
  }

  draw() {
    const { grid, piece, version } = this.state;
    if (!grid || !piece) return;
    const title = grid.title || piece.title;
    if (document.activeElement !== this.title) this.title.value = title;
    this.#fit();
    document.title = `${title || t("piece.untitled")} · ${t("common.name")}`;
    const mode = grid.key.split(" ")[1] ?? "major";
    if (this.key.dataset.mode !== mode || !this.key.options.length) {
      this.key.dataset.mode = mode;
      put(this.key, ...TONICS.map((tonic) => h("option", { value: `${tonic} ${mode}` }, keyName(`${tonic} ${mode}`))));
    }
    if (![...this.key.options].some((option) => option.value === grid.key)) this.key.prepend(h("option", { value: grid.key }, keyName(grid.key)));
    this.key.value = grid.key;
    if (document.activeElement !== this.tempo) this.tempo.value = String(Math.round(grid.tempo * 10) / 10);
    put(this.facts, [grid.meter, grid.style && styleName(this.models, grid.style), tn("common.bars", grid.bars.length), clock(this.state.playback?.duration ?? grid.duration)]
      .filter(Boolean).map((fact) => h("span", {}, fact)));
    this.like.setAttribute("aria-pressed", String(piece.liked));
    this.like.setAttribute("aria-label", t(piece.liked ? "piece.unlike" : "piece.like"));
    put(this.like, icon(piece.liked ? "heart-full" : "heart"));
    put(this.tags, ...piece.tags.map((tag) => h("span", { class: "piece-tag" }, tag,
      h("button", { type: "button", "aria-label": t("piece.tag_remove", { tag }), onClick: () => this.state.change({ tags: piece.tags.filter((each) => each !== tag) }) }, "×"))));
    this.undo.disabled = !version?.parent;
    this.redo.disabled = !version?.redo;
    this.#busy();
  }

  #busy() {
    const { busy, version } = this.state;
    const text = busy ? t("piece.saving") : version ? t("piece.version", { n: version.number }) : "";
    if (this.saved.textContent !== text) this.saved.textContent = text;
  }

  /** The title's field is as wide as its text. */
  #fit() {
    this.title.size = Math.max(6, Math.min(40, [...this.title.value].reduce((width, char) => width + (char > "\u2e80" ? 2 : 1), 1)));
  }

  #listen() {
    const { state } = this;
    this.title.addEventListener("input", () => this.#fit());
    this.title.addEventListener("change", () => {
      const title = this.title.value.trim();
      if (title && title !== state.grid.title) state.edit([{ op: "title", title }]);
    });
    this.title.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.title.blur();
      if (event.key === "Escape") {
        this.title.value = state.grid.title;
        this.title.blur();
      }
    });
    this.key.addEventListener("change", () => {
      state.edit([{ op: "key", key: this.key.value }]);
      state.flush();
    });
    this.tempo.addEventListener("change", () => {
      const bpm = Math.max(20, Math.min(300, Number(this.tempo.value) || state.grid.tempo));
      this.tempo.value = String(bpm);
      if (bpm !== state.grid.tempo) state.edit([{ op: "tempo", bpm }]);
    });
    this.tempo.addEventListener("keydown", (event) => { if (event.key === "Enter") this.tempo.blur(); });
    this.like.addEventListener("click", () => state.change({ liked: !state.piece.liked }));
    this.undo.addEventListener("click", () => state.undo());
    this.redo.addEventListener("click", () => state.redo());
    const field = one("#piece-tag-new", this.root);
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const tag = field.value.trim();
      field.value = "";
      if (tag && !state.piece.tags.includes(tag)) state.change({ tags: [...state.piece.tags, tag] });
    });
  }
}
