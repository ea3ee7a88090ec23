/** A list of pieces that play: picture, title, facts, why, and what the listener may say of each. */

import { all, h, put } from "../dom.js";
import { clock, lang, t } from "../i18n.js";
import { icon } from "../icons.js";
import { keyName } from "../compose/names.js";
import { picture } from "../library/picture.js";
import { baseOf } from "./hearing.js";
import { liked, titleOf } from "./opinions.js";
import { showWhy } from "./why.js";

const names = JSON.parse(document.getElementById("names")?.textContent || '{"styles":{}}');

/** What is said of a piece beside its title. @param {any} track */
export function factsOf({ facts = {}, creator }) {
  return [
    creator && t("listen.by", { name: creator }),
    facts.style && (names.styles[facts.style] || facts.style.replaceAll("_", " ")),
    facts.key && keyName(facts.key),
    facts.tempo && `♩\u00a0=\u00a0${Math.round(facts.tempo)}`,
    facts.seconds && clock(facts.seconds),
  ].filter(Boolean);
}

/** Where a piece is opened. @param {any} track */
export function placeOf(track) {
  return track.token ? `/shared/${track.token}` : `/pieces/${track.piece_id}`;
}

/** A picture of a piece, asked for when it comes into view. */
function pictureOf(track) {
  const frame = h("span", { class: "track-picture" });
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    baseOf(track).then((base) => put(frame, picture(`${base}/grid`))).catch(() => {});
  }, { rootMargin: "200px" });
  seen.observe(frame);
  return frame;
}

/**
 * One piece of a list.
 * @param {any} track
 * @param {{play: () => void, opinions: import("./opinions.js").Opinions, context?: () => string, tools?: Node[],
 *   note?: string, before?: Node | null, explain?: boolean}} how
 */
export function trackRow(track, { play, opinions, context = () => "", tools = [], note = "", before = null, explain = true }) {
  const title = titleOf(track);
  const whyPlace = h("div", { class: "why", hidden: true });
  const why = explain && h("button", { type: "button", class: "icon-button", "aria-expanded": "false", "aria-label": t("listen.ask_why", { title }), title: t("listen.ask_why", { title }), onClick: () => {
    whyPlace.hidden = !whyPlace.hidden;
    why.setAttribute("aria-expanded", String(!whyPlace.hidden));
    if (!whyPlace.hidden) showWhy(whyPlace, track, { context: context(), opinions });
  } }, icon("why"));
  const like = h("button", { type: "button", class: "icon-button", dataset: { like: track.item }, "aria-label": t("listen.like", { title }), title: t("listen.like", { title }), onClick: () => opinions.like(track) });
  const dislike = h("button", { type: "button", class: "icon-button", "aria-label": t("listen.dislike", { title }), title: t("listen.dislike", { title }), onClick: () => opinions.dislike(track) }, icon("dislike"));
  const row = h("li", { class: "track", dataset: { item: track.item, title } },
    before,
    h("div", { class: "track-line" },
      h("button", { type: "button", class: "icon-button round track-play", dataset: { play: track.item, title }, "aria-label": t("listen.play", { title }), onClick: play }, icon("play")),
      h("div", { class: "track-words" },
        h("p", { class: "track-title" }, h("a", { href: placeOf(track) }, title)),
        h("p", { class: "track-facts numbers" }, factsOf(track).join("\u00a0· ")),
        track.why && h("p", { class: "track-why" }, track.why),
        note && h("p", { class: "track-note" }, note)),
      pictureOf(track),
      h("div", { class: "track-tools" }, why || null, like, dislike, tools)),
    whyPlace);
  showLike(like, liked.has(track.item));
  return row;
}

function showLike(button, on) {
  put(button, icon(on ? "heart-full" : "heart"));
  button.setAttribute("aria-pressed", String(on));
}

/**
 * Keeps every list on the page in step with what plays and what is liked.
 * @param {import("./hearing.js").Hearing} hearing
 * @param {import("./opinions.js").Opinions} opinions
 */
export function keepInStep(hearing, opinions) {
  const show = () => {
    for (const button of all("[data-play]")) {
      const on = hearing.isOn(button.dataset.play);
      const playing = on && hearing.playing;
      if (button.dataset.shown !== String(playing)) {
        button.dataset.shown = String(playing);
        put(button, icon(playing ? "pause" : "play"));
        button.setAttribute("aria-label", t(playing ? "listen.pause" : "listen.play", { title: button.dataset.title }));
      }
      button.closest(".track, .chart-row, .clip")?.classList.toggle("is-on", on);
    }
  };
  hearing.addEventListener("change", show);
  opinions.addEventListener("shown", () => {
    for (const button of all("[data-like]")) showLike(button, liked.has(button.dataset.like));
  });
  new MutationObserver(show).observe(document.getElementById("main"), { childList: true, subtree: true });
  return show;
}

/** A list in words: "a, b and c" without the "and". @param {string[]} parts */
export function listed(parts) {
  return parts.join(lang === "zh" ? "、" : ", ");
}
