/** What a list says of a piece: style, key, tempo, metre, length. */

import { clock, lang, t } from "../i18n.js";
import { keyName } from "../compose/names.js";

const names = JSON.parse(document.getElementById("names")?.textContent || '{"styles":{},"instruments":{}}');

/** @param {any} facts @returns {string[]} */
export function factsOf(facts) {
  return [
    facts.style && (names.styles[facts.style] || facts.style),
    facts.key && keyName(facts.key),
    facts.tempo && `♩\u00a0=\u00a0${Math.round(facts.tempo)}`,
    facts.meter,
    facts.seconds && clock(facts.seconds),
  ].filter(Boolean);
}

/** The band in words. @param {any} facts */
export function bandOf(facts) {
  const band = [...new Set(facts.instruments || [])].map((key) => names.instruments[key] || key);
  return band.slice(0, 4).join(lang === "zh" ? "、" : ", ") + (band.length > 4 ? " …" : "");
}

/** @param {any} piece */
export function titleOf(piece) {
  return piece.title || t("library.untitled");
}
