/** What a line in the search bar is: words, notes, a progression or a rhythm. */

const ROMAN = /^[b#♭♯]?(?:VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(?:°|o|ø|\+|maj|min|m|M|Δ|dim|aug|sus|add|[2-9]|1[13]|[b#♭♯/()])*$/;
const SYMBOL = /^[A-G][b#♭♯]?(?:maj|min|m|M|Δ|dim|aug|sus|add|°|ø|\+|-|[2-9]|1[13]|[b#♭♯()])*(?:\/[A-G][b#♭♯]?)?$/;
const JIANPU = /^[#b♯♭]?[0-7][',.]*$/;
const NAMED = /^[A-Ga-g][#b♯♭]?-?\d$/;
const LETTER = /^[A-G][#b♯♭]?$/;
const STEPS = /^[udr]+$/i;
const LANE = /^(?:[a-z\u4e00-\u9fff-]{1,10}\s*[:=])?\s*[xXoO1●*.\-_0○ ]+$/;

const parts = (text, split) => text.trim().split(split).filter(Boolean);

/**
 * @param {string} text
 * @returns {""|"words"|"tune"|"roman"|"rhythm"} "" for nothing
 */
export function recognise(text) {
  const line = text.trim();
  if (!line) return "";
  const lanes = parts(line.replaceAll("|", ""), /[/;\n]+/);
  if (/[xX●*]/.test(line) && /[.\-_○xX]/.test(line) && lanes.every((lane) => LANE.test(lane.trim())) && line.replace(/[^xX●*.\-_○]/g, "").length >= 3) return "rhythm";
  const words = parts(line, /[\s,，|·–—]+/);
  if (words.length > 1 && words.every((word) => ROMAN.test(word))) return "roman";
  const hyphened = parts(line, /[\s,，|·–—-]+/);
  if (hyphened.length > 1 && hyphened.every((word) => ROMAN.test(word))) return "roman";
  if (words.length > 2 && words.every((word) => JIANPU.test(word))) return "tune";
  if (/^[0-7]{4,}$/.test(line)) return "tune";
  if (words.length > 2 && words.every((word) => NAMED.test(word))) return "tune";
  if (words.length > 2 && words.every((word) => /^\d{2,3}$/.test(word))) return "tune";
  if (words.every((word) => STEPS.test(word)) && words.join("").length > 2 && (words.length > 1 || /^[ud]*[udr]{4,}$/i.test(line)) && words.every((word) => word.length === 1 || words.length === 1)) return "tune";
  if (words.length > 1 && words.every((word) => SYMBOL.test(word))) return words.every((word) => LETTER.test(word)) && words.length > 4 ? "tune" : "roman";
  return "words";
}
