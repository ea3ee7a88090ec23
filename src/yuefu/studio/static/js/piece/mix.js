/** The rendered mix: made by a job, drawn as a waveform, played with the page's cursor; and files to take away. */

import { toast } from "../announce.js";
import { address, get, newKey, send } from "../api.js";
import { h, put } from "../dom.js";
import { crisp } from "../grid/mini_roll.js";
import { clock, has, t } from "../i18n.js";
import { finished } from "../jobs.js";
import { mixingDesk } from "../sound/context.js";
import { colour, onTheme } from "../theme.js";
import { sectionName } from "./grid_view.js";
import { MixSource } from "./mix_source.js";

const FORMAT = "mp3";

export class Mix {
  /**
   * @param {HTMLElement} root
   * @param {any} page state, player, transport
   */
  constructor(root, page) {
    Object.assign(this, { root, page });
    this.stage = root.querySelector("#mix-stage");
    this.files = root.querySelector("#mix-files");
    this.source = new MixSource();
    this.shown = null;
    this.peaks = null;
    onTheme(() => this.#drawWave());
    window.addEventListener("resize", () => this.#drawWave());
  }

  async show() {
    const { state } = this.page;
    const number = state.version?.number;
    if (this.shown === number) {
      this.#drawWave();
      return;
    }
    this.shown = number;
    this.peaks = null;
    await this.#list();
  }

  /** Whether the mix is there and is what should play while its tab is open. */
  get ready() {
    return Boolean(this.peaks);
  }

  /** @param {number} second */
  moveCursor(second) {
    if (!this.cursor || !this.duration) return;
    this.cursor.style.transform = `translateX(${(second / this.duration) * this.canvas.clientWidth}px)`;
  }

  get #path() {
    return `/pieces/${this.page.state.id}/versions/${this.shown}`;
  }

  async #list() {
    const number = this.shown;
    try {
      const { data } = await get(`${this.#path}/files`);
      if (this.shown !== number) return;
      this.list = data.files;
    } catch (error) {
      toast(error.message);
      return;
    }
    this.#drawFiles();
    const mix = this.list.find((file) => file.format === FORMAT);
    if (mix?.ready) await this.#open();
    else this.#offer();
  }

  #offer() {
    put(this.stage, h("p", { class: "lead" }, t("piece.mix.offer")),
      h("button", { type: "button", class: "button button-primary", id: "mix-render", onClick: () => this.#make(FORMAT, this.stage) }, t("piece.mix.render")));
  }

  /** Has a file made, with its progress in a place of the page. */
  async #make(format, place) {
    const number = this.shown;
    const file = this.list.find((each) => each.format === format);
    const done = h("span", {});
    const words = h("span", { class: "hint", role: "status" }, t("piece.fill.queued"));
    let job = null;
    put(place, h("div", { class: "mix-progress" }, words,
      h("div", { class: "progress", role: "progressbar", "aria-label": t("piece.mix.progress") }, done),
      h("button", { type: "button", class: "button button-small", onClick: () => job && send("DELETE", `/jobs/${job}`) }, t("common.cancel"))));
    try {
      const request = { piece: this.page.state.id, version: number, format };
      const { data } = await send("POST", "/jobs", { kind: file.needs, request }, { idempotencyKey: newKey() });
      job = data.id;
      await finished(job, { onProgress: ({ fraction, seconds_left: left }) => {
        done.style.width = `${Math.round((fraction ?? 0) * 100)}%`;
        words.textContent = left ? t("piece.fill.left", { n: Math.max(1, Math.round(left)) }) : t("piece.mix.making");
      } });
    } catch (error) {
      if (!error.cancelled) toast(error.message);
    }
    if (this.shown === number) await this.#list();
  }

  async #open() {
    const url = address(`${this.#path}/files/${FORMAT}`);
    put(this.stage, h("p", { class: "hint" }, t("piece.mix.loading")));
    try {
      const answer = await fetch(url, { credentials: "same-origin" });
      const sound = await mixingDesk().context.decodeAudioData(await answer.arrayBuffer());
      this.duration = sound.duration;
      this.peaks = peaksOf(sound);
    } catch (error) {
      put(this.stage, h("p", { class: "fault" }, t("piece.mix.broken")));
      return;
    }
    this.source.load(url);
    this.canvas = h("canvas", { class: "mix-wave", role: "img", "aria-label": t("piece.mix.wave", { time: clock(this.duration) }) });
    this.cursor = h("div", { class: "mix-cursor", "aria-hidden": "true" });
    this.sections = h("div", { class: "mix-sections", "aria-hidden": "true" });
    put(this.stage, h("div", { class: "mix-frame", onClick: (event) => {
      const box = this.canvas.getBoundingClientRect();
      this.page.transport.source.seek(((event.clientX - box.left) / box.width) * this.duration);
    } }, this.sections, this.canvas, this.cursor), h("p", { class: "hint" }, t("piece.mix.hint")));
    this.#drawWave();
    this.moveCursor(this.page.transport.source.time);
    this.page.chooseSource();
  }

  #drawWave() {
    if (!this.peaks || !this.canvas?.isConnected || !this.canvas.clientWidth) return;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const pen = crisp(this.canvas, width, height);
    const middle = height / 2;
    const { grid } = this.page.state;
    const clockOf = this.page.player.clock;
    pen.fillStyle = colour("--hairline");
    for (const section of grid.sections) pen.fillRect((clockOf.second(section.start) / this.duration) * width, 0, 1, height);
    pen.fillStyle = colour("--ink-2");
    const step = 3;
    for (let x = 0; x < width; x += step) {
      const from = Math.floor((x / width) * this.peaks.length);
      const to = Math.max(from + 1, Math.floor(((x + step) / width) * this.peaks.length));
      let peak = 0;
      for (let i = from; i < to; i += 1) peak = Math.max(peak, this.peaks[i]);
      const tall = Math.max(1, peak * (height - 4));
      pen.fillRect(x, middle - tall / 2, step - 1, tall);
    }
    put(this.sections, ...grid.sections.map((section) => h("span", { style: { left: `${(clockOf.second(section.start) / this.duration) * 100}%` } }, sectionName(section))));
  }

  #drawFiles() {
    put(this.files, ...this.list.map((file) => {
      const place = h("span", { class: "file-action" });
      const label = has(`piece.format.${file.format.replace(".", "_")}`) ? t(`piece.format.${file.format.replace(".", "_")}`) : file.format;
      if (file.ready) put(place, h("a", { class: "button button-small", href: address(`${this.#path}/files/${file.format}`), download: "" }, t("piece.mix.download")));
      else put(place, h("button", { type: "button", class: "button button-small button-plain", "aria-label": t("piece.mix.make_one", { format: label }), onClick: () => this.#make(file.format, place) }, t("piece.mix.make")));
      return h("li", { dataset: { format: file.format } }, h("span", { class: "file-name" }, label), h("span", { class: "file-type" }, file.file.split(".").slice(1).join(".")), place);
    }));
  }
}

/** The loudest sample of each of some thousand stretches. */
function peaksOf(sound, count = 3000) {
  const channels = Array.from({ length: sound.numberOfChannels }, (_, index) => sound.getChannelData(index));
  const step = Math.max(1, Math.floor(sound.length / count));
  const peaks = new Float32Array(Math.ceil(sound.length / step));
  for (let i = 0; i < peaks.length; i += 1) {
    let peak = 0;
    for (const data of channels) for (let j = i * step; j < Math.min(sound.length, (i + 1) * step); j += 4) peak = Math.max(peak, Math.abs(data[j]));
    peaks[i] = peak;
  }
  return peaks;
}
