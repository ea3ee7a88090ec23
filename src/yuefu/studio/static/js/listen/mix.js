/** The daily mix: fresh pieces composed for the listener, which appear as they are ready. */

import { announce, toast } from "../announce.js";
import { get, send } from "../api.js";
import { h, one, put } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { follow } from "../jobs.js";
import { titleOf } from "./opinions.js";
import { factsOf, placeOf } from "./tracks.js";

/** @param {{hearing: import("./hearing.js").Hearing}} shared */
export function dailyMix({ hearing }) {
  const list = one("#mix-list");
  const make = one("#mix-make");
  const playAll = one("#mix-play");
  const why = new Map();
  let tracks = [];

  const trackOf = (piece) => ({ item: `piece:${piece.id}`, title: piece.title, creator: "", piece_id: piece.id, token: null, facts: piece.facts });

  function ready(piece, reason) {
    const track = trackOf(piece);
    tracks = [...tracks, track];
    playAll.hidden = false;
    const title = titleOf(track);
    return h("li", { class: "mix-piece track", dataset: { item: track.item } },
      h("button", { type: "button", class: "icon-button round", dataset: { play: track.item, title }, "aria-label": t("listen.play", { title }), onClick: () => {
        if (hearing.isOn(track.item)) hearing.toggle();
        else hearing.play(tracks, tracks.findIndex((each) => each.item === track.item), { name: "mix" });
      } }, icon("play")),
      h("div", { class: "track-words" }, h("p", { class: "track-title" }, h("a", { href: placeOf(track) }, title)), h("p", { class: "track-facts numbers" }, factsOf(track).join("\u00a0· ")), reason && h("p", { class: "track-why" }, reason)));
  }

  function composing(one_) {
    const how = h("p", { class: "track-facts" }, t("listen.mix.queued"));
    const done = h("span", {});
    const row = h("li", { class: "mix-piece is-composing" },
      h("span", { class: "mix-ink", "aria-hidden": "true" }),
      h("div", { class: "track-words" }, h("p", { class: "track-title" }, one_.title || t("listen.mix.composing")), how,
        h("div", { class: "progress", role: "progressbar", "aria-label": one_.title || t("listen.mix.composing"), "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": "0" }, done), one_.why && h("p", { class: "track-why" }, one_.why)));
    follow(one_.job, {
      onProgress({ fraction }) {
        const share = Math.round((fraction || 0) * 100);
        how.textContent = t("listen.mix.composing");
        done.style.setProperty("width", `${share}%`);
        done.parentElement.setAttribute("aria-valuenow", String(share));
      },
      async onState(state) {
        if (state.state === "running") how.textContent = t("listen.mix.composing");
        if (state.state === "done") {
          try {
            const { data } = await get(`/pieces/${state.result.piece}`);
            row.replaceWith(ready(data, one_.why || why.get(one_.job)));
            announce(t("listen.mix.done", { title: data.title }));
          } catch (error) {
            how.textContent = t("listen.mix.failed", { message: error.message });
          }
        } else if (state.state === "failed" || state.state === "cancelled") {
          row.classList.add("is-broken");
          how.textContent = t("listen.mix.failed", { message: state.error?.message || state.state });
          make.hidden = false;
        }
      },
    }, { patient: true });
    return row;
  }

  function show(mix) {
    tracks = [];
    for (const each of mix.pieces) if (each.job && each.why) why.set(each.job, each.why);
    put(list, mix.pieces.map((each) => (each.piece ? ready(each.piece, each.why) : composing(each))));
    make.hidden = mix.pieces.length > 0;
    playAll.hidden = tracks.length === 0;
  }

  make.addEventListener("click", async () => {
    make.disabled = true;
    try {
      const { data } = await send("POST", "/daily-mix", { n: 4 });
      show(data);
    } catch (error) {
      toast(error.message);
    } finally {
      make.disabled = false;
    }
  });
  playAll.addEventListener("click", () => hearing.play(tracks, 0, { name: "mix" }));
  get("/daily-mix").then(({ data }) => show(data)).catch((error) => toast(error.message));
}
