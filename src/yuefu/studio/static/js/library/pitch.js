/** Hearing a pitch: YIN (de Cheveigné and Kawahara, 2002) on short stretches of sound, and notes out of pitches. */

const THRESHOLD = 0.15;
const LOWEST = 70; // Hz: below any hummed tune
const HIGHEST = 1100;

/**
 * The pitch of a stretch of sound.
 * @param {Float32Array} sound
 * @param {number} rate samples a second
 * @returns {number|null} Hz; null for noise and silence
 */
export function pitchOf(sound, rate) {
  let energy = 0;
  for (const value of sound) energy += value * value;
  if (Math.sqrt(energy / sound.length) < 0.008) return null;
  const half = Math.floor(sound.length / 2);
  const longest = Math.min(half - 1, Math.floor(rate / LOWEST));
  const shortest = Math.max(2, Math.floor(rate / HIGHEST));
  const difference = new Float32Array(longest + 1);
  let sum = 0;
  difference[0] = 1;
  for (let lag = 1; lag <= longest; lag += 1) {
    let total = 0;
    for (let at = 0; at < half; at += 1) {
      const gap = sound[at] - sound[at + lag];
      total += gap * gap;
    }
    sum += total;
    difference[lag] = sum ? (total * lag) / sum : 1; // the cumulative mean normalises it
  }
  for (let lag = shortest; lag < longest; lag += 1) {
    if (difference[lag] >= THRESHOLD) continue;
    while (lag + 1 < longest && difference[lag + 1] < difference[lag]) lag += 1;
    const [before, here, after] = [difference[lag - 1], difference[lag], difference[lag + 1]];
    const bend = before - 2 * here + after;
    return rate / (lag + (bend ? (before - after) / (2 * bend) : 0));
  }
  return null;
}

/** Hz -> MIDI number, with cents as a fraction. @param {number} hertz */
export const midiOf = (hertz) => 69 + 12 * Math.log2(hertz / 440);

function median(values) {
  const sorted = [...values].sort((one, two) => one - two);
  return sorted[Math.floor(sorted.length / 2)];
}

/**
 * The notes of a pitch track: stretches that stay within a semitone, long enough to be meant. A singer's own
 * tuning is taken off first, so that a tune between the keys is still a tune.
 * @param {{second: number, midi: number|null}[]} track
 * @returns {{pitch: number, start: number, duration: number}[]}
 */
export function notesOf(track) {
  const voiced = track.filter((frame) => frame.midi !== null);
  if (voiced.length < 4) return [];
  const turns = voiced.map((frame) => (frame.midi % 1) * 2 * Math.PI);
  const tuning = Math.atan2(turns.reduce((sum, turn) => sum + Math.sin(turn), 0), turns.reduce((sum, turn) => sum + Math.cos(turn), 0)) / (2 * Math.PI);
  const notes = [];
  let open = [];
  const close = () => {
    if (open.length < 2) return void (open = []);
    const start = open[0].second;
    const duration = open.at(-1).second - start;
    const pitch = Math.round(median(open.map((frame) => frame.midi)) - tuning);
    const last = notes.at(-1);
    if (duration >= 0.09) {
      // One slide between two notes doesn't part them.
      if (last && last.pitch === pitch && start - last.start - last.duration < 0.05) last.duration = start + duration - last.start;
      else notes.push({ pitch, start, duration });
    }
    open = [];
    return undefined;
  };
  for (const frame of track) {
    if (frame.midi === null) {
      if (open.length && frame.second - open.at(-1).second > 0.07) close();
      continue;
    }
    if (open.length && Math.abs(frame.midi - median(open.slice(-7).map((one) => one.midi))) > 0.6) close();
    open.push(frame);
  }
  close();
  return notes;
}

const LETTERS = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

/** 60 -> "C4". @param {number} midi */
export const noteName = (midi) => LETTERS[midi % 12] + (Math.floor(midi / 12) - 1);
