/** The bar at the foot of the page: play, where we are, loop, speed, loudness, metronome. */

import { on, one } from "../dom.js";
import { clock, t } from "../i18n.js";
import { icon } from "../icons.js";
import { barAt, barBeat } from "./bars.js";

export class Transport extends EventTarget {
  /**
   * @param {HTMLElement} root
   * @param {import("./state.js").PieceState} state
   * @param {import("../sound/player.js").Player} player
   */
  constructor(root, state, player) {
    super();
    Object.assign(this, { root, state, player });
    /** What plays: the player, or the rendered mix. */
    this.source = player;
    this.loopBars = null;
    this.place = one("#transport-place", root);
    this.time = one("#transport-time", root);
    this.total = one("#transport-total", root);
    this.seek = one("#transport-seek", root);
    this.button = one("#transport-play", root);
    this.loopButton = one("#transport-loop", root);
    this.#listen();
    this.use(player);
  }

  /** Makes another source the one that plays: they have the same manners. */
  use(source) {
    if (this.source !== source) {
      this.source.pause();
      source.seek(this.source.time);
    }
    this.stops?.forEach((stop) => stop());
    this.source = source;
    source.setRate(Number(one("#transport-speed", this.root).value) / 100);
    this.stops = [source.onTime((second) => this.#tell(second)), source.onState((playing) => this.#state(playing))];
    this.#applyLoop();
    this.#state(source.playing);
  }

  /** The piece's clock is new: show where we are by it. */
  refresh() {
    const { grid, playback } = this.state;
    this.total.textContent = clock(playback.duration);
    this.seek.max = String(playback.duration);
    const beats = [];
    for (const bar of grid.bars) {
      const step = (grid.ticks_per_quarter * 4) / bar.denominator;
      for (let tick = bar.start; tick < bar.start + bar.duration; tick += step) beats.push([this.player.clock.second(tick), tick === bar.start]);
    }
    this.player.setBeats(beats);
    this.#applyLoop();
    this.#tell(this.source.time);
  }

  async toggle() {
    if (this.source.playing) this.source.pause();
    else await this.source.play();
  }

  /** Goes to a tick; plays on if it plays. */
  seekTick(tick) {
    this.source.seek(this.player.clock.second(tick));
  }

  /**
   * Plays some bars again and again; null ends it.
   * @param {number | null} first index
   * @param {number} [last]
   */
  loop(first, last = first) {
    this.loopBars = first === null ? null : [first, last];
    this.#applyLoop();
    this.dispatchEvent(new Event("loop"));
  }

  get tick() {
    return Math.max(0, this.player.clock.tick(this.source.time));
  }

  #applyLoop() {
    const { grid } = this.state;
    if (this.loopBars && grid && this.loopBars[1] >= grid.bars.length) this.loopBars = null;
    const on_ = Boolean(this.loopBars);
    this.loopButton.setAttribute("aria-pressed", String(on_));
    if (!grid) return;
    if (!on_) {
      this.loopButton.title = t("piece.transport.loop");
      this.source.loop(null);
      return;
    }
    const [first, last] = this.loopBars.map((index) => grid.bars[index]);
    this.loopButton.title = t("piece.transport.looping", { bars: first.number === last.number ? first.number : `${first.number}–${last.number}` });
    this.source.loop(this.player.clock.second(first.start), this.player.clock.second(last.start + last.duration));
  }

  #tell(second) {
    const { grid } = this.state;
    if (!grid) return;
    const tick = Math.max(0, Math.min(this.player.clock.tick(second), grid.length - 1));
    const bar = barAt(grid, tick);
    const [number, beat] = barBeat(grid, tick);
    const place = `${number}:${beat}`;
    if (this.place.textContent !== place) this.place.textContent = place;
    const time = clock(Math.floor(second));
    if (this.time.textContent !== time) this.time.textContent = time;
    if (!this.seeking) this.seek.value = String(second);
    this.seek.style.setProperty("--done", `${(second / (this.state.playback.duration || 1)) * 100}%`);
    this.seek.setAttribute("aria-valuetext", t("piece.transport.at", { bar: number, beat, time }));
    this.dispatchEvent(new CustomEvent("time", { detail: { second, tick, bar, playing: this.source.playing } }));
  }

  #state(playing) {
    this.button.replaceChildren(icon(playing ? "pause" : "play"));
    this.button.setAttribute("aria-label", t(playing ? "common.pause" : "common.play"));
    this.root.classList.toggle("is-playing", playing);
  }

  #listen() {
    const { root } = this;
    this.button.addEventListener("click", () => this.toggle());
    on(one("#transport-start", root), "click", () => this.source.seek(this.loopBars ? this.player.clock.second(this.state.grid.bars[this.loopBars[0]].start) : 0));
    this.seek.addEventListener("input", () => {
      this.seeking = true;
      this.source.seek(Number(this.seek.value));
    });
    this.seek.addEventListener("change", () => { this.seeking = false; });
    this.loopButton.addEventListener("click", () => {
      if (this.loopBars) this.loop(null);
      else this.dispatchEvent(new Event("wantloop"));
    });
    const speed = one("#transport-speed", root);
    const shown = one("#transport-speed-shown", root);
    speed.addEventListener("input", () => {
      shown.textContent = `${speed.value}%`;
      this.source.setRate(Number(speed.value) / 100);
    });
    speed.addEventListener("dblclick", () => {
      speed.value = "100";
      speed.dispatchEvent(new Event("input"));
    });
    const volume = one("#transport-volume", root);
    volume.addEventListener("input", () => {
      this.player.setVolume(Number(volume.value) / 100);
      if (this.source !== this.player) this.source.setVolume(Number(volume.value) / 100);
    });
    const metronome = one("#transport-metronome", root);
    metronome.addEventListener("click", () => {
      const wanted = metronome.getAttribute("aria-pressed") !== "true";
      metronome.setAttribute("aria-pressed", String(wanted));
      this.player.setMetronome(wanted);
    });
  }
}
