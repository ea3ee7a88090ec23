/** One version being written: its strip, how far it is, and what to do with it once it is there. */

import { get, send } from "../api.js";
import { h, put } from "../dom.js";
import { clock, has, t, tn } from "../i18n.js";
import { icon } from "../icons.js";
import { announce, toast } from "../announce.js";
import { follow } from "../jobs.js";
import { keyName, styleName } from "./names.js";
import { Listening } from "./listening.js";
import { Strip } from "./strip.js";

let sounding = null;

/** A version; `element` goes into the page. "change" is dispatched when its state changes. */
export class Take extends EventTarget {
  /** @param {{number: number, of: number, catalogue: any}} what */
  constructor({ number, of, catalogue }) {
    super();
    this.catalogue = catalogue;
    this.of = of;
    this.number = number;
    this.state = "queued";
    this.result = null;
    this.strip = new Strip();
    this.title = h("h3", { class: "take-title" }, of > 1 ? t("compose.takes.version", { n: number }) : t("compose.takes.being_written"));
    this.facts = h("p", { class: "take-facts numbers" });
    this.bar = h("span");
    this.how = h("p", { class: "take-how" }, t("compose.takes.sending"));
    this.meter = h("div", { class: "progress", role: "progressbar", "aria-label": t("compose.takes.progress"), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0 }, this.bar);
    this.actions = h("div", { class: "take-actions" });
    this.element = h("article", { class: "take", dataset: { state: "queued" } },
      h("header", { class: "take-head" }, this.title, this.facts), this.strip.element, this.meter,
      h("div", { class: "take-foot" }, this.how, this.actions));
    this.#offer();
  }

  /** @param {{id: string}} job @param {{listen?: boolean, patient?: boolean}} how */
  follow(job, { listen = false, patient = false } = {}) {
    this.job = job.id;
    this.listening = new Listening({ onTick: (tick) => this.strip.at(tick), onChange: (playing) => this.#sounds(playing) });
    if (listen) this.sound();
    this.line = follow(job.id, {
      onState: (state) => this.#state(state),
      onProgress: (progress) => this.#progress(progress),
      onPlan: (plan) => this.#plan(plan),
      onBars: (bars) => this.#bars(bars),
      onLost: (error) => this.fail(error.message),
    }, { patient });
    this.#offer();
  }

  /** Plays, and hushes the one that played. */
  sound() {
    if (sounding && sounding !== this) sounding.hush();
    sounding = this;
    this.listening?.start();
  }

  hush() {
    this.listening?.pause();
    if (sounding === this) sounding = null;
  }

  async cancel() {
    this.hush();
    if (!this.job || this.over) return;
    this.how.textContent = t("compose.takes.cancelling");
    await send("DELETE", `/jobs/${this.job}`).catch((error) => toast(error.message));
  }

  /** Makes room for what comes next: nobody would see it being written any more, so it isn't. */
  leave() {
    this.line?.close();
    this.listening?.close();
    if (this.job && !this.over) send("DELETE", `/jobs/${this.job}`).catch(() => {});
  }

  get over() {
    return ["done", "failed", "cancelled"].includes(this.state);
  }

  /** @param {string} message a sentence */
  fail(message) {
    this.#state({ state: "failed", error: { message } });
  }

  #plan(plan) {
    this.plan = plan;
    this.strip.plan(plan);
    this.listening.plan(plan);
    this.title.textContent = plan.title || t("compose.takes.untitled");
    const facts = [styleName(this.catalogue, plan.style), keyName(plan.key), `♩ = ${Math.round(plan.tempo)}`, plan.meter, tn("common.bars", plan.bars)];
    put(this.facts, this.of > 1 && h("span", { class: "take-number" }, t("compose.takes.version", { n: this.number })), facts.filter(Boolean).join(" · "));
    this.#offer();
  }

  #bars(bars) {
    this.strip.bars(bars);
    this.listening?.bars(bars);
    const name = t(`common.row.${bars.row}`);
    this.where = t("compose.takes.writing", { row: name, first: bars.first + 1, last: bars.first + bars.count });
    if (!this.over) this.how.textContent = [this.where, this.rest].filter(Boolean).join(" · ");
  }

