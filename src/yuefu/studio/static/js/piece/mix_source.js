/** Plays the rendered mix with the same manners as the player: play, pause, seek, speed, loop, time. */

export class MixSource {
  constructor() {
    this.audio = new Audio();
    this.audio.preload = "auto";
    this.audio.preservesPitch = true;
    this.listeners = new Set();
    this.stateListeners = new Set();
    this.looped = null;
    this.frame = 0;
    for (const kind of ["play", "pause", "ended"]) this.audio.addEventListener(kind, () => this.#changed());
  }

  /** @param {string} url */
  load(url) {
    if (this.url === url) return;
    this.url = url;
    const at = this.time;
    this.audio.src = url;
    this.audio.currentTime = at;
  }

  get playing() {
    return !this.audio.paused && !this.audio.ended;
  }

  get time() {
    return this.audio.currentTime;
  }

  async play(from) {
    if (from !== undefined) this.audio.currentTime = from;
    else if (this.audio.ended) this.audio.currentTime = this.looped?.[0] ?? 0;
    await this.audio.play();
  }

  pause() {
    this.audio.pause();
  }

  stop() {
    this.audio.pause();
    this.seek(this.looped?.[0] ?? 0);
  }

  seek(second) {
    this.audio.currentTime = Math.max(0, second);
    for (const listener of this.listeners) listener(second);
  }

  setRate(rate) {
    this.audio.playbackRate = rate;
  }

  setVolume(level) {
    this.audio.volume = level;
  }

  loop(a, b) {
    this.looped = a === null || b === undefined ? null : [a, b];
  }

  onTime(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onState(listener) {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  }

  #changed() {
    for (const listener of this.stateListeners) listener(this.playing);
    cancelAnimationFrame(this.frame);
    const step = () => {
      if (!this.playing) return;
      if (this.looped && this.time >= this.looped[1]) this.audio.currentTime = this.looped[0];
      for (const listener of this.listeners) listener(this.time);
      this.frame = requestAnimationFrame(step);
    };
    step();
  }
}
