/** The history: every version with what was done, as a tree; going back, and comparing two by ear and by eye. */

import { announce, toast } from "../announce.js";
import { get, send } from "../api.js";
import { h, put, svg } from "../dom.js";
import { day, has, t, tn } from "../i18n.js";
import { icon } from "../icons.js";
import { keyName } from "./catalogue.js";
import { replay as composeAgain } from "./replay.js";
import { lanesOf } from "./tree.js";

const STEP = 14; // pixels between lines of the tree

export class History {
  /**
   * @param {HTMLElement} root
   * @param {any} page state, transport, player
   */
  constructor(root, page) {
    Object.assign(this, { root, page });
    this.list = root.querySelector("#history-list");
    this.difference = root.querySelector("#history-compare");
    this.seed = root.querySelector("#history-seed");
    this.versions = [];
    this.pair = null;
    page.state.addEventListener("piece", () => { if (!root.hidden) this.show(); });
  }

  async show() {
    const { state } = this.page;
    try {
      this.versions = await allVersions(state.id);
    } catch (error) {
      toast(error.message);
      return;
    }
    this.draw();
    this.#showSeed();
  }

  draw() {
    const { head } = this.page.state.piece;
    const { lanes, width } = lanesOf(this.versions);
    put(this.list, ...this.versions.map((version) => {
      const current = version.number === head;
      return h("li", { class: ["history-item", current && "is-head"], dataset: { version: String(version.number) }, style: { "padding-left": `${26 + (width - 1) * STEP}px` } },
        tree(lanes.get(version.number), width, current),
        h("div", { class: "history-text" },
          h("span", { class: "history-number numbers" }, String(version.number)),
          this.#name(version),
          h("span", { class: "history-note" }, [has(`piece.kind.${version.kind}`) ? t(`piece.kind.${version.kind}`) : version.kind, version.note].filter(Boolean).join(" · "))),
        h("time", { class: "history-time", datetime: version.created }, day(version.created)),
        h("span", { class: "history-actions" },
          current ? h("span", { class: "history-here" }, t("piece.history.here"))
            : [h("button", { type: "button", class: "button button-small", "aria-label": t("piece.history.compare_n", { n: version.number }), onClick: () => this.compare(version.number, head) }, t("piece.history.compare")),
              h("button", { type: "button", class: "button button-small", "aria-label": t("piece.history.go_n", { n: version.number }), onClick: () => this.go(version.number) }, t("piece.history.go"))]));
    }));
  }

  async go(number) {
    this.close();
    if (await this.page.state.setHead(number)) announce(t("piece.history.gone", { n: number }));
  }

  /** Puts two versions side by side. */
  async compare(before, after) {
    const { state } = this.page;
    try {
      const [{ data }, { data: grid }] = await Promise.all([get(`/pieces/${state.id}/versions/${before}/compare/${after}`), get(`/pieces/${state.id}/versions/${after}/grid`)]);
      this.pair = { before, after, hearing: after, data, grid };
    } catch (error) {
      toast(error.message);
      return;
    }
    this.#drawDifference();
    this.difference.scrollIntoView({ block: "nearest" });
    this.difference.querySelector("button")?.focus({ preventScroll: true });
  }

  /** Ends a comparison; what is shown is the head again. */
  close() {
    if (!this.pair) return;
    const { hearing } = this.pair;
    this.pair = null;
    this.difference.hidden = true;
    if (hearing !== this.page.state.piece.head) this.page.state.show(this.page.state.piece.head);
  }

