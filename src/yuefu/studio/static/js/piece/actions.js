/** The quiet bar under the grid: what can be done with the selection, what is being written, what was written. */

import { h, put } from "../dom.js";
import { t, tn } from "../i18n.js";
import { icon } from "../icons.js";
import { rangesText } from "./bars.js";
import { cell } from "./selection.js";

const WISHES = ["busier", "sparser", "eighths", "quarters", "triplets"];

export class Actions {
  /**
   * @param {HTMLElement} root
   * @param {any} page what the bar acts on: state, selection, locks, fills, transport, view, and the page's commands
   */
  constructor(root, page) {
    Object.assign(this, { root, page });
    this.words = "";
    this.amount = 0.3;
    for (const source of [page.selection, page.locks, page.fills]) source.addEventListener("change", () => this.draw());
    page.state.addEventListener("grid", () => this.draw());
  }

  draw() {
    const { fills } = this.page;
    const mode = fills.running ? "running" : fills.trial ? "trial" : this.page.selection.empty ? "none" : "selection";
    const held = document.activeElement?.id;
    if (mode === "selection" && this.mode === mode) this.#name();
    else if (mode === "running" && this.mode === mode) this.#move();
    else put(this.root, ...this[`_${mode}`]());
    this.mode = mode;
    if (mode === "selection") this.#name();
    if (held && document.activeElement?.id !== held) document.getElementById(held)?.focus({ preventScroll: true });
    this.root.dataset.mode = mode;
  }

  _none() {
    return [
      h("p", { class: "actions-hint" }, t("piece.actions.hint")),
      h("span", { class: "actions-group" }, this.#everything()),
    ];
  }

  _selection() {
    const { page } = this;
    this.label = h("p", { class: "actions-what", id: "actions-what" });
    this.lockButton = h("button", { type: "button", class: "button button-small", id: "action-lock", title: "L", onClick: () => page.lock() });
    const words = h("input", {
      class: "input actions-words", id: "action-words", list: "wishes", maxlength: "200", value: this.words, autocomplete: "off",
      placeholder: t("piece.actions.words_hint"), "aria-label": t("piece.actions.words"),
      onInput: () => { this.words = words.value; },
      onKeydown: (event) => {
        if (event.key === "Enter") page.regenerate(this.words);
        if (event.key === "Escape") page.view.reveal(page.selection.focus?.row, page.selection.focus?.bar);
      },
    });
    const amount = h("input", {
      type: "range", min: "5", max: "100", step: "5", value: String(this.amount * 100), id: "action-amount", class: "actions-amount",
      "aria-label": t("piece.actions.amount"), title: t("piece.actions.amount"), onInput: () => { this.amount = Number(amount.value) / 100; },
    });
    return [
      this.label,
      h("span", { class: "actions-group actions-write" }, words, h("datalist", { id: "wishes" }, ...WISHES.map((wish) => h("option", { value: t(`piece.wish.${wish}`) }))),
        h("button", { type: "button", class: "button button-small button-primary", id: "action-regenerate", title: "R", onClick: () => page.regenerate(this.words) }, t("piece.actions.regenerate"))),
      h("span", { class: "actions-group" }, h("button", { type: "button", class: "button button-small", id: "action-vary", title: "V", onClick: () => page.vary(this.amount) }, t("piece.actions.vary")), amount),
      h("span", { class: "actions-group" }, this.lockButton,
        h("button", { type: "button", class: "button button-small", id: "action-clear", title: "Delete", onClick: () => page.clear() }, t("piece.actions.clear")),
        h("button", { type: "button", class: "button button-small", id: "action-loop", onClick: () => page.loopSelection() }, t("piece.actions.loop")),
        h("button", { type: "button", class: "button button-small", id: "action-open", title: "Enter", onClick: () => page.openSelection() }, t("piece.actions.open"))),
      h("span", { class: "actions-group actions-last" }, this.#everything(),
        h("button", { type: "button", class: "icon-button", "aria-label": t("piece.actions.none"), title: "Esc", onClick: () => page.selection.clear() }, icon("close"))),
    ];
  }

  _running() {
    const { fills } = this.page;
    this.message = h("p", { class: "actions-what", role: "status" });
    this.done = h("span", {});
    this.cancelButton = h("button", { type: "button", class: "button button-small", id: "action-cancel", onClick: () => fills.cancel() }, t("common.cancel"));
    queueMicrotask(() => this.#move());
    return [this.message, h("div", { class: "progress actions-progress", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100", "aria-label": t("piece.fill.progress") }, this.done),
      h("span", { class: "actions-group actions-last" }, this.cancelButton)];
  }

  _trial() {
    const { fills } = this.page;
    const { trial } = fills;
    const choice = (which) => h("button", {
      type: "button", class: "button button-small", id: `action-hear-${which}`, "aria-pressed": String(trial.hearing === which), onClick: () => fills.hear(which),
    }, t(`piece.fill.${which}`));
    return [
      h("p", { class: "actions-what" }, tn("piece.fill.done", trial.bars)),
      h("span", { class: "actions-group", role: "group", "aria-label": t("piece.fill.listen") }, h("span", { class: "actions-hint" }, t("piece.fill.listen")), choice("before"), choice("after")),
      h("span", { class: "actions-group actions-last" },
        h("button", { type: "button", class: "button button-small", id: "action-back", onClick: () => fills.back() }, t("piece.fill.back")),
        h("button", { type: "button", class: "button button-small button-primary", id: "action-keep", onClick: () => fills.keep() }, t("piece.fill.keep"))),
    ];
  }

  #everything() {
    const { page } = this;
    if (page.locks.empty) return null;
    return h("button", { type: "button", class: "button button-small button-plain", id: "action-rest", onClick: () => page.regenerateRest(this.words) }, t("piece.actions.rest"));
  }

  #name() {
    const { page } = this;
    const { grid } = page.state;
    const { rows, bars } = page.selection;
    if (!bars.length) return;
    const names = rows.map((row) => (row === "chords" ? t("common.row.chords") : page.nameOf(row))).filter(Boolean);
    const who = names.length === page.view.rows.length ? t("piece.actions.all_rows") : names.length > 2 ? tn("piece.rows", names.length) : names.join(t("piece.list_join"));
    this.label.textContent = `${who} · ${t(bars.length === 1 ? "piece.bar" : "piece.bars", { bars: rangesText(grid, bars).replaceAll("-", "–") })}`;
    const locked = [...page.selection.cells].every((name) => page.locks.cells.has(name));
    this.lockButton.textContent = t(locked ? "piece.actions.unlock" : "piece.actions.lock");
    this.lockButton.setAttribute("aria-pressed", String(locked));
    document.getElementById("action-vary").disabled = !rows.some((row) => row !== "chords");
    const rest = document.getElementById("action-rest");
    if (Boolean(rest) === page.locks.empty) {
      if (rest) rest.remove();
      else this.root.querySelector(".actions-last")?.prepend(this.#everything());
    }
  }

  #move() {
    const { running } = this.page.fills;
    if (!running || !this.message) return;
    this.message.textContent = running.message;
    const share = Math.round(running.fraction * 100);
    this.done.style.width = `${share}%`;
    this.done.parentElement.setAttribute("aria-valuenow", String(share));
    this.cancelButton.disabled = !running.job;
  }
}

/** All cells of a grid that aren't locked. */
export function unlocked(rows, grid, locks) {
  return rows.flatMap((row) => grid.bars.map((_, bar) => cell(row, bar))).filter((name) => !locks.cells.has(name));
}
