/** Playlists: made from words and minutes, seen as a course, played, kept, changed by hand. */

import { announce, toast } from "../announce.js";
import { get, send } from "../api.js";
import { h, one, put } from "../dom.js";
import { clock, t, tn } from "../i18n.js";
import { icon } from "../icons.js";
import { context, tell } from "../telling.js";
import { arc } from "./arc.js";
import { titleOf } from "./opinions.js";
import { step } from "./steps.js";
import { listed, trackRow } from "./tracks.js";

const asTrack = (item) => ({ ...item, facts: { seconds: item.seconds, tempo: item.tempo, key: item.key, energy: item.energy } });
const minutesOf = (facts, items) => Math.max(1, Math.round(facts.minutes ?? items.reduce((sum, each) => sum + each.seconds, 0) / 60));

/** @param {{hearing: import("./hearing.js").Hearing, opinions: any}} shared */
export function playlists({ hearing, opinions }) {
  const place = one("#playlist");
  const kept = one("#kept");
  const dialog = one("#listen-dialog");
  let open = null;

  // Which part of the course is heard now.
  hearing.addEventListener("time", (event) => {
    const mark = one(".arc-now", place);
    if (!mark || !open || hearing.name !== open.id) return;
    const length = open.items.reduce((sum, each) => sum + each.seconds, 0) || 1;
    const item = open.items[hearing.index];
    if (item) mark.setAttribute("width", String(Math.min(1000, ((item.start + event.detail) / length) * 1000)));
  });

  async function change(what, said) {
    try {
      const { data } = await send("PATCH", `/playlists/${open.id}`, what);
      draw(data);
      list();
      if (said) announce(said);
    } catch (error) {
      toast(error.message);
    }
  }

  function move(index, by) {
    const items = open.items.map((each) => each.item);
    const [moved] = items.splice(index, 1);
    items.splice(index + by, 0, moved);
    const title = titleOf(open.items[index]);
    change({ items }, t(by < 0 ? "listen.playlist.up" : "listen.playlist.down", { title })).then(() => {
      one(`[data-item="${CSS.escape(moved)}"] [data-move="${by}"]`, place)?.focus();
    });
  }

  function transition(before, item) {
    const { words, smooth } = step(before, item);
    const mark = h("span", { class: "step-mark", "aria-hidden": "true" });
    mark.style.setProperty("--smooth", smooth.toFixed(2));
    return h("p", { class: "step" }, mark, listed(words));
  }

  function row(item, index) {
    const title = titleOf(item);
    const { items } = open;
    const button = (shape, key, call, more = {}) => h("button", { type: "button", class: "icon-button", "aria-label": t(key, { title }), title: t(key, { title }), onClick: call, ...more }, icon(shape));
    const tools = open.id ? [
      button("up", "listen.playlist.up", () => move(index, -1), { disabled: index === 0, dataset: { move: "-1" }, class: "icon-button track-move" }),
      button("down", "listen.playlist.down", () => move(index, 1), { disabled: index === items.length - 1, dataset: { move: "1" }, class: "icon-button track-move" }),
      button("close", "listen.remove", () => change({ items: items.filter((_, at) => at !== index).map((each) => each.item) })),
    ] : [];
    return trackRow(asTrack(item), {
      play: () => {
        if (hearing.isOn(item.item) && hearing.name === open.id) hearing.toggle();
        else hearing.play(items.map(asTrack), index, { name: open.id });
      },
      opinions, tools, before: index ? transition(items[index - 1], item) : null,
    });
  }

  function facts(list) {
    const { facts: found, items } = list;
    const told = [tn("listen.playlist.count", items.length), t("listen.playlist.length", { minutes: minutesOf(found, items) })];
    return told.join("\u00a0· ");
  }

  function draw(data) {
    open = data;
    const { items, facts: found } = data;
    const title = h("input", { class: "input playlist-title", value: data.title, maxlength: "200", "aria-label": t("listen.playlist.rename"), onChange: () => {
      if (title.value.trim() && title.value.trim() !== open.title) change({ title: title.value.trim() });
    } });
    put(place,
      h("div", { class: "queue-head" },
        h("div", { class: "playlist-name" }, h("h2", { class: "unseen" }, data.title), title, h("p", { class: "track-facts numbers" }, facts(data))),
        h("span", { class: "queue-tools" },
          h("button", { type: "button", class: "button button-small button-plain", id: "playlist-delete", "aria-label": t("listen.playlist.delete", { title: data.title }), onClick: () => remove(data) }, icon("trash")),
          h("button", { type: "button", class: "button button-small button-primary", id: "playlist-play", disabled: !items.length, onClick: () => hearing.play(items.map(asTrack), 0, { name: data.id }) }, icon("play"), h("span", {}, t("listen.playlist.play"))))),
      items.length ? h("figure", { class: "arc-figure" }, arc(items),
        h("figcaption", { class: "arc-key" },
          h("span", { class: "arc-key-energy" }, t("listen.playlist.energy")), h("span", { class: "arc-key-tempo" }, t("listen.playlist.tempo")),
          found.smoothness !== undefined && items.length > 2 && h("span", {}, t("listen.playlist.smooth", { share: Math.round(found.smoothness * 100), random: Math.round((found.random_smoothness ?? 0) * 100) })),
          h("span", { class: "numbers arc-ends" }, clock(items.reduce((sum, each) => sum + each.seconds, 0))))) : h("p", { class: "listen-empty" }, t("listen.playlist.nothing")),
      data.notes.map((note) => h("p", { class: "hint" }, note)),
      h("ol", { class: "tracks", "aria-label": data.title }, items.map(row)));
  }

  async function remove(data) {
    try {
      await send("DELETE", `/playlists/${data.id}`);
      if (open?.id === data.id) {
        open = null;
        put(place);
      }
      toast(t("listen.playlist.deleted", { title: data.title }));
      await list();
      one("#wish-words").focus({ preventScroll: true });
    } catch (error) {
      toast(error.message);
    }
  }

  async function show(id) {
    try {
      const { data } = await get(`/playlists/${id}`);
      draw(data);
      place.scrollIntoView({ block: "start" });
      one(".playlist-title", place).focus({ preventScroll: true });
    } catch (error) {
      toast(error.message);
    }
  }

  async function list() {
    const { data } = await get("/playlists");
    put(kept, data.playlists.map((each) => h("li", { class: "kept-line" },
      h("button", { type: "button", class: "kept-name", "aria-label": t("listen.playlist.open", { title: each.title }), "aria-current": open?.id === each.id ? "true" : null, onClick: () => show(each.id) }, each.title),
      h("span", { class: "track-facts numbers" }, [tn("listen.playlist.count", each.count), each.facts.minutes && t("listen.playlist.length", { minutes: Math.round(each.facts.minutes) })].filter(Boolean).join("\u00a0· ")),
      h("button", { type: "button", class: "icon-button", "aria-label": t("listen.playlist.delete", { title: each.title }), title: t("listen.playlist.delete", { title: each.title }), onClick: () => remove(each) }, icon("trash")))));
    one("#kept-empty").hidden = data.playlists.length > 0;
    return data.playlists;
  }

  one("#wish").addEventListener("submit", async (event) => {
    event.preventDefault();
    const fault = one("#wish-fault");
    const button = one("#wish-make");
    fault.hidden = true;
    button.disabled = true;
    announce(t("listen.playlist.making"));
    const words = one("#wish-words").value.trim();
    try {
      if (words) tell("search", "", { text: words });
      const { data } = await send("POST", "/playlists", { words, minutes: Number(one("#wish-minutes").value) || 40, context: words ? "" : context() });
      draw(data);
      announce(t("listen.playlist.made", { title: data.title }));
      await list();
    } catch (error) {
      fault.textContent = error.message;
      fault.hidden = false;
    } finally {
      button.disabled = false;
    }
  });

  /** Puts a piece on a playlist that the listener chooses. @param {any} track */
  async function add(track) {
    const title = titleOf(track);
    const into = async (playlist) => {
      dialog.close();
      try {
        let data;
        if (playlist) {
          const { data: now } = await get(`/playlists/${playlist.id}`);
          ({ data } = await send("PATCH", `/playlists/${playlist.id}`, { items: [...now.items.map((each) => each.item).filter((each) => each !== track.item), track.item] }));
        } else ({ data } = await send("POST", "/playlists", { items: [track.item], title: t("listen.playlist.new") }));
        tell("playlist", track.item, { text: data.title });
        if (open?.id === data.id) draw(data);
        toast(t("listen.playlist.added", { title, playlist: data.title }));
        await list();
      } catch (error) {
        toast(error.message);
      }
    };
    const there = await list();
    put(dialog,
      h("h2", { id: "listen-dialog-title" }, t("listen.playlist.choose")),
      h("ul", { class: "choose-list" }, there.map((each) => h("li", {}, h("button", { type: "button", class: "choose", onClick: () => into(each) }, each.title)))),
      h("div", { class: "dialog-actions" },
        h("button", { type: "button", class: "button button-plain", onClick: () => dialog.close() }, t("common.cancel")),
        h("button", { type: "button", class: "button", onClick: () => into(null) }, icon("plus"), t("listen.playlist.new"))));
    dialog.setAttribute("aria-labelledby", "listen-dialog-title");
    dialog.addEventListener("close", () => { dialog.removeAttribute("aria-labelledby"); put(dialog); }, { once: true });
    dialog.showModal();
  }

  return { show: () => list().catch((error) => toast(error.message)), add };
}
