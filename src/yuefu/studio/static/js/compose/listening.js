/** Hearing a piece while it is still being written: the tune sounds as soon as there is one, and waits when it must. */

import { get } from "../api.js";
import { Player } from "../sound/player.js";

/** Plays what the events of a job bring. */
export class Listening {
  /** @param {{onTick?: (tick: number|null) => void, onChange?: (playing: boolean) => void}} listeners */
  constructor(listeners = {}) {
    this.player = new Player();
    this.listeners = listeners;
    this.wanted = false;
    this.written = 0;
    this.done = false;
    this.player.onTime((time) => this.listeners.onTick?.(this.clock ? this.player.clock.tick(time) : null));
    this.player.onState((playing) => {
      if (!playing) this.listeners.onTick?.(null);
      this.listeners.onChange?.(playing || (this.wanted && !this.done));
    });
  }

  /** @param {any} plan */
  plan(plan) {
    this.planned = plan;
    this.second = 60 / (plan.tempo * 24);
    const ticks = plan.bars * plan.bar_ticks;
    this.clock = [[0, 0], [ticks, ticks * this.second]];
    this.rows = new Map(plan.rows.filter((row) => row.row !== "chords").map((row) => [row.row, { row, notes: [] }]));
    this.#load();
    this.player.limit(0);
  }

  /** @param {any} bars */
  bars(bars) {
    const row = this.rows?.get(bars.row);
    if (!row || this.kept) return;
    const from = bars.first * this.planned.bar_ticks;
    const to = from + bars.count * this.planned.bar_ticks;
    const before = row.notes.length;
    row.notes = row.notes.filter(([start]) => start < from || start >= to);
    const replaced = row.notes.length < before;
    row.notes.push(...bars.notes);
    // What was only tried is taken back; else the new notes just come on top.
    if (replaced) this.#load();
    else this.player.extend({ id: bars.row }, bars.notes, this.clock);
    const until = (bars.first + bars.count) * this.planned.bar_ticks * this.second;
    if (until <= this.written) return;
    this.written = until;
    this.player.limit(this.done ? null : until);
    if (this.wanted && !this.player.playing) this.player.play();
  }

  /** Starts as soon as there is something to hear. */
  start() {
    this.wanted = true;
    this.listeners.onChange?.(true);
    if (this.written > 0) this.player.play();
  }

  pause() {
    this.wanted = false;
    this.player.pause();
    this.listeners.onChange?.(false);
  }

  #load() {
    const timed = ([start, duration, pitch, velocity]) => [null, start * this.second, duration * this.second, pitch, velocity];
    const parts = [...this.rows.values()].map(({ row, notes }) => ({ ...row, id: row.row, notes: notes.map(timed) }));
    const end = Math.max(0, ...parts.flatMap((part) => part.notes.map((note) => note[1] + note[2])));
    this.player.load({ duration: end, clock: this.clock, parts });
  }

  /** The piece as it is kept, played with care, in place of the sketch. @param {string} path of the playback view */
  async load(path) {
    try {
      const { data } = await get(path);
      this.kept = true;
      this.clock = data.clock;
      this.player.load(data);
    } catch {
      // the sketch can still be heard
    }
  }

  /** Nothing more will be written. */
  end() {
    this.done = true;
    this.player.limit(null);
  }

  close() {
    this.wanted = false;
    this.player.close();
    this.listeners.onTick?.(null);
    this.listeners.onChange?.(false);
  }
}