  async #hear(number) {
    this.pair.hearing = number;
    this.#drawDifference();
    await this.page.state.show(number);
    if (!this.page.transport.source.playing) await this.page.transport.source.play();
  }

  #drawDifference() {
    const { before, after, hearing, data, grid } = this.pair;
    const number0 = grid.bars[0].number;
    const choice = (number, letter) => h("button", { type: "button", class: "button button-small", "aria-pressed": String(hearing === number), dataset: { hear: String(number) }, onClick: () => this.#hear(number) },
      t("piece.history.hear", { letter, n: number }));
    const line = (name, bars, note, ink) => h("div", { class: "diff-row", style: { "--row-ink": ink } },
      h("span", { class: "diff-name" }, name),
      h("span", { class: "diff-bars", role: "img", "aria-label": bars.length ? tn("piece.history.bars_changed", bars.length) : t("piece.history.same") },
        ...grid.bars.map((bar) => h("i", { class: bars.includes(bar.number) ? "is-changed" : null, title: String(bar.number), dataset: { first: bar.section !== null && grid.sections[bar.section]?.first_bar === bar.number && bar.number !== number0 ? "yes" : null } }))),
      h("span", { class: "diff-note" }, note));
    const rows = data.parts.map((part) => line(this.page.nameOf(part.id) ?? part.name, part.bars_changed ?? [], partNote(part), `var(--row-${part.row})`));
    if (data.chords_changed?.length) rows.push(line(t("common.row.chords"), data.chords_changed, tn("piece.history.bars_changed", data.chords_changed.length), "var(--row-chords)"));
    if (data.words_changed?.length) rows.push(line(t("piece.grid.words"), data.words_changed, tn("piece.history.bars_changed", data.words_changed.length), "var(--ink-2)"));
    const facts = Object.entries(data.facts ?? {}).filter(([, [one, other]]) => typeof one !== "object" && typeof other !== "object")
      .map(([name, [one, other]]) => h("li", {}, t("piece.history.fact", { name: has(`piece.fact.${name}`) ? t(`piece.fact.${name}`) : name, one: name === "key" ? keyName(one) : one, other: name === "key" ? keyName(other) : other })));
    this.difference.hidden = false;
    put(this.difference,
      h("div", { class: "diff-head" }, h("h2", {}, t("piece.history.title", { one: before, other: after })),
        h("span", { class: "actions-group", role: "group", "aria-label": t("piece.history.listen") }, choice(before, "A"), choice(after, "B")),
        h("button", { type: "button", class: "icon-button", "aria-label": t("common.close"), onClick: () => this.close() }, icon("close"))),
      data.same ? h("p", {}, t("piece.history.same")) : h("div", { class: "diff-rows" }, ...rows),
      facts.length ? h("ul", { class: "diff-facts" }, ...facts) : null);
  }

  #name(version) {
    const input = h("input", {
      class: "history-name", value: version.name, placeholder: t("piece.history.name_hint"), maxlength: "120", "aria-label": t("piece.history.name", { n: version.number }),
      onKeydown: (event) => { if (event.key === "Enter") input.blur(); },
      onChange: async () => {
        try {
          await send("PATCH", `/pieces/${this.page.state.id}/versions/${version.number}`, { name: input.value.trim() });
        } catch (error) {
          input.value = version.name;
          toast(error.message);
        }
      },
    });
    return input;
  }

  async #showSeed() {
    const { state } = this.page;
    const { data } = await get(`/pieces/${state.id}/versions/${state.piece.head}/report`).catch(() => ({ data: null }));
    const told = data?.replay;
    this.seed.hidden = told?.seed === null || told?.seed === undefined;
    if (this.seed.hidden) return;
    put(this.seed, h("span", { class: "label" }, t("piece.history.seed")), h("output", { class: "numbers" }, String(told.seed)),
      h("button", { type: "button", class: "button button-small", onClick: async () => {
        await navigator.clipboard?.writeText(String(told.seed));
        toast(t("piece.history.copied"));
      } }, t("piece.history.copy")),
      h("button", { type: "button", class: "button button-small button-plain", id: "history-replay", onClick: async (event) => {
        event.target.disabled = true;
        await composeAgain(state.piece, told.seed).catch((error) => toast(error.message));
        event.target.disabled = false;
      } }, t("piece.history.replay")),
      h("p", { class: "hint" }, told.sentence));
  }
}

/** All versions, the newest first. */
async function allVersions(id) {
  const found = [];
  let before = "";
  do {
    const { data } = await get(`/pieces/${id}/versions?limit=1000${before}`);
    found.push(...data.versions);
    before = data.next ? `&before=${data.next}` : "";
  } while (before);
  return found;
}

function partNote(part) {
  if (part.how === "added" || part.how === "removed") return t(`piece.history.part_${part.how}`);
  const notes = [part.notes_added && `+${part.notes_added}`, part.notes_removed && `−${part.notes_removed}`].filter(Boolean).join(" ");
  return notes || (part.sound_changed ? t("piece.history.sound") : part.loudness_changed ? t("piece.history.loudness") : "");
}

/** The piece of the tree beside a version: lines that pass, the line from its parent, its dot. */
function tree({ lane, through, up, joins, down }, width, current) {
  const x = (at) => 8 + at * STEP;
  const line = (from, y0, to, y1) => svg("line", { x1: String(x(from)), y1: `${y0}%`, x2: String(x(to)), y2: `${y1}%` });
  return svg("svg", { class: "history-tree", width: String(16 + (width - 1) * STEP), height: "100%", "aria-hidden": "true" },
    ...[...through.map((at) => line(at, 0, at, 100)), up && line(lane, 0, lane, 50), ...joins.map((at) => line(at, 0, lane, 50)), down && line(lane, 50, lane, 100)],
    svg("circle", { cx: String(x(lane)), cy: "50%", r: current ? "4.5" : "3", class: current ? "is-head" : null }));
}
