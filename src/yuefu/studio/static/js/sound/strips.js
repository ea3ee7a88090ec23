/** The strips of the desk: each part's loudness and place, its share of the room; and the metronome's tick. */

import { mixingDesk } from "./context.js";

/** How loud the rows are beside the tune, about as the renderer mixes them. */
const ROW_GAIN = { melody: 1, counter: 0.66, inner: 0.62, bass: 0.85, keys: 0.66, pad: 0.48, drums: 0.72 };
const OTHER_GAIN = 0.66;
const SMOOTH = 0.015; // seconds: fast, and yet no click

/**
 * A part's strip, made when it is first needed.
 * @param {any} part
 * @returns {{gain: GainNode, pan: StereoPannerNode, send: GainNode}}
 */
export function stripOf(part) {
  if (part.strip) return part.strip;
  const { context, input, room } = mixingDesk();
  const gain = new GainNode(context, { gain: loudness(part) });
  const pan = new StereoPannerNode(context, { pan: place(part) });
  const send = new GainNode(context, { gain: part.row === "bass" || part.is_drums ? 0.05 : 0.2 });
  gain.connect(pan).connect(input);
  pan.connect(send).connect(room);
  part.strip = { gain, pan, send };
  return part.strip;
}

/**
 * Brings every part's strip to what is wanted, while it sounds.
 * @param {Iterable<any>} parts
 */
export function balance(parts) {
  const all = [...parts];
  const alone = all.some((part) => part.solo);
  const now = mixingDesk().context.currentTime;
  for (const part of all) {
    const { gain, pan } = stripOf(part);
    const heard = !part.mute && (part.solo || !alone);
    gain.gain.setTargetAtTime(heard ? loudness(part) : 0, now, SMOOTH);
    pan.pan.setTargetAtTime(place(part), now, SMOOTH);
  }
}

/** Takes a part's strip off the desk. */
export function leave({ strip }) {
  for (const node of Object.values(strip ?? {})) node.disconnect();
}

/** A tick of the metronome; the bar's first is higher. It can be stopped like a voice. */
export function tick(when, strong) {
  const { context, input } = mixingDesk();
  const source = new OscillatorNode(context, { frequency: strong ? 1568 : 1046, type: "triangle" });
  const gain = new GainNode(context, { gain: 0 });
  source.connect(gain).connect(input);
  gain.gain.setValueAtTime(strong ? 0.08 : 0.05, when);
  gain.gain.exponentialRampToValueAtTime(0.0005, when + 0.06);
  source.start(when);
  source.stop(when + 0.08);
  const voice = { start: when, onended: null, stop: (at) => source.stop(Math.max(at, context.currentTime)) };
  source.onended = () => {
    gain.disconnect();
    voice.onended?.();
  };
  return voice;
}

/** MIDI volume to gain, as the renderer has it: forty times the logarithm. */
function loudness({ volume, row }) {
  return 0.6 * (ROW_GAIN[row] ?? OTHER_GAIN) * (Math.max(volume, 0) / 100) ** 2;
}

function place({ pan }) {
  return (pan - 64) / 64;
}
