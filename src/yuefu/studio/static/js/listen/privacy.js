/** What is held about the listener: seen, taken along, stopped, erased. */

import { toast } from "../announce.js";
import { get, send } from "../api.js";
import { h, one, put } from "../dom.js";
import { clock, day, has, t, tn } from "../i18n.js";
import { flush, setPaused } from "../telling.js";
import { liked, refused } from "./opinions.js";
import { listed } from "./tracks.js";

const PAGE = 25;

/** @param {{hearing: import("./hearing.js").Hearing, begin: () => Promise<void>}} shared */
export function privacy(shared) {
  const place = one("#held");
  const more = one("#held-more");
  const pause = one("#held-pause");
  const dialog = one("#listen-dialog");
  let body = null;
  let next = null;

  const named = (scope, name) => (has(`listen.${scope}.${name}`) ? t(`listen.${scope}.${name}`) : name);

  function what(event) {
    const detail = event.kind === "skip" && event.second !== null ? t("listen.privacy.at", { time: clock(event.second) }) : event.kind === "rate" && event.value !== null ? String(event.value) : "";
    return [named("event", event.kind), detail, event.synthetic && t("listen.privacy.made_up")].filter(Boolean).join("\u00a0· ");
  }

  const line = (event) => h("tr", {},
    h("td", { class: "numbers held-when" }, h("time", { datetime: event.moment }, day(event.moment))),
    h("td", {}, what(event)),
    h("td", { class: "held-piece" }, event.title || event.text || event.item || "–", event.listener && h("span", { class: "hint" }, ` ${event.listener}`)),
    h("td", {}, listed([event.context && named("context", event.context), event.device && named("device", event.device)].filter(Boolean))));

  async function events() {
    const { data } = await get(`/events?limit=${PAGE}${next ? `&after=${encodeURIComponent(next)}` : ""}`);
    next = data.next;
    more.hidden = !next;
    body.append(...data.events.map(line));
    return data.events.length;
  }

  async function show() {
    try {
      await flush();
      const { data } = await get("/listening");
      pause.checked = data.paused;
      const others = Object.keys(data.listeners).filter(Boolean);
      put(one("#held-count"), data.events ? tn("listen.privacy.count", data.events, { n: data.events.toLocaleString() }) : t("listen.privacy.none"),
        others.length > 0 && ` ${tn("listen.privacy.others", others.length, { names: listed(others.slice(0, 8)) + (others.length > 8 ? " …" : "") })}`);
      next = null;
      body = h("tbody", {});
      const count = await events();
      put(place, count ? h("table", { class: "held" },
        h("thead", {}, h("tr", {}, ["when", "what", "piece", "where"].map((name) => h("th", { scope: "col" }, t(`listen.privacy.${name}`))))), body) : h("p", { class: "listen-empty" }, t("listen.privacy.none")));
    } catch (error) {
      put(place, h("p", { class: "fault" }, error.message));
    }
  }

  more.addEventListener("click", () => events().catch((error) => toast(error.message)));
  pause.addEventListener("change", async () => {
    try {
      // First here, so that not even what is on now is told any more.
      if (pause.checked) setPaused(true);
      await send("PATCH", "/listening/settings", { paused: pause.checked });
      setPaused(pause.checked);
      toast(t(pause.checked ? "listen.privacy.paused" : "listen.privacy.resumed"));
    } catch (error) {
      pause.checked = !pause.checked;
      setPaused(pause.checked);
      toast(error.message);
    }
  });
  one("#held-erase").addEventListener("click", () => {
    put(dialog,
      h("h2", { id: "listen-dialog-title" }, t("listen.privacy.sure")),
      h("p", {}, t("listen.privacy.sure_hint")),
      h("div", { class: "dialog-actions" },
        h("button", { type: "button", class: "button", onClick: () => dialog.close() }, t("common.cancel")),
        h("button", { type: "button", class: "button button-primary", id: "erase-yes", onClick: erase }, t("listen.privacy.erase"))));
    dialog.setAttribute("aria-labelledby", "listen-dialog-title");
    dialog.addEventListener("close", () => { dialog.removeAttribute("aria-labelledby"); put(dialog); }, { once: true });
    dialog.showModal();
  });

  async function erase() {
    dialog.close();
    try {
      // What plays is left first, so that nothing of it is told afterwards.
      shared.hearing.ear.leave(true);
      shared.hearing.stop();
      await send("DELETE", "/listening");
      liked.clear();
      refused.clear();
      sessionStorage.removeItem("yuefu.listen.skipped");
      setPaused(false);
      toast(t("listen.privacy.erased"));
      await Promise.all([show(), shared.begin()]);
    } catch (error) {
      toast(error.message);
    }
  }

  return { show };
}
