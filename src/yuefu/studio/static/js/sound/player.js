/** Plays a piece: a look-ahead scheduler that hands notes to the sampler a moment before they sound. */

import { mixingDesk, setMaster, wake } from "./context.js";
import { Sampler } from "./sampler.js";
import { balance, leave, stripOf, tick } from "./strips.js";
import { Clock, Timeline } from "./timeline.js";

const EVERY = 25; // milliseconds between looks
const AHEAD = 0.14; // seconds of sound that are planned
const AHEAD_HIDDEN = 1.6; // in a hidden tab timers run once a second
const LEAD = 0.03; // the first note's time to be made ready

let sharedSampler = null;

function samplerFor(context) {
  sharedSampler ??= new Sampler(context);
  return sharedSampler;
}

/**
 * @typedef {[number | null, number, number, number, number]} Note id, start, duration (seconds), pitch, velocity
 * @typedef {{id: string, row?: string, program: number, is_drums: boolean, volume: number, pan: number, notes: Note[]}} PlayedPart
 */

export class Player {
  constructor() {
    this.parts = new Map();
    this.timeline = new Timeline();
    this.duration = 0;
    this.playing = false;
    /** Whether playback waits for music that isn't written yet. */
    this.waiting = false;
    this.rate = 1;
    this.looped = null;
    this.frontier = Infinity;
    this.beats = [];
    this.metronome = false;
    this.voices = new Set();
    this.listeners = new Set();
    this.stateListeners = new Set();
    this.clock = new Clock([[0, 0]]);
    this.position = 0; // where it stands when it doesn't play
    this.planned = { at: 0, second: 0 };
    this.timer = null;
    this.frame = null;
    this.muted = false;
  }

