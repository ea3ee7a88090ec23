/** Where ticks and pitches are in the big piano roll, and what its rows are. */

import { has, t } from "../i18n.js";

const KIT = [36, 37, 38, 39, 41, 42, 44, 45, 46, 48, 49, 50, 51, 54];
const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const MAJOR = [0, 2, 4, 5, 7, 9, 11];
const MINOR = [0, 2, 3, 5, 7, 8, 10];
const TONICS = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

/** A pitch's name: "C4", or the drum's. */
export function pitchName(pitch, drums = false) {
  if (drums) return has(`piece.drum.${pitch}`) ? t(`piece.drum.${pitch}`) : t("piece.drum.other", { n: pitch });
  return `${NAMES[((pitch % 12) + 12) % 12]}${Math.floor(pitch / 12) - 1}`;
}

/** The pitch classes of a key, its tonic first. */
export function scaleOf(key) {
  const [name, mode] = key.split(" ");
  const tonic = (TONICS[name[0].toUpperCase()] ?? 0) + (name.includes("#") ? 1 : 0) - (name.slice(1).includes("b") ? 1 : 0);
  return (mode === "minor" ? MINOR : MAJOR).map((step) => (tonic + step + 12) % 12);
}

export class RollGeometry {
  /**
   * @param {any} grid
   * @param {any} part
   * @param {number} first index of the first bar
   * @param {number} last
   * @param {{width: number, height: number, velocity: number, keys: number}} room in CSS pixels
   */
  constructor(grid, part, first, last, room) {
    Object.assign(this, { grid, part, first, last, room });
    this.start = grid.bars[first].start;
    this.end = grid.bars[last].start + grid.bars[last].duration;
    this.pitches = this.#rows();
    this.rowOf = new Map(this.pitches.map((pitch, index) => [pitch, index]));
    this.row = Math.max(part.is_drums ? 17 : 10, Math.min(24, Math.floor(room.height / this.pitches.length)));
    this.height = this.row * this.pitches.length;
    const least = 120 * (last - first + 1);
    this.width = Math.min(9000, Math.max(room.width, least));
    this.scale = scaleOf(grid.key);
  }

  x(tick) {
    return ((tick - this.start) / (this.end - this.start)) * this.width;
  }

  tick(x) {
    return this.start + (x / this.width) * (this.end - this.start);
  }

  y(pitch) {
    const row = this.rowOf.get(pitch);
    if (row !== undefined) return row * this.row;
    return pitch > this.pitches[0] ? -this.row : this.height;
  }

  pitch(y) {
    return this.pitches[Math.max(0, Math.min(this.pitches.length - 1, Math.floor(y / this.row)))];
  }

  /** The next row's pitch: up is positive. */
  stepped(pitch, steps) {
    if (!this.part.is_drums) return Math.max(0, Math.min(127, pitch + steps));
    const row = this.rowOf.get(pitch) ?? 0;
    return this.pitches[Math.max(0, Math.min(this.pitches.length - 1, row - steps))];
  }

  #rows() {
    const { part } = this;
    const used = part.notes.map((note) => note[3]);
    if (part.is_drums) return [...new Set([...KIT, ...used])].sort((a, b) => b - a);
    const near = part.notes.filter((note) => note[1] < this.end + 96 * 4 && note[1] + note[2] > this.start - 96 * 4).map((note) => note[3]);
    const middle = Math.round((part.low + part.high) / 2);
    let low = Math.min(...(near.length ? near : [middle])) - 5;
    let high = Math.max(...(near.length ? near : [middle])) + 5;
    while (high - low < 26) {
      high += 1;
      low -= 1;
    }
    return Array.from({ length: Math.min(127, high) - Math.max(0, low) + 1 }, (_, index) => Math.min(127, high) - index);
  }
}
