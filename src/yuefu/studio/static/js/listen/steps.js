/**
 * How one piece follows another: key on the circle of fifths, tempo, energy; in words and as a number 0 to 1. The costs
 * are those of `recommend/sequencing.py`: a list that is reordered by hand is judged here without asking the server.
 */

import { t } from "../i18n.js";

const FIFTHS = { C: 0, G: 1, D: 2, A: 3, E: 4, B: 5, F: -1 };

/** The place of a key's relative major on the circle: 0 for C major and A minor. @param {string | null} key */
export function fifthsOf(key) {
  if (!key) return null;
  const [tonic, mode] = key.split(" ");
  const base = FIFTHS[tonic[0]];
  if (base === undefined) return null;
  const sharps = (tonic.match(/[#♯]/g) || []).length - (tonic.slice(1).match(/[b♭]/g) || []).length;
  return base + 7 * sharps - (mode === "minor" ? 3 : 0);
}

/** Steps on the circle of fifths, 0 to 6; null where a key isn't known. */
export function apart(one, other) {
  const [a, b] = [fifthsOf(one), fifthsOf(other)];
  if (a === null || b === null) return null;
  const away = (((a - b) % 12) + 12) % 12;
  return Math.min(away, 12 - away);
}

/**
 * A transition.
 * @param {{tempo: number | null, key: string | null, energy: number | null}} one
 * @param {{tempo: number | null, key: string | null, energy: number | null}} other
 * @returns {{words: string[], smooth: number}}
 */
export function step(one, other) {
  const words = [];
  const away = apart(one.key, other.key);
  if (away !== null) words.push(away === 0 ? t("listen.step.same_key") : away === 1 ? t("listen.step.near_key") : t("listen.step.far_key", { n: away }));
  let tempo = 0.3;
  if (one.tempo && other.tempo) {
    const octaves = Math.log2(other.tempo / one.tempo);
    const size = Math.abs(octaves);
    const folded = Math.abs(size - 1) + 0.5;
    tempo = Math.min(1, Math.min(size, folded));
    const percent = Math.round((2 ** size - 1) * 100);
    if (size > folded) words.push(t(octaves > 0 ? "listen.step.double" : "listen.step.half"));
    else if (percent < 2) words.push(t("listen.step.same_tempo"));
    else words.push(t(octaves > 0 ? "listen.step.faster" : "listen.step.slower", { n: octaves > 0 ? percent : Math.round((1 - 2 ** octaves) * 100) }));
  }
  let energy = 0.2;
  if (one.energy !== null && other.energy !== null && one.energy !== undefined && other.energy !== undefined) {
    const by = other.energy - one.energy;
    energy = Math.min(1, Math.abs(by));
    if (Math.abs(by) >= 0.08) words.push(t(by > 0 ? "listen.step.louder" : "listen.step.calmer"));
  }
  return { words, smooth: 1 - (0.35 * tempo + 0.3 * (away === null ? 0.4 : away / 6) + 0.35 * energy) };
}
