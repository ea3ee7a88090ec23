/** The bar at the foot: what plays, where it is, and what the listener thinks of it. */

import { announce, toast } from "../announce.js";
import { h, one, put } from "../dom.js";
import { clock, t } from "../i18n.js";
import { icon } from "../icons.js";
import { liked, titleOf } from "./opinions.js";
import { factsOf, placeOf } from "./tracks.js";

/**
 * @param {import("./hearing.js").Hearing} hearing
 * @param {import("./opinions.js").Opinions} opinions
 * @param {{add: (track: any) => void}} does
 */
export function playerBar(hearing, opinions, does) {
  const bar = one("#bar");
  const [seek, play, previous, next] = ["seek", "play", "previous", "next"].map((name) => one(`#bar-${name}`));
  let shown = null;
  let held = false;

  function tools(track) {
    const title = titleOf(track);
    const button = (shape, key, call, more = {}) => h("button", { type: "button", class: "icon-button", "aria-label": t(key, { title }), title: t(key, { title }), onClick: call, ...more }, icon(shape));
    const on = liked.has(track.item);
    return [
      button(on ? "heart-full" : "heart", "listen.like", () => opinions.like(track), { "aria-pressed": String(on), id: "bar-like" }),
      button("dislike", "listen.dislike", () => opinions.dislike(track), { id: "bar-dislike" }),
      button("list", "listen.playlist.add", () => does.add(track), { id: "bar-add" }),
      track.piece_id && !track.token && button("link", "listen.share", () => opinions.share(track), { id: "bar-share" }),
    ];
  }

  function change() {
    const { track } = hearing;
    put(play, icon(hearing.playing ? "pause" : "play"));
    play.setAttribute("aria-label", t(hearing.playing ? "common.pause" : "common.play"));
    bar.classList.toggle("is-playing", hearing.playing);
    for (const control of [play, previous, seek]) control.disabled = !track;
    next.disabled = !track || hearing.index + 1 >= hearing.tracks.length;
    if (track === shown) return;
    shown = track;
    if (!track) {
      put(one("#bar-title"), t("listen.bar.nothing"));
      for (const place of ["#bar-facts", "#bar-time", "#bar-opinions"]) put(one(place));
      seek.value = "0";
      seek.style.setProperty("--done", "0%");
      return;
    }
    put(one("#bar-title"), h("a", { href: placeOf(track) }, titleOf(track)));
    put(one("#bar-facts"), factsOf(track).join("\u00a0· "));
    put(one("#bar-opinions"), tools(track));
    announce(titleOf(track));
    move(0);
  }

  function move(second) {
    const { duration } = hearing.player;
    const share = duration ? Math.min(1, second / duration) : 0;
    if (!held) seek.value = String(Math.round(share * 1000));
    seek.style.setProperty("--done", `${share * 100}%`);
    const text = duration ? `${clock(Math.floor(second))} / ${clock(duration)}` : "";
    const time = one("#bar-time");
    if (time.textContent !== text) {
      time.textContent = text;
      seek.setAttribute("aria-valuetext", t("listen.bar.at", { now: clock(second), length: clock(duration || 0) }));
    }
  }

  hearing.addEventListener("change", change);
  hearing.addEventListener("time", (event) => move(event.detail));
  hearing.addEventListener("fault", ({ detail }) => toast(t("listen.bar.fault", { title: titleOf(detail.track), message: detail.error.message })));
  opinions.addEventListener("shown", () => { if (hearing.track) put(one("#bar-opinions"), tools(hearing.track)); });
  play.addEventListener("click", () => hearing.toggle());
  next.addEventListener("click", () => hearing.next());
  previous.addEventListener("click", () => hearing.previous());
  seek.addEventListener("input", () => {
    held = true;
    hearing.seek((Number(seek.value) / 1000) * hearing.player.duration);
  });
  seek.addEventListener("change", () => { held = false; });
  document.addEventListener("keydown", (event) => {
    const busy = event.target.closest("button, a, input, select, textarea, dialog, [role=tab], [role=slider]");
    if (event.ctrlKey || event.metaKey || event.altKey || !hearing.track) return;
    if (event.key === " " && !busy) hearing.toggle();
    else if (event.target.closest("input, select, textarea, dialog")) return;
    else if (event.key === "n" || event.key === "N") hearing.next();
    else if (event.key === "p" || event.key === "P") hearing.previous();
    else if (event.key === "l" || event.key === "L") opinions.like(hearing.track);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(() => document.body.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
  change();
}
