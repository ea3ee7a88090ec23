/** A soft synthesizer of our own: it stands in for an instrument until the samples have come. */

/** What the families of General MIDI sound like here: [waveform, attack, decay time, sustain level, brightness]. */
const FAMILIES = [
  ["triangle", 0.004, 0.9, 0.0, 6], // piano
  ["sine", 0.003, 0.7, 0.0, 8], // chromatic percussion
  ["sawtooth", 0.012, 0.2, 0.8, 3], // organ
  ["triangle", 0.004, 0.7, 0.0, 5], // guitar
  ["triangle", 0.008, 0.6, 0.35, 3], // bass
  ["sawtooth", 0.07, 0.4, 0.8, 3], // strings
  ["sawtooth", 0.09, 0.4, 0.8, 2.5], // ensemble
  ["sawtooth", 0.035, 0.3, 0.75, 3], // brass
  ["sawtooth", 0.03, 0.3, 0.75, 3.5], // reed
  ["triangle", 0.04, 0.2, 0.9, 4], // pipe
  ["sawtooth", 0.01, 0.3, 0.7, 4], // synth lead
  ["sawtooth", 0.18, 0.6, 0.8, 2.2], // synth pad
  ["triangle", 0.05, 0.6, 0.5, 4], // effects
  ["triangle", 0.004, 0.6, 0.0, 7], // plucked of the world
  ["triangle", 0.002, 0.3, 0.0, 6], // percussive
  ["triangle", 0.01, 0.3, 0.3, 4], // sound effects
];

const RELEASE = 0.09;
let noise = null;

/**
 * Starts a note.
 * @param {BaseAudioContext} context
 * @param {AudioNode} out
 * @param {{program: number | 'drums', pitch: number, velocity: number, when: number, duration: number}} note
 * @returns {{end: number, stop: (at: number) => void, onended: (() => void) | null}}
 */
export function synthVoice(context, out, note) {
  return note.program === "drums" ? drum(context, out, note) : tone(context, out, note);
}

function tone(context, out, { program, pitch, velocity, when, duration }) {
  const [type, attack, decay, sustain, bright] = FAMILIES[Math.floor(program / 8) % 16];
  const frequency = 440 * 2 ** ((pitch - 69) / 12);
  const peak = 0.16 * (velocity / 127) ** 1.4;
  const source = new OscillatorNode(context, { type, frequency });
  const filter = new BiquadFilterNode(context, { type: "lowpass", Q: 0.4, frequency: Math.min(12000, 300 + frequency * bright * 0.6) });
  const gain = new GainNode(context, { gain: 0 });
  source.connect(filter).connect(gain).connect(out);
  gain.gain.setValueAtTime(0, when);
  gain.gain.linearRampToValueAtTime(peak, when + attack);
  gain.gain.setTargetAtTime(peak * sustain, when + attack, decay / 2);
  return ending(context, gain, [source], [filter, gain], when, when + Math.max(duration, attack + 0.03));
}

function drum(context, out, { pitch, velocity, when }) {
  const level = 0.4 * (velocity / 127) ** 1.3;
  const gain = new GainNode(context, { gain: 0 });
  gain.connect(out);
  if (pitch <= 36 || [41, 43, 45, 47, 48, 50].includes(pitch)) {
    const base = pitch <= 36 ? 48 : 60 + (pitch - 41) * 9;
    const length = pitch <= 36 ? 0.22 : 0.3;
    const source = new OscillatorNode(context, { type: "sine", frequency: base * 2.6 });
    source.frequency.setValueAtTime(base * 2.6, when);
    source.frequency.exponentialRampToValueAtTime(base, when + 0.06);
    source.connect(gain);
    gain.gain.setValueAtTime(level * 1.3, when);
    gain.gain.exponentialRampToValueAtTime(0.001, when + length);
    return ending(context, gain, [source], [gain], when, when + length);
  }
  const metal = pitch === 42 || pitch === 44 || pitch === 46 || pitch === 49 || pitch === 51 || pitch >= 52;
  const length = { 42: 0.05, 44: 0.05, 46: 0.3, 49: 0.9, 51: 0.4, 57: 0.9 }[pitch] ?? (metal ? 0.12 : 0.16);
  const source = new AudioBufferSourceNode(context, { buffer: noiseOf(context), loop: true });
  const filter = new BiquadFilterNode(context, metal ? { type: "highpass", frequency: 6500 } : { type: "bandpass", frequency: 1900, Q: 0.6 });
  source.connect(filter).connect(gain);
  gain.gain.setValueAtTime(level * (metal ? 0.5 : 0.9), when);
  gain.gain.exponentialRampToValueAtTime(0.001, when + length);
  return ending(context, gain, [source], [filter, gain], when, when + length);
}

function noiseOf(context) {
  if (noise) return noise;
  noise = new AudioBuffer({ length: context.sampleRate, sampleRate: context.sampleRate });
  const data = noise.getChannelData(0);
  let state = 4711;
  for (let i = 0; i < data.length; i += 1) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    data[i] = state / 0x3fffffff - 1;
  }
  return noise;
}

/**
 * Starts and ends a voice's sources and takes its nodes off the desk when it is over, so that none are left behind.
 * @param {BaseAudioContext} context
 * @param {GainNode} gain the voice's envelope
 * @param {AudioScheduledSourceNode[]} sources
 * @param {AudioNode[]} nodes
 * @param {number} when
 * @param {number} end when it is let go
 * @param {number} [release] seconds
 * @param {number} [offset] where a sample begins
 */
export function ending(context, gain, sources, nodes, when, end, release = RELEASE, offset = null) {
  const voice = { end: end + release * 3, start: when, onended: null, stop };
  for (const source of sources) {
    if (offset === null) source.start(when);
    else source.start(when, offset);
    source.stop(end + release * 4);
  }
  gain.gain.setTargetAtTime(0, end, release / 2);
  sources[0].onended = () => {
    for (const node of [...sources, ...nodes]) node.disconnect();
    voice.onended?.();
  };
  function stop(at) {
    const time = Math.max(at, context.currentTime);
    if (gain.gain.cancelAndHoldAtTime) gain.gain.cancelAndHoldAtTime(time);
    else gain.gain.cancelScheduledValues(time);
    gain.gain.setTargetAtTime(0, time, 0.012);
    for (const source of sources) source.stop(time + 0.08);
    voice.end = time + 0.08;
  }
  return voice;
}
