/** Which second of the piece sounds at which second of the sound card's clock: straight stretches, the newest last. */

export class Timeline {
  constructor() {
    /** @type {{at: number, second: number, rate: number}[]} */
    this.stretches = [{ at: 0, second: 0, rate: 0 }];
  }

  /** From `at` on the piece runs from `second` with `rate`; what was planned after `at` is forgotten. */
  turn(at, second, rate) {
    while (this.stretches.length && this.stretches[this.stretches.length - 1].at >= at) this.stretches.pop();
    this.stretches.push({ at, second, rate });
    if (this.stretches.length > 64) this.stretches.splice(0, 32);
  }

  /** The stretch in force at a time of the clock. */
  stretch(at) {
    for (let i = this.stretches.length - 1; i >= 0; i -= 1) if (this.stretches[i].at <= at) return this.stretches[i];
    return this.stretches[0];
  }

  /** The second of the piece at a time of the clock. */
  second(at) {
    const here = this.stretch(at);
    return here.second + Math.max(0, at - here.at) * here.rate;
  }
}

/**
 * Translates between ticks and seconds by the points of a clock.
 * @param {[number, number][]} points [tick, second], rising
 */
export class Clock {
  constructor(points) {
    this.points = points.length ? points : [[0, 0]];
    if (this.points.length === 1) this.points = [this.points[0], [this.points[0][0] + 24, this.points[0][1] + 0.5]];
  }

  /** @param {number} tick */
  second(tick) {
    return this.#along(tick, 0, 1);
  }

  /** @param {number} second */
  tick(second) {
    return this.#along(second, 1, 0);
  }

  #along(value, from, to) {
    const { points } = this;
    let low = 0;
    let high = points.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (points[middle][from] <= value) low = middle;
      else high = middle - 1;
    }
    const [a, b] = [points[low], points[low + 1]];
    const width = b[from] - a[from] || 1;
    return a[to] + ((value - a[from]) / width) * (b[to] - a[to]);
  }
}