  /** The piece of sound card time that plays; made at first use. */
  get #desk() {
    return mixingDesk();
  }

  get sampler() {
    return samplerFor(this.#desk.context);
  }

  /**
   * Takes a piece (the API's playback view); what plays goes on in the new notes.
   * @param {{duration: number, clock?: [number, number][], parts: PlayedPart[]}} playback
   */
  load(playback) {
    // What sounds now goes on sounding: a part that stays keeps its strip of the desk.
    const before = this.parts;
    this.parts = new Map();
    this.duration = playback.duration;
    if (playback.clock) this.clock = new Clock(playback.clock);
    for (const part of playback.parts) {
      const { mute = false, solo = false, strip = null } = before.get(part.id) ?? {};
      this.parts.set(part.id, { ...part, notes: sorted(part.notes), mute, solo, strip });
      before.delete(part.id);
    }
    for (const gone of before.values()) leave(gone);
    if ([...this.parts.values()].some((part) => part.strip)) balance(this.parts.values());
    if (this.playing) this.#replan();
    this.#prefetch(this.time);
  }

  /**
   * Adds notes while a piece is being written.
   * @param {{id?: string, row?: string, program?: number, is_drums?: boolean, volume?: number, pan?: number}} part
   * @param {[number, number, number, number][]} notes start, duration in ticks (in seconds without a clock), pitch, velocity
   * @param {[number, number][] | null} [clock] points [tick, second]
   */
  extend(part, notes, clock = null) {
    if (clock) this.clock = new Clock(clock);
    const id = part.id ?? part.row;
    if (!this.parts.has(id)) {
      this.parts.set(id, { program: 0, is_drums: id === "drums", volume: 100, pan: 64, ...part, id, notes: [], mute: false, solo: false, strip: null });
      if ([...this.parts.values()].some((each) => each.solo)) balance(this.parts.values());
    }
    const target = this.parts.get(id);
    const timed = notes.map(([start, duration, pitch, velocity]) => {
      if (!clock) return [null, start, duration, pitch, velocity];
      const from = this.clock.second(start);
      return [null, from, this.clock.second(start + duration) - from, pitch, velocity];
    });
    target.notes = sorted([...target.notes, ...timed]);
    for (const note of timed) this.duration = Math.max(this.duration, note[1] + note[2]);
    this.sampler.want(timed.map((note) => ({ program: soundOf(target), pitch: note[3] })));
  }

  /**
   * Up to where music is written: playback waits there until more comes (null: all of it is there).
   * @param {number | null} second
   */
  limit(second) {
    this.frontier = second ?? Infinity;
    if (this.waiting && this.planned.second < this.frontier - 1e-6) {
      this.waiting = false;
      this.#turn(this.planned.second);
    }
  }

  /**
   * Starts, from a second of the piece or from where it stands.
   * @param {number} [from]
   */
  async play(from) {
    await wake();
    let second = from ?? this.position;
    if (from === undefined && this.duration && second >= this.duration - 0.05) second = this.looped?.[0] ?? 0;
    if (from !== undefined && this.playing) this.#silence(this.#desk.context.currentTime);
    this.playing = true;
    this.waiting = false;
    this.#prefetch(second);
    this.#turn(second, true);
    this.timer ??= setInterval(() => this.#plan(), EVERY);
    this.#plan();
    this.#tell();
    this.#changed();
  }

  /** Stops, and stays where it is. */
  pause() {
    if (!this.playing) return;
    this.position = this.time;
    this.#halt();
  }

  /** Stops, and goes back to the start (of the loop). */
  stop() {
    this.position = this.looped?.[0] ?? 0;
    this.#halt();
    for (const listener of this.listeners) listener(this.position);
  }

  /**
   * Goes to a second of the piece, playing or not.
   * @param {number} second
   */
  seek(second) {
    const to = Math.max(0, Math.min(second, this.duration || second));
    if (this.playing) {
      this.#silence(this.#desk.context.currentTime);
      this.waiting = false;
      this.#turn(to, true);
      this.#plan();
    } else {
      this.position = to;
      this.#prefetch(to);
    }
    for (const listener of this.listeners) listener(to);
  }

  /** The second of the piece that is heard now. */
  get time() {
    if (!this.playing) return this.position;
    const { context } = this.#desk;
    return this.timeline.second(context.currentTime - Math.min(context.outputLatency || 0, 0.25));
  }

  /**
   * Calls back with the second of the piece, a frame at a time while it plays.
   * @param {(second: number) => void} listener
   * @returns {() => void} takes the listener away
   */
  onTime(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Calls back when playing begins or ends.
   * @param {(playing: boolean) => void} listener
   */
  onState(listener) {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  }

  /** @param {number} rate 0.5 to 1.5: how fast; the pitch stays */
  setRate(rate) {
    this.rate = Math.min(2, Math.max(0.25, rate));
    if (this.playing) this.#replan();
  }

  /**
   * Changes how a part is heard, at once.
   * @param {string} id
   * @param {{mute?: boolean, solo?: boolean, volume?: number, pan?: number, program?: number}} change
   */
  setPart(id, change) {
    const part = this.parts.get(id);
    if (!part) return;
    Object.assign(part, change);
    balance(this.parts.values());
  }

  /**
   * Plays a stretch again and again (null: no more).
   * @param {number | null} a
   * @param {number} [b]
   */
  loop(a, b) {
    this.looped = a === null || b === undefined || b - a < 0.05 ? null : [a, b];
    if (!this.playing) {
      if (this.looped) this.position = this.looped[0];
      return;
    }
    const now = this.time;
    if (this.looped && (now < this.looped[0] || now >= this.looped[1])) this.seek(this.looped[0]);
    else this.#replan();
  }

  /** @param {number} level 0 to 1 */
  setVolume(level) {
    setMaster(level);
  }

  /**
   * The beats for the metronome.
   * @param {[number, boolean][]} beats second, whether it is the bar's first
   */
  setBeats(beats) {
    this.beats = beats;
  }

  /** @param {boolean} on */
  setMetronome(on) {
    this.metronome = on;
    if (this.playing) this.#replan();
  }

  /**
   * Sounds one note now.
   * @param {number | 'drums'} program
   * @param {number} pitch
   * @param {number} [velocity]
   * @param {number} [duration]
   */
  async note(program, pitch, velocity = 90, duration = 0.5) {
    await wake();
    const { context, input, room } = this.#desk;
    this.sampler.want([{ program, pitch }], { first: true });
    const gain = new GainNode(context, { gain: 0.7 });
    const send = new GainNode(context, { gain: 0.12 });
    gain.connect(input);
    gain.connect(send).connect(room);
    const voice = this.sampler.voice(gain, { program, pitch, velocity, when: context.currentTime + 0.005, duration });
    voice.onended = () => {
      gain.disconnect();
      send.disconnect();
    };
  }

  /** Ends all sound and gives the nodes back. */
  close() {
    this.#halt();
    for (const part of this.parts.values()) leave(part);
    this.parts.clear();
    this.listeners.clear();
    this.stateListeners.clear();
  }

  #halt() {
    this.playing = false;
    this.waiting = false;
    clearInterval(this.timer);
    this.timer = null;
    cancelAnimationFrame(this.frame);
    this.frame = null;
    if (this.voices.size) this.#silence(this.#desk.context.currentTime);
    this.#changed();
  }

  #changed() {
    for (const listener of this.stateListeners) listener(this.playing);
  }

  #tell() {
    cancelAnimationFrame(this.frame);
    const step = () => {
      if (!this.playing) return;
      const now = this.time;
      for (const listener of this.listeners) listener(now);
      if (!this.looped && this.frontier === Infinity && this.duration && now >= this.duration + 0.6) {
        this.position = this.duration;
        this.#halt();
        return;
      }
      this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  /** From now on the piece runs from `second`. */
  #turn(second, sustained = false) {
    const at = this.#desk.context.currentTime + LEAD;
    this.timeline.turn(at, second, this.rate);
    this.planned = { at, second };
    if (sustained) this.#pickUp(second, at);
  }

  /** What is planned but doesn't sound yet is planned anew; what sounds goes on. */
  #replan() {
    const { context } = this.#desk;
    const second = this.timeline.second(context.currentTime + LEAD);
    for (const voice of this.voices) if (voice.start > context.currentTime + LEAD) voice.stop(context.currentTime);
    this.#turn(second);
    this.#plan();
  }

  /** Long notes that began before the place where it starts are heard from there. */
  #pickUp(second, at) {
    for (const part of this.parts.values()) {
      if (part.is_drums) continue;
      for (let i = firstFrom(part.notes, second) - 1; i >= 0 && part.notes[i][1] > second - 12; i -= 1) {
        const [, start, duration, pitch, velocity] = part.notes[i];
        const rest = start + duration - second;
        if (rest > 0.25) this.#sound(part, pitch, velocity * 0.85, at, rest / this.rate);
      }
    }
  }

  #plan() {
    if (!this.playing || this.waiting) return;
    const { context } = this.#desk;
    const horizon = context.currentTime + (document.hidden ? AHEAD_HIDDEN : AHEAD);
    if (this.planned.at < context.currentTime - 0.5) this.#turn(this.planned.second); // the machine slept
    while (this.planned.at < horizon) {
      const wrap = this.looped && this.planned.second < this.looped[1] ? this.looped[1] : Infinity;
      const reach = this.planned.second + (horizon - this.planned.at) * this.rate;
      const end = Math.min(reach, wrap, this.frontier);
      this.#soundBetween(this.planned.second, end, wrap);
      // Rounding may not leave a stretch too short to move on, or this would never end.
      const at = end === reach ? horizon : this.planned.at + Math.max(0, end - this.planned.second) / this.rate;
      this.planned = { at, second: Math.max(end, this.planned.second) };
      if (end === wrap) {
        this.planned.second = this.looped[0];
        this.timeline.turn(at, this.looped[0], this.rate);
      } else if (end === this.frontier && end < reach) {
        this.waiting = true;
        this.timeline.turn(at, end, 0);
        return;
      }
    }
  }

  #soundBetween(from, to, wrap) {
    for (const part of this.parts.values()) {
      const { notes } = part;
      for (let i = firstFrom(notes, from); i < notes.length && notes[i][1] < to; i += 1) {
        const [, start, duration, pitch, velocity] = notes[i];
        const length = Math.min(duration, wrap - start);
        this.#sound(part, pitch, velocity, this.planned.at + (start - from) / this.rate, length / this.rate);
      }
    }
    if (!this.metronome) return;
    for (const [second, strong] of this.beats) {
      if (second >= from && second < to) this.#keep(tick(this.planned.at + (second - from) / this.rate, strong));
    }
  }

  #sound(part, pitch, velocity, when, duration) {
    // A muted part plays on unheard, so that it is there in the middle of a note when it is wanted again.
    this.#keep(this.sampler.voice(stripOf(part).gain, { program: soundOf(part), pitch, velocity, when, duration }));
  }

  #keep(voice) {
    this.voices.add(voice);
    voice.onended = () => this.voices.delete(voice);
  }

  #silence(at) {
    for (const voice of this.voices) voice.stop(at);
  }

  /** Samples in the order in which they will be needed from a second on. */
  #prefetch(from) {
    const needed = [];
    for (const part of this.parts.values()) {
      for (const note of part.notes) {
        const away = note[1] - from;
        needed.push([away >= -0.5 ? away : away + 1e6, soundOf(part), note[3]]);
      }
    }
    needed.sort((one, other) => one[0] - other[0]);
    this.sampler.want(needed.map(([, program, pitch]) => ({ program, pitch })), { first: true });
  }
}

function soundOf(part) {
  return part.is_drums ? "drums" : part.program;
}

function sorted(notes) {
  return [...notes].sort((one, other) => one[1] - other[1] || one[3] - other[3]);
}

/** The index of the first note that starts at or after a second. */
function firstFrom(notes, second) {
  let low = 0;
  let high = notes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (notes[middle][1] < second - 1e-9) low = middle + 1;
    else high = middle;
  }
  return low;
}
