/** For you: what comes next, by where one is and how the dials stand; chosen anew as soon as something is said. */

import { announce, toast } from "../announce.js";
import { get, send } from "../api.js";
import { all, debounce, h, on, one, put } from "../dom.js";
import { t } from "../i18n.js";
import { context, setContext } from "../telling.js";
import { refused } from "./opinions.js";
import { trackRow } from "./tracks.js";

const COUNT = 12;

export class ForYou {
  /** @param {{hearing: import("./hearing.js").Hearing, opinions: any}} shared */
  constructor({ hearing, opinions }) {
    Object.assign(this, { hearing, opinions });
    this.root = one("#for-you");
    this.list = one("#queue");
    this.empty = one("#queue-empty");
    this.tracks = [];
    this.turn = 0;
    this.#listen();
    this.#mark();
  }

  /** Shows the queue. */
  async show() {
    this.root.hidden = false;
    await this.load();
  }

  hide() {
    this.root.hidden = true;
  }

  /** @param {Record<string, number>} dials 0..1 */
  takeDials(dials) {
    for (const dial of all("[data-dial]", this.root)) {
      dial.value = String(Math.round(dials[dial.dataset.dial] * 100));
      this.#dialShown(dial);
    }
  }

  /** Asks what comes next. `keep`: what is on stays, and what follows it is chosen anew. */
  async load({ keep = false, without = [] } = {}) {
    const mine = (this.turn += 1);
    this.list.setAttribute("aria-busy", "true");
    const params = new URLSearchParams({ n: String(COUNT) });
    if (context()) params.set("context", context());
    for (const item of [...without, ...(keep && this.hearing.track ? [this.hearing.track.item] : [])].slice(0, 200)) params.append("without", item);
    try {
      const { data } = await get(`/recommendations?${params}`);
      if (mine !== this.turn) return;
      const found = data.recommended.filter((each) => !refused.has(each.item));
      // In a small library there may be no others: then it is these once more.
      if (!found.length && without.length) return void this.load({ keep });
      const on = keep && this.hearing.name === "for-you" ? this.hearing.track : null;
      this.tracks = on ? [on, ...found] : found;
      if (on) this.hearing.renew(found);
      this.#draw();
    } catch (error) {
      if (mine === this.turn) this.#say(error.message, true);
    } finally {
      if (mine === this.turn) this.list.setAttribute("aria-busy", "false");
    }
  }

  /** After an opinion: what hasn't begun is chosen anew. */
  async renew() {
    if (this.root.hidden) return;
    await this.load({ keep: true });
    announce(t("listen.queue.renewed"));
  }

  /** Plays the queue from one of its pieces on. */
  async play(index = 0) {
    const track = this.tracks[index];
    if (!track) return;
    if (this.hearing.isOn(track.item)) await this.hearing.toggle();
    else await this.hearing.play(this.tracks, index, { name: "for-you" });
  }

  /** The queue has no end: before the last piece is over, more is chosen. */
  async #goOn() {
    const { hearing } = this;
    if (hearing.name !== "for-you" || this.going || !hearing.track || hearing.index < hearing.tracks.length - 1) return;
    this.going = true;
    try {
      const params = new URLSearchParams({ n: String(COUNT) });
      if (context()) params.set("context", context());
      for (const each of hearing.tracks.slice(-200)) params.append("without", each.item);
      const { data } = await get(`/recommendations?${params}`);
      const more = data.recommended.filter((each) => !refused.has(each.item));
      if (more.length && hearing.name === "for-you" && hearing.index === hearing.tracks.length - 1) {
        hearing.renew(more);
        this.tracks = [...this.tracks, ...more];
        this.#draw();
      }
    } catch {
      // the list ends here; whoever wants more asks again
    } finally {
      this.going = false;
    }
  }

  #draw() {
    const open = new Set(all(".why:not([hidden])", this.list).map((each) => each.closest(".track").dataset.item));
    put(this.list, this.tracks.map((track, index) => trackRow(track, {
      play: () => this.play(index), opinions: this.opinions, context, note: track.explored ? t("listen.queue.tried") : "",
    })));
    for (const row of this.list.children) if (open.has(row.dataset.item)) one("[aria-expanded]", row)?.click();
    one("#queue-play").disabled = !this.tracks.length;
    if (this.tracks.length) this.empty.hidden = true;
    else this.#say(t("listen.queue.empty"), false);
  }

  #say(text, again) {
    put(this.list);
    this.empty.hidden = false;
    put(this.empty, text, " ", again
      ? h("button", { type: "button", class: "link-button", onClick: () => this.load() }, t("listen.queue.again"))
      : h("a", { href: "/" }, t("listen.queue.compose")));
  }

  #mark() {
    for (const button of all("[data-context]", this.root)) button.setAttribute("aria-pressed", String(button.dataset.context === context()));
  }

  #dialShown(dial) {
    one(`#dial-${dial.dataset.dial}-shown`).textContent = dial.value;
    dial.setAttribute("aria-valuetext", t("listen.dials.value", { n: dial.value }));
  }

  #listen() {
    on(this.root, "click", "[data-context]", (event, button) => {
      setContext(button.dataset.context);
      this.#mark();
      this.load({ keep: true });
    });
    this.hearing.addEventListener("change", () => this.#goOn());
    one("#queue-play").addEventListener("click", () => this.play(0));
    one("#queue-fresh").addEventListener("click", () => this.load({ keep: true, without: this.tracks.map((each) => each.item) }));
    const set = debounce(async (dial) => {
      try {
        await send("PATCH", "/listening/settings", { [dial.dataset.dial]: Number(dial.value) / 100 });
        this.load({ keep: true });
      } catch (error) {
        toast(error.message);
      }
    }, 350);
    on(this.root, "input", "[data-dial]", (event, dial) => {
      this.#dialShown(dial);
      set(dial);
    });
  }
}
