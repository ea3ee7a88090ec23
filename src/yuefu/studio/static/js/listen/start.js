/** The first minutes: moods on a pad and five clips, so that there is something to go by. */

import { toast } from "../announce.js";
import { get, send } from "../api.js";
import { debounce, h, one, put } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { titleOf } from "./opinions.js";
import { moodPoints } from "./pad.js";
import { factsOf } from "./tracks.js";

const CLIPS = 5;

/**
 * Shows the first choices.
 * @param {HTMLElement} place
 * @param {{hearing: import("./hearing.js").Hearing}} shared
 * @param {() => void} done
 * @returns {Promise<boolean>} false when there is nothing to choose from, and so nothing to show
 */
export async function start(place, { hearing }, done) {
  let points = [];
  const answers = new Map();
  const list = h("ol", { class: "clips" });
  const { data } = await get(`/taste/clips?n=${CLIPS}`);
  if (!data.clips.length) return false;

  function clip(track) {
    const title = titleOf(track);
    const answer = (liked, shape, key) => h("button", { type: "button", class: "icon-button", "aria-pressed": String(answers.get(track.item) === liked), "aria-label": t(key, { title }), title: t(key, { title }), onClick: () => {
      if (answers.get(track.item) === liked) answers.delete(track.item);
      else answers.set(track.item, liked);
      put(row, ...inside());
      one(`[aria-label="${CSS.escape(t(key, { title }))}"]`, row)?.focus();
    } }, icon(answers.get(track.item) === liked && liked ? "heart-full" : shape));
    const inside = () => [
      h("button", { type: "button", class: "icon-button round", dataset: { play: track.item, title }, "aria-label": t("listen.play", { title }), onClick: () => hearing.toggleTrack([track], 0, { clip: true }) }, icon("play")),
      h("div", { class: "track-words" }, h("p", { class: "track-title" }, title), h("p", { class: "track-facts numbers" }, factsOf(track).join("\u00a0· "))),
      h("span", { class: "clip-answers" }, answer(true, "heart", "listen.start.yes"), answer(false, "dislike", "listen.start.no")),
    ];
    const row = h("li", { class: "clip", dataset: { item: track.item } });
    put(row, ...inside());
    return row;
  }

  let turn = 0;
  const more = debounce(async () => {
    const mine = (turn += 1);
    const moods = points.map((point) => `mood=${encodeURIComponent(point.join(","))}`).join("&");
    try {
      const { data: found } = await get(`/taste/clips?n=${CLIPS}&${moods}`);
      // What was answered stays where it is; the rest fits the moods that are chosen now.
      if (mine !== turn) return;
      const kept = [...list.children].filter((row) => answers.has(row.dataset.item));
      const have = new Set(kept.map((row) => row.dataset.item));
      put(list, kept, found.clips.filter((each) => !have.has(each.item)).slice(0, Math.max(0, CLIPS - kept.length)).map(clip));
    } catch {
      // the clips that are there will do
    }
  }, 300);

  const finish = async (choices) => {
    try {
      if (choices) {
        await send("POST", "/taste/start", { moods: points, clips: [...answers] });
        toast(t("listen.start.done"), { seconds: 3 });
      }
      hearing.stop();
      place.hidden = true;
      sessionStorage.setItem("yuefu.listen.skipped", choices ? "" : "yes");
      done();
      one("#queue-title").scrollIntoView({ block: "nearest" });
      one("#queue-play").focus({ preventScroll: true });
    } catch (error) {
      toast(error.message);
    }
  };

  put(list, data.clips.map(clip));
  put(place,
    h("h2", { class: "start-title" }, t("listen.start.title")),
    h("p", { class: "lead" }, t("listen.start.lead")),
    h("div", { class: "start-parts" },
      h("section", { "aria-labelledby": "start-moods" }, h("h3", { id: "start-moods" }, t("listen.start.moods")), moodPoints((now) => {
        points = now;
        more();
      })),
      h("section", { "aria-labelledby": "start-clips" }, h("h3", { id: "start-clips" }, t("listen.start.clips")), h("p", { class: "hint" }, t("listen.start.clips_hint")), list)),
    h("div", { class: "start-foot" },
      h("button", { type: "button", class: "button button-primary", id: "start-begin", onClick: () => finish(true) }, t("listen.start.begin")),
      h("button", { type: "button", class: "button button-plain", id: "start-skip", onClick: () => finish(false) }, t("listen.start.skip"))));
  place.hidden = false;
  return true;
}
