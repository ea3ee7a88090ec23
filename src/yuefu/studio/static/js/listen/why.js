/** Why a piece is recommended: a sentence, and bars of what each reason adds to the score or takes from it. */

import { get } from "../api.js";
import { h, put } from "../dom.js";
import { t } from "../i18n.js";
import { titleOf } from "./opinions.js";

/** Reasons shown one by one; the others are added up. */
const MOST = 6;

function amount(value) {
  const text = Math.abs(value).toFixed(2);
  return `${value < 0 && text !== "0.00" ? "−" : "+"}${text}`;
}

function bar(words, value, largest, cls = "") {
  const mark = h("span", { class: `why-bar ${value < 0 ? "why-less" : "why-more"}` });
  mark.style.setProperty("--share", String(Math.min(1, Math.abs(value) / largest)));
  return h("li", { class: `why-line ${cls}` }, h("span", { class: "why-words" }, words), h("span", { class: "why-room", "aria-hidden": "true" }, mark), h("span", { class: "why-amount numbers" }, amount(value)));
}

/**
 * Fills a place with the reasons for a track.
 * @param {HTMLElement} place
 * @param {any} track
 * @param {{context?: string, opinions: import("./opinions.js").Opinions}} how
 */
export async function showWhy(place, track, { context = "", opinions }) {
  put(place, h("p", { class: "hint" }, t("listen.queue.loading")));
  try {
    const query = context ? `?context=${encodeURIComponent(context)}` : "";
    const { data } = await get(`/recommendations/${encodeURIComponent(track.item)}/why${query}`);
    const told = data.reasons.slice(0, MOST);
    const rest = data.rest + data.reasons.slice(MOST).reduce((sum, each) => sum + each.amount, 0);
    const largest = Math.max(1e-9, ...told.map((each) => Math.abs(each.amount)), Math.abs(rest), Math.abs(data.score));
    const button = (key, more) => h("button", { type: "button", class: "button button-small", onClick: () => opinions.steer(track, more) }, t(key));
    put(place,
      h("p", { class: "why-sentence" }, data.sentence),
      h("ul", { class: "why-lines", "aria-label": t("listen.why.adds") },
        told.map((each) => bar(each.words, each.amount, largest)),
        Math.abs(rest) >= 0.005 && bar(t("listen.why.rest"), rest, largest, "why-rest"),
        bar(t("listen.why.sum"), data.score, largest, "why-sum")),
      h("div", { class: "why-foot" },
        h("p", { class: "hint" }, t("listen.why.exact")),
        h("span", { class: "why-steer", role: "group", "aria-label": titleOf(track) }, button("listen.more_like", true), button("listen.less_like", false))));
  } catch (error) {
    put(place, h("p", { class: "fault" }, error.message));
  }
}