  #progress({ fraction, seconds_left: left, stage }) {
    const share = Math.round((fraction || 0) * 100);
    this.bar.style.setProperty("width", `${share}%`);
    this.meter.setAttribute("aria-valuenow", String(share));
    this.rest = left === null || left === undefined ? "" : left < 60 ? t("compose.takes.seconds_left", { n: Math.max(1, Math.round(left)) }) : t("compose.takes.time_left", { time: clock(left) });
    const where = has(`compose.stage.${stage}`) ? t(`compose.stage.${stage}`) : this.where;
    this.how.textContent = [where, this.rest].filter(Boolean).join(" · ");
    this.meter.setAttribute("aria-valuetext", this.how.textContent || `${share}%`);
  }

  #state({ state, result, error, position }) {
    this.state = state;
    this.element.dataset.state = state;
    if (state === "queued") this.how.textContent = position > 0 ? t("compose.takes.queued_behind", { n: position }) : t("compose.takes.queued");
    if (state === "running") this.how.textContent = t("compose.takes.reading");
    if (this.over) {
      this.line?.close();
      this.meter.hidden = true;
      this.listening?.end();
    }
    if (state === "done") {
      this.result = result;
      this.how.textContent = t("compose.takes.done");
      this.element.setAttribute("aria-label", this.title.textContent);
      this.listening?.load(`/pieces/${result.piece}/versions/${result.version}/playback`);
      announce(t("compose.takes.done_said", { title: this.title.textContent }));
    }
    if (state === "cancelled") {
      this.hush();
      this.how.textContent = t("compose.takes.cancelled");
    }
    if (state === "failed") {
      this.hush();
      put(this.how, h("span", { class: "fault" }, error?.message || t("compose.takes.failed")));
      announce(error?.message || t("compose.takes.failed"));
    }
    this.#offer();
    this.dispatchEvent(new Event("change"));
  }

  #sounds(playing) {
    this.isSounding = playing;
    if (!this.playButton) return;
    put(this.playButton, icon(playing ? "pause" : "play"));
    const name = t(playing ? "common.pause" : "common.play");
    this.playButton.setAttribute("aria-label", name);
    this.playButton.title = name;
  }

  async #like(button) {
    const liked = button.getAttribute("aria-pressed") !== "true";
    try {
      const { etag } = await get(`/pieces/${this.result.piece}`);
      await send("PATCH", `/pieces/${this.result.piece}`, { liked }, { etag });
      button.setAttribute("aria-pressed", String(liked));
      put(button, icon(liked ? "heart-full" : "heart"));
    } catch (error) {
      toast(error.message);
    }
  }

  /** To the trash, with a way back. */
  async discard({ quietly = false } = {}) {
    this.hush();
    this.listening?.close();
    const piece = this.result?.piece;
    if (piece) await send("DELETE", `/pieces/${piece}`);
    this.element.remove();
    this.gone = true;
    this.dispatchEvent(new Event("change"));
    if (piece && !quietly) toast(t("compose.takes.discarded"), { action: { label: t("common.undo"), call: () => this.restore() } });
  }

  async restore() {
    await send("POST", `/pieces/${this.result.piece}/restore`).catch((error) => toast(error.message));
    toast(t("compose.takes.restored"), { action: { label: t("compose.takes.open"), call: () => location.assign(`/pieces/${this.result.piece}`) } });
  }

  #offer() {
    const button = (name, label, call, attrs = {}) => h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onClick: call, ...attrs }, icon(name));
    const parts = [];
    this.playButton = null;
    if (this.listening && this.plan && !["failed", "cancelled"].includes(this.state)) {
      this.playButton = button("play", t("common.play"), () => (this.isSounding ? this.hush() : this.sound()), { class: "icon-button round" });
      parts.push(this.playButton);
    }
    if (this.state === "done") {
      const like = button("heart", t("compose.takes.like"), () => this.#like(like), { "aria-pressed": "false" });
      parts.push(like, button("trash", t("compose.takes.discard"), () => this.discard().catch((error) => toast(error.message))),
        h("a", { class: "button button-small take-open", href: `/pieces/${this.result.piece}` }, t("compose.takes.open")));
    } else if (this.over) {
      parts.push(button("close", t("common.close"), () => this.discard({ quietly: true })));
    } else {
      parts.push(h("button", { type: "button", class: "button button-small", onClick: () => this.cancel() }, t("common.cancel")));
    }
    put(this.actions, parts);
    this.#sounds(Boolean(this.isSounding));
  }
}
