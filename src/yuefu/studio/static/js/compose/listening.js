/** Hearing a piece while it is still being written: the tune sounds as soon as there is one, and waits when it must. */

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
    this.player.onTime((time) => this.listeners.onTick?.(this.second ? time / this.second : null));
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
    this.player.load({ duration: 0, clock: this.clock, parts: plan.rows.map((row) => ({ ...row, id: row.row, notes: [] })) });
    this.player.limit(0);
  }

  /** @param {any} bars */
  bars(bars) {
    if (!this.planned || bars.row === "chords") return;
    this.player.extend({ id: bars.row }, bars.notes, this.clock);
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
