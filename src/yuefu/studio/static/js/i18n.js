/** What the page says, in its language: the sayings stand in the page as JSON. */

const said = JSON.parse(document.getElementById("words")?.textContent || "{}");

/** The page's language. @type {"en"|"zh"} */
export const lang = document.body?.dataset.lang || document.documentElement.lang.slice(0, 2);

/**
 * One saying with its values filled in; an unknown key is shown as it is, so that a slip is seen.
 * @param {string} key
 * @param {Record<string, string|number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const text = said[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * A saying about a number of things: `key.one` or `key.other`, with `{n}`.
 * @param {string} key
 * @param {number} n
 * @param {Record<string, string|number>} [values]
 */
export function tn(key, n, values = {}) {
  return t(`${key}.${n === 1 ? "one" : "other"}`, { n, ...values });
}

/** @param {string} key @returns {boolean} whether there is such a saying */
export function has(key) {
  return key in said;
}

/**
 * Seconds as a musician reads them: 1:05.
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * A time as "today 14:05", "3 March" or "3月3日".
 * @param {string} iso
 */
export function day(iso) {
  const when = new Date(iso);
  const now = new Date();
  const locale = lang === "zh" ? "zh-CN" : "en-GB";
  if (when.toDateString() === now.toDateString()) {
    return t("common.today", { time: when.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" }) });
  }
  const year = when.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  return when.toLocaleDateString(locale, { day: "numeric", month: "long", ...year });
}
