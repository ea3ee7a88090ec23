/** Instruments from samples: every third semitone of the soundfont, fetched in the order of need. */

import { ending, synthVoice } from "./synth.js";

const BASE = "/api/v1/sounds";
const AT_ONCE = 4;
const SUSTAINED = 0.35;

/** The sample that a pitch is played from. */
function nearest(program, pitch) {
  if (program === "drums") return pitch;
  return Math.min(108, Math.max(21, Math.round(pitch / 3) * 3));
}

/** Plays notes from samples, and from the synthesizer while a sample is on its way. */
export class Sampler {
  /**
   * @param {BaseAudioContext} context
   * @param {{fetch?: typeof fetch, base?: string}} [options]
   */
  constructor(context, { fetch: fetcher = window.fetch.bind(window), base = BASE } = {}) {
    this.context = context;
    this.fetcher = fetcher;
    this.base = base;
    /** @type {Map<string, Sample | 'queued' | 'absent'>} */
    this.samples = new Map();
    /** @type {string[]} */
    this.queue = [];
    this.active = 0;
    this.closed = false;
    /** @type {(() => void)[]} */
    this.waiting = [];
  }

  /**
   * Asks for the samples of some notes, the first needed first.
   * @param {Iterable<{program: number | 'drums', pitch: number}>} notes in the order in which they will sound
   * @param {{first?: boolean}} [options] first: before all that is already waiting
   */
  want(notes, { first = false } = {}) {
    const wanted = [];
    for (const { program, pitch } of notes) {
      const name = `${program}/${nearest(program, pitch)}`;
      const known = this.samples.get(name);
      if (known === undefined) {
        this.samples.set(name, "queued");
        wanted.push(name);
      } else if (first && known === "queued" && this.queue.includes(name) && !wanted.includes(name)) {
        wanted.push(name);
      }
    }
    if (!wanted.length) return;
    const asked = new Set(wanted);
    const rest = this.queue.filter((name) => !asked.has(name));
    this.queue = first ? [...wanted, ...rest] : [...rest, ...wanted];
    this.#work();
  }

  /** Whether all that was asked for has come (or failed to). */
  get idle() {
    return !this.active && !this.queue.length;
  }

  /** Resolves when nothing is on its way any more. */
  settled() {
    return this.idle ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }

  /** How many samples are there. */
  get ready() {
    return [...this.samples.values()].filter((sample) => typeof sample === "object").length;
  }

  /**
   * Starts a note.
   * @param {AudioNode} out
   * @param {{program: number | 'drums', pitch: number, velocity: number, when: number, duration: number}} note
   */
  voice(out, note) {
    const from = nearest(note.program, note.pitch);
    const sample = this.samples.get(`${note.program}/${from}`);
    if (typeof sample !== "object") {
      if (sample === undefined) this.want([note], { first: true });
      return synthVoice(this.context, out, note);
    }
    const { context } = this;
    const rate = 2 ** ((note.pitch - from) / 12);
    const source = new AudioBufferSourceNode(context, { buffer: sample.buffer, playbackRate: rate });
    const gain = new GainNode(context, { gain: 0.9 * (note.velocity / 127) ** 1.5 });
    source.connect(gain).connect(out);
    let end = note.when + note.duration;
    let release = 0.14;
    if (note.program === "drums") {
      end = note.when + sample.buffer.duration;
      release = 0.02;
    } else if (sample.loop) {
      source.loop = true;
      [source.loopStart, source.loopEnd] = sample.loop;
    }
    return ending(context, gain, [source], [gain], note.when, end, release, 0);
  }

  /** Asks for nothing more. */
  close() {
    this.closed = true;
    this.queue = [];
  }

  #work() {
    while (!this.closed && this.active < AT_ONCE && this.queue.length) {
      const name = this.queue.shift();
      this.active += 1;
      this.#load(name).finally(() => {
        this.active -= 1;
        this.#work();
        if (this.idle) for (const done of this.waiting.splice(0)) done();
      });
    }
  }

  async #load(name) {
    try {
      const answer = await this.fetcher(`${this.base}/${name}.flac`);
      if (!answer.ok) throw new Error(`${answer.status}`);
      const buffer = await this.context.decodeAudioData(await answer.arrayBuffer());
      this.samples.set(name, prepared(buffer));
    } catch {
      this.samples.set(name, "absent"); // the synthesizer goes on playing these
    }
  }
}

/**
 * @typedef {{buffer: AudioBuffer, loop: [number, number] | null}} Sample
 */

/** A sample with a seamless loop where the instrument sustains, so that long notes last. */
function prepared(buffer) {
  const data = buffer.getChannelData(0);
  const { sampleRate } = buffer;
  const level = (from, to) => {
    let sum = 0;
    const [a, b] = [Math.floor(from * sampleRate), Math.min(data.length, Math.floor(to * sampleRate))];
    for (let i = a; i < b; i += 1) sum += data[i] * data[i];
    return b > a ? Math.sqrt(sum / (b - a)) : 0;
  };
  const length = buffer.duration;
  if (length < 2 || level(length * 0.6, length * 0.75) < SUSTAINED * level(0.2, 0.6)) return { buffer, loop: null };
  const end = Math.floor(length * 0.8 * sampleRate);
  const fade = Math.floor(0.35 * sampleRate);
  const start = Math.floor(length * 0.4 * sampleRate);
  // Before the loop's end the sound melts into what stands before its start: the jump back isn't heard.
  for (let i = 0; i < fade; i += 1) {
    const share = i / fade;
    const late = end - fade + i;
    data[late] = data[late] * Math.cos((share * Math.PI) / 2) + data[start - fade + i] * Math.sin((share * Math.PI) / 2);
  }
  return { buffer, loop: [start / sampleRate, end / sampleRate] };
}
