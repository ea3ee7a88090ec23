/** What is being asked for: the words, what the user set by hand, and how it is to be composed. It survives a reload. */

const KEEP = "yuefu.draft";
const EMPTY = { text: "", as: "auto", sound: "", options: {}, only: true, versions: 1, listen: true };

/**
 * Whether a text looks like a lyric: several short lines, timed lines, or named verses.
 * @param {string} text
 */
export function looksLikeLyric(text) {
  const lines = text.split(/\n/).map((line) => line.trim()).filter(Boolean);
  if (lines.length >= 2 && lines.filter((line) => /^\[\d+:\d\d/.test(line)).length >= 2) return true;
  const marked = lines.some((line) => /^[[【(（]?\s*(verse|chorus|bridge|主歌|副歌|桥段)\s*\d?\s*[\]】)）]?[:：]?$/i.test(line));
  if (marked && lines.length >= 3) return true;
  if (lines.length < 4) return false;
  const short = lines.filter((line) => (/[\u4e00-\u9fff]/.test(line) ? line.length <= 22 : line.split(/\s+/).length <= 13));
  return short.length >= lines.length * 0.8;
}

/** The draft; "change" is dispatched with the name of what changed in `detail`. */
export class Draft extends EventTarget {
  constructor() {
    super();
    let kept = {};
    try {
      kept = JSON.parse(localStorage.getItem(KEEP) || "{}");
    } catch {
      kept = {}; // a draft that can't be read is a draft begun anew
    }
    Object.assign(this, structuredClone(EMPTY), kept);
  }

  /** @param {Partial<typeof EMPTY>} what */
  set(what) {
    Object.assign(this, what);
    this.#keep(Object.keys(what)[0]);
  }

  /** Sets a field by hand. @param {string} name @param {any} value */
  option(name, value) {
    this.options = { ...this.options, [name]: value };
    this.#keep("options");
  }

  /** Back to what the words say. @param {...string} names every field without any */
  asRead(...names) {
    const options = { ...this.options };
    for (const name of names.length ? names : Object.keys(options)) delete options[name];
    this.options = options;
    this.#keep("options");
  }

  get isLyric() {
    return this.as === "lyrics" || (this.as === "auto" && looksLikeLyric(this.text));
  }

  get isEmpty() {
    return !this.text.trim() && !Object.keys(this.options).some((name) => name !== "seed");
  }

  /** What the API is asked: words and options. */
  request() {
    const lyric = this.isLyric && this.text.trim();
    const options = { ...this.options };
    if (lyric) options.lyrics = this.text;
    return { words: lyric ? this.sound : this.text, options };
  }

  #keep(what) {
    const { text, as, sound, options, only, versions, listen } = this;
    try {
      localStorage.setItem(KEEP, JSON.stringify({ text, as, sound, options, only, versions, listen }));
    } catch {
      // a browser without storage still composes
    }
    this.dispatchEvent(new CustomEvent("change", { detail: what }));
  }
}
