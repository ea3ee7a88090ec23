/** Names of keys, styles, instruments, chords and sections, as a musician reads them in the page's language. */

import { lang, t } from "../i18n.js";

/** A key as musicians write it in this language: "G minor", "g 小调". @param {string} key */
export function keyName(key) {
  const [tonic, mode] = key.split(" ");
  const sign = tonic.replace(/b$/, "♭").replace(/#$/, "♯");
  return t(`compose.key.${mode}`, { tonic: lang === "zh" ? sign.replace(/^(.)([♭♯]?)$/, (whole, letter, mark) => ({ "♭": "降", "♯": "升" }[mark] || "") + letter) : sign });
}

/** @param {any} catalogue @param {string} key */
export function styleName(catalogue, key) {
  for (const group of catalogue.styles) for (const style of group.styles) if (style.key === key) return style.name;
  return key;
}

/** @param {any} catalogue @param {string} key */
export function instrumentName(catalogue, key) {
  for (const family of catalogue.instruments) for (const one of family.instruments) if (one.key === key) return one.name;
  return key;
}

/** Chords of a brief as they are typed. */
export function chordText(chords) {
  const bars = (list) => list.map((bar) => bar.join(" ")).join(" | ");
  if (Array.isArray(chords)) return chords.every((bar) => bar.length === 1) ? chords.map((bar) => bar[0]).join(" ") : bars(chords);
  return Object.entries(chords).map(([section, list]) => `${section}: ${bars(list)}`).join("\n");
}

/** Instruments with doublings counted: [[key, times]]. */
export function counted(keys) {
  const times = new Map();
  for (const key of keys) times.set(key, (times.get(key) || 0) + 1);
  return [...times];
}

/** A section's name: its kind when it has one, else its letter. */
export function sectionName(item) {
  return item.kind ? t(`common.section.${item.kind}`) : item.letter;
}
