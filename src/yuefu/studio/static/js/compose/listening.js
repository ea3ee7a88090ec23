/** Hearing a piece while it is still being written: the tune sounds as soon as there is one, and waits when it must. */

import { Player } from "../sound/player.js";

const AHEAD = 0.15;

/** Plays what the events of a job bring. */
export class Listening {
  /** @param {{onTick?: (tick: number|null) => void, onChange?: (playing: boolean) => void}} listeners */
  constructor(listeners = {}) {
    this.player = new Player();
    this.listeners = listeners;
    this.wanted = false;
    this.written = 0;
    this.done = false;
    this.player.onTime((time) => this.#time(time));
  }

  /** @param {any} plan */
  plan(plan) {
    this.second = 60 / (plan.tempo * 24);
    this.planned = plan;
    const ticks = plan.bars * plan.bar_ticks;
    this.player.load({
      duration: ticks * this.second, clock: [[0, 0], [ticks, ticks * this.second]],
      parts: plan.rows.map((row) => ({ id: row.row, row: row.row, program: row.program, is_drums: row.is_drums, volume: row.volume, pan: row.pan, notes: [] })),
    });
  }

  /** @param {any} bars */
  bars(bars) {
    if (!this.planned || bars.row === "chords") return;
    this.player.extend(bars.row, bars.notes.map(([start, duration, pitch, velocity], index) => [index, start * this.second, duration * this.second, pitch, velocity]));
    this.written = Math.max(this.written, (bars.first + bars.count) * this.planned.bar_ticks * this.second);
    if (this.wanted && !this.player.playing) this.player.play(this.player.time || 0);
  }

  /** Starts as soon as there is something to hear. */
  start() {
    this.wanted = true;
    this.listeners.onChange?.(true);
    if (this.written > this.player.time + AHEAD) this.player.play(this.player.time || 0);
  }

  pause() {
    this.wanted = false;
    this.player.pause();
    this.listeners.onChange?.(false);
  }

  /** Nothing more will be written. */
  end() {
    this.done = true;
  }

  close() {
    this.wanted = false;
    this.player.close();
    this.listeners.onTick?.(null);
    this.listeners.onChange?.(false);
  }

  #time(time) {
    this.listeners.onTick?.(this.second ? time / this.second : null);
    if (!this.done && this.player.playing && time > this.written - AHEAD) this.player.pause();
    if (this.done && time >= this.written - 0.05) this.listeners.onChange?.(false);
  }
}
