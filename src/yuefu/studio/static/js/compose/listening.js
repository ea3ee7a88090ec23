/** Hearing a piece while it is still being written: the tune sounds as soon as there is one, and waits when it must. */

import { get } from "../api.js";
import { Player } from "../sound/player.js";

/** Rows that make held chords needless. */
const BAND = ["keys", "pad", "bass", "inner"];

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
    // Chords are held softly where no band is written yet.
    const player = plan.rows.find((row) => ["keys", "pad"].includes(row.row)) ?? { program: 0, volume: 100, pan: 64 };
    this.rows = new Map(plan.rows.map((row) => [row.row, { row: row.row === "chords" ? { ...player, row: "chords", is_drums: false } : row, notes: [] }]));
    // A bar can be heard when its tune is there, or, where the plan has no tune, its chords.
    this.awaited = Array.from({ length: plan.bars }, (_, bar) => {
      const section = plan.sections.findLast((each) => each.start <= bar);
      return section?.rows && !section.rows.includes("melody") ? "chords" : "melody";
    });
    this.#load();
    this.player.limit(0);
  }

  /** @param {any} bars */
  bars(bars) {
    const row = this.rows?.get(bars.row);
    if (!row || this.kept) return;
    const replaced = this.#clear(row, bars);
    row.notes.push(...bars.notes);
    const relieved = BAND.includes(bars.row) && bars.notes.length > 0 && this.#clear(this.rows.get("chords"), bars);
    // What was only tried is taken back; else the new notes just come on top.
    if (replaced || relieved) this.#load();
    else this.player.extend({ ...row.row, id: bars.row }, bars.notes, this.clock);
    for (let bar = bars.first; bar < bars.first + bars.count; bar += 1) if (this.awaited[bar] === bars.row) this.awaited[bar] = "";
    const next = this.awaited.findIndex((each) => each);
    const until = (next < 0 ? this.planned.bars : next) * this.planned.bar_ticks * this.second;
    if (until <= this.written) return;
    this.written = until;
    this.player.limit(this.done ? null : until);
    if (this.wanted && !this.player.playing) this.player.play();
  }

  /** Takes a row's notes out of some bars; whether there were any. */
  #clear(row, { first, count }) {
    const from = first * this.planned.bar_ticks;
    const to = from + count * this.planned.bar_ticks;
    const before = row?.notes.length ?? 0;
    if (before) row.notes = row.notes.filter(([start]) => start < from || start >= to);
    return before > (row?.notes.length ?? 0);
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
