/** The page's one AudioContext and its master: a limiter, a small room and a meter that all sounds go through. */

/** The samples leave headroom; a band of five then comes to about -18 dBFS, and the limiter sees to the peaks. */
const FULL = 3;

/** @type {{context: AudioContext, input: GainNode, room: GainNode, meter: AnalyserNode} | null} */
let desk = null;

/**
 * The mixing desk, made at the first call.
 * @returns {{context: AudioContext, input: GainNode, room: GainNode, meter: AnalyserNode}}
 */
export function mixingDesk() {
  if (desk) return desk;
  const context = new AudioContext({ latencyHint: "interactive" });
  const input = new GainNode(context, { gain: FULL });
  const limiter = new DynamicsCompressorNode(context, { threshold: -9, knee: 6, ratio: 12, attack: 0.004, release: 0.18 });
  const meter = new AnalyserNode(context, { fftSize: 2048 });
  const room = new GainNode(context, { gain: 0.9 });
  const hall = new ConvolverNode(context, { buffer: impulse(context), disableNormalization: false });
  room.connect(hall).connect(input);
  input.connect(limiter).connect(meter).connect(context.destination);
  desk = { context, input, room, meter };
  return desk;
}

/**
 * Wakes the context (browsers keep it asleep until a gesture).
 * @returns {Promise<void>}
 */
export async function wake() {
  const { context } = mixingDesk();
  if (context.state !== "running") await context.resume();
}

/**
 * How loud everything is.
 * @param {number} level 0 to 1
 */
export function setMaster(level) {
  const { context, input } = mixingDesk();
  input.gain.setTargetAtTime(FULL * level * level, context.currentTime, 0.02);
}

/** A short warm room: decaying noise that loses its brightness, the same each time. */
function impulse(context) {
  const rate = context.sampleRate;
  const length = Math.floor(rate * 1.3);
  const buffer = new AudioBuffer({ length, numberOfChannels: 2, sampleRate: rate });
  let state = 20011;
  for (let channel = 0; channel < 2; channel += 1) {
    const data = buffer.getChannelData(channel);
    let low = 0;
    for (let i = 0; i < length; i += 1) {
      state = (state * 1103515245 + 12345) & 0x7fffffff;
      const noise = state / 0x3fffffff - 1;
      const age = i / rate;
      const dull = 0.5 / (1 + age * 5);
      low += (noise - low) * dull;
      const onset = Math.min(1, age / 0.012);
      data[i] = low * onset * Math.exp(-age * 4.6);
    }
  }
  return buffer;
}
