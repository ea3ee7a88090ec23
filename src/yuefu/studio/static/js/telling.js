/** Telling the studio what is heard, so that it can recommend: in batches, never in the way of playing, never while paused. */

import { address, newKey } from "./api.js";
import { lang } from "./i18n.js";

const AFTER = 1500; // milliseconds in which events gather
const AGAIN = 15000; // when the studio doesn't answer
const MOST = 100; // of a request: what a page that closes may still send is limited
const KEPT = 400;
/** Where the listener wants nothing to be kept, and where they are, on every page of this browser. */
const PAUSED = "yuefu.listening.paused";
const CONTEXT = "yuefu.listening.context";

const meta = () => document.querySelector('meta[name="listening"]');
const waiting = [];
let timer = 0;
let sending = Promise.resolve();

/** Whether anything may be told: somebody is known, and has not paused. */
export function telling() {
  return meta()?.content === "on";
}

/** Remembers on this page and the others open whether listening is paused. @param {boolean} paused */
export function setPaused(paused) {
  const known = meta();
  if (known && known.content !== "off") known.content = paused ? "paused" : "on";
  if (paused) waiting.length = 0;
  try {
    localStorage.setItem(PAUSED, `${paused ? "yes" : "no"} ${Date.now()}`);
  } catch {
    // without a memory, other pages learn it when they are loaded
  }
}

window.addEventListener("storage", (event) => {
  if (event.key !== PAUSED || !meta() || meta().content === "off") return;
  meta().content = event.newValue?.startsWith("yes") ? "paused" : "on";
  if (meta().content === "paused") waiting.length = 0;
});

/** Where the listener is: "", "study", "run" ... */
export function context() {
  try {
    return sessionStorage.getItem(CONTEXT) || "";
  } catch {
    return "";
  }
}

/** @param {string} name */
export function setContext(name) {
  try {
    sessionStorage.setItem(CONTEXT, name);
  } catch {
    // then it counts for this page
  }
}

function device() {
  return matchMedia("(pointer: coarse)").matches && Math.min(screen.width, screen.height) < 600 ? "phone" : "desk";
}

/**
 * Tells of something.
 * @param {string} kind play, finish, skip, repeat, like, dislike, save, playlist, share, search ...
 * @param {string} item "piece:ID"; "" for a search
 * @param {{second?: number, value?: number, text?: string, context?: string}} [more]
 */
export function tell(kind, item, more = {}) {
  if (!telling() || (!item && kind !== "search")) return;
  const event = { id: newKey(), kind, item, moment: new Date().toISOString(), device: device(), context: context(), ...more };
  if (event.second !== undefined) event.second = Math.max(0, Math.round(event.second * 10) / 10);
  waiting.push(event);
  if (waiting.length > KEPT) waiting.splice(0, waiting.length - KEPT);
  clearTimeout(timer);
  timer = setTimeout(flush, waiting.length >= MOST ? 0 : AFTER);
}

/**
 * Sends what waits.
 * @returns {Promise<void>} when it has arrived, or was given up for now; it never rejects
 */
export function flush() {
  clearTimeout(timer);
  sending = sending.then(post, post);
  return sending;
}

async function post() {
  while (waiting.length && telling()) {
    const batch = waiting.splice(0, MOST);
    const csrf = document.querySelector('meta[name="csrf-token"]')?.content;
    const headers = { "Content-Type": "application/json", Accept: "application/json", "Accept-Language": lang };
    if (csrf) headers["X-CSRF-Token"] = csrf;
    try {
      const answer = await fetch(address("/events"), {
        method: "POST", headers, body: JSON.stringify({ events: batch }), credentials: "same-origin", keepalive: true,
      });
      if (answer.status === 429 || answer.status >= 500) throw new Error(String(answer.status));
      if (answer.ok && (await answer.json()).paused) setPaused(true);
    } catch {
      // The same ids are sent again: what did arrive counts once.
      waiting.unshift(...batch);
      clearTimeout(timer);
      timer = setTimeout(flush, AGAIN);
      return;
    }
  }
}

document.addEventListener("visibilitychange", () => { if (document.hidden) flush(); });
window.addEventListener("pagehide", () => flush());

/** How far into a piece it counts as heard to its end, and the least that is worth telling. */
const END = 0.9;
const LEAST = 2;

/**
 * Listens along to one player and tells what becomes of each piece: begun, heard to its end, heard again, or left at a
 * second. `skips: false` where pieces are worked on rather than listened to: there, leaving says nothing.
 */
export class Ear {
  constructor({ skips = true, least = LEAST } = {}) {
    Object.assign(this, { skips, least });
    this.#forget();
    window.addEventListener("pagehide", () => {
      if (this.playing) this.leave();
      flush();
    });
  }

  /** A piece comes on; what was on is left. @param {string} item @param {number} duration seconds */
  begin(item, duration) {
    this.leave();
    this.#forget();
    Object.assign(this, { item, duration });
  }

  /** The second that is heard. @param {number} second @param {boolean} playing */
  hear(second, playing = true) {
    if (!this.item) return;
    const step = second - this.second;
    if (playing && this.playing && step > 0 && step < 1.5) this.heard += step;
    this.second = second;
    this.playing = playing;
    if (!this.told && this.heard >= Math.min(this.least, this.duration * 0.5)) {
      this.told = true;
      tell(this.times ? "repeat" : "play", this.item, this.times ? { value: 1 } : {});
    }
    const ended = second >= this.duration * END || (!playing && second >= this.duration - 0.1);
    if (this.told && !this.finished && ended && this.heard >= this.duration * 0.5) {
      this.finished = true;
      this.times += 1;
      tell("finish", this.item);
    } else if (this.finished && second < this.duration * 0.5) {
      // From the beginning once more: a repeat, when enough of it is heard.
      Object.assign(this, { finished: false, told: false, heard: 0 });
    }
  }

  /** It is left, by the listener's will. `quietly`: for a reason that is told by itself, such as a dislike. */
  leave(quietly = false) {
    if (this.item && this.told && !this.finished && this.skips && !quietly) tell("skip", this.item, { second: this.second });
    this.#forget();
  }

  #forget() {
    Object.assign(this, { item: "", duration: 0, second: 0, heard: 0, times: 0, told: false, finished: false, playing: false });
  }
}

/**
 * Lets an ear follow a player.
 * @param {Ear} ear
 * @param {{onTime: (call: (second: number) => void) => any, onState: (call: (playing: boolean) => void) => any, playing: boolean, time: number}} player
 */
export function listenTo(ear, player) {
  player.onTime((second) => ear.hear(second, player.playing));
  player.onState((playing) => ear.hear(player.time, playing));
}
