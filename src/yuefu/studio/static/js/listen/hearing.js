/** What plays on this page: a list of pieces, one of them on, heard through the studio's player and told of. */

import { get } from "../api.js";
import { Player } from "../sound/player.js";
import { Ear, listenTo, tell } from "../telling.js";

/**
 * @typedef {{item: string, title: string, creator: string, piece_id: string | null, token: string | null,
 *   facts: Record<string, any>, why?: string, explored?: boolean}} Track
 */

/** How long a clip is, in seconds, for those who only want to know whether they like it. */
const CLIP = 30;

/** Where the API keeps what belongs to a piece: one's own version that is shown, or somebody's shared one. */
export async function baseOf(track) {
  if (track.token) return `/shared/${track.token}`;
  const id = track.piece_id ?? track.item.replace(/^piece:/, "");
  const { data } = await get(`/pieces/${id}`);
  return `/pieces/${id}/versions/${data.head}`;
}

/**
 * Events: "change" (another piece is on, or it plays or pauses), "time" (detail: the second), "fault" (detail: the
 * error), "ended" (the last of the list has been heard), "left" (detail: the track that another took the place of).
 */
export class Hearing extends EventTarget {
  constructor() {
    super();
    this.player = new Player();
    this.ear = new Ear();
    /** @type {Track[]} */
    this.tracks = [];
    this.index = -1;
    this.loading = false;
    this.clip = 0;
    this.ready = new Map();
    listenTo(this.ear, this.player);
    this.player.onTime((second) => this.#move(second));
    this.player.onState((playing) => this.#turned(playing));
    window.addEventListener("pagehide", () => this.player.pause());
  }

  /** The piece that is on. @returns {Track | null} */
  get track() {
    return this.tracks[this.index] ?? null;
  }

  get playing() {
    return this.player.playing || this.loading;
  }

  /** Whether this item is the one that is on. @param {string} item */
  isOn(item) {
    return this.track?.item === item;
  }

  /**
   * Plays a list from one of its pieces on.
   * @param {Track[]} tracks
   * @param {number} index
   * @param {{clip?: boolean, name?: string}} [how] clip: half a minute of one piece; name: of the list
   */
  async play(tracks, index = 0, { clip = false, name = "" } = {}) {
    this.tracks = [...tracks];
    this.name = name;
    await this.#go(index, clip);
  }

  /** Plays a piece of a list, or pauses it when it is the one that plays. */
  async toggleTrack(tracks, index, how = {}) {
    if (this.isOn(tracks[index].item) && Boolean(how.clip) === Boolean(this.clip)) await this.toggle();
    else await this.play(tracks, index, how);
  }

  async toggle() {
    if (!this.track) return;
    if (this.player.playing) this.player.pause();
    else if (!this.loading) await this.player.play();
  }

  async next() {
    if (this.index + 1 < this.tracks.length) await this.#go(this.index + 1);
    else this.stop();
  }

  /** To the beginning; from there to the piece before. */
  async previous() {
    if (this.player.time > 4 || this.index <= 0) this.player.seek(0);
    else await this.#go(this.index - 1);
  }

  /** @param {number} second */
  seek(second) {
    this.player.seek(second);
  }

  stop() {
    this.player.pause();
    this.ear.leave();
    this.index = -1;
    this.tracks = [];
    this.#changed();
  }

  /** What comes after the piece that is on is another list from now on. @param {Track[]} tracks */
  renew(tracks) {
    const on = this.track;
    this.tracks = on ? [...this.tracks.slice(0, this.index + 1), ...tracks.filter((each) => each.item !== on.item)] : [...tracks];
    this.#changed();
  }

  /** The listener wants none of a piece: if it is on, the next one follows, and that isn't a skip. */
  async refuse(item) {
    const on = this.isOn(item);
    if (on) this.ear.leave(true);
    const rest = this.tracks.filter((each, at) => each.item !== item || at < this.index);
    if (!on) {
      const here = this.track;
      this.tracks = rest;
      this.index = here ? rest.indexOf(here) : -1;
      this.#changed();
    } else {
      this.tracks = rest;
      if (this.index < rest.length) await this.#go(this.index);
      else this.stop();
    }
  }

  /** Says what the listener thinks. @param {string} kind @param {string} item */
  tell(kind, item, more = {}) {
    tell(kind, item, more);
  }

  async #go(index, clip = false) {
    const track = this.tracks[index];
    if (!track) return;
    this.player.pause();
    this.ear.leave();
    this.index = index;
    this.clip = 0;
    this.loading = true;
    this.#changed();
    try {
      const playback = await this.#playback(track);
      if (this.track !== track) return;
      this.loading = false;
      this.player.load(playback);
      this.ear.begin(track.item, playback.duration);
      let from = 0;
      if (clip) {
        from = Math.max(0, Math.min(playback.duration * 0.25, playback.duration - CLIP));
        this.clip = Math.min(playback.duration, from + CLIP);
      }
      await this.player.play(from);
      const following = this.tracks[index + 1];
      if (following && !clip) this.#playback(following).catch(() => this.ready.delete(following.item));
    } catch (error) {
      if (this.track !== track) return;
      this.loading = false;
      this.#changed();
      this.dispatchEvent(new CustomEvent("fault", { detail: { error, track } }));
    }
  }

  /** A piece's notes; the next one's are fetched while this one plays, so that it follows at once. */
  #playback(track) {
    if (!this.ready.has(track.item)) {
      const asked = baseOf(track).then((base) => get(`${base}/playback`)).then(({ data }) => data);
      asked.catch(() => this.ready.delete(track.item));
      this.ready.set(track.item, asked);
      if (this.ready.size > 8) this.ready.delete(this.ready.keys().next().value);
    }
    return this.ready.get(track.item);
  }

  #move(second) {
    if (this.clip && second >= this.clip) {
      this.clip = 0;
      this.player.pause();
      return;
    }
    this.dispatchEvent(new CustomEvent("time", { detail: second }));
  }

  #turned(playing) {
    this.#changed();
    const { duration, time } = this.player;
    if (playing || this.loading || !this.track || !duration || time < duration - 0.05) return;
    if (this.index + 1 < this.tracks.length) this.#go(this.index + 1);
    else this.dispatchEvent(new Event("ended"));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
