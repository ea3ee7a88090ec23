/** Charts of the day and the week: place, rise and fall, how many listen. */

import { get } from "../api.js";
import { all, h, on, one, put } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { titleOf } from "./opinions.js";
import { placeOf } from "./tracks.js";

const SIGNS = { up: "↑", down: "↓", same: "–", new: "✦", back: "↺" };

/** @param {{hearing: import("./hearing.js").Hearing}} shared */
export function charts({ hearing }) {
  const place = one("#chart");
  let period = "week";
  let turn = 0;

  function trend(row) {
    const n = Math.abs(row.change ?? 0);
    const said = t(`listen.chart.${row.trend}`, { n });
    return h("span", { class: `trend trend-${row.trend}` }, h("span", { "aria-hidden": "true" }, SIGNS[row.trend], n && row.trend !== "same" ? h("span", { class: "numbers" }, n) : ""), h("span", { class: "unseen" }, said));
  }

  function line(row, rows, index) {
    const title = titleOf(row);
    return h("tr", { class: "chart-row" },
      h("td", { class: "chart-rank numbers" }, row.rank),
      h("td", {}, trend(row)),
      h("td", { class: "chart-piece" },
        h("button", { type: "button", class: "icon-button round", dataset: { play: row.item, title }, "aria-label": t("listen.play", { title }), onClick: () => {
          if (hearing.isOn(row.item)) hearing.toggle();
          else hearing.play(rows, index, { name: `chart-${period}` });
        } }, icon("play")),
        h("span", { class: "track-words" }, h("a", { class: "track-title", href: placeOf(row) }, title), row.creator && h("span", { class: "track-facts" }, t("listen.by", { name: row.creator })))),
      h("td", { class: "chart-count numbers" }, row.listeners));
  }

  async function show() {
    const mine = (turn += 1);
    for (const button of all("[data-period]")) button.setAttribute("aria-pressed", String(button.dataset.period === period));
    try {
      const { data } = await get(`/charts?period=${period}`);
      if (mine !== turn) return;
      const rows = data.rows.map((row) => ({ ...row, facts: {} }));
      put(place, rows.length ? h("table", { class: "chart" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("listen.chart.rank")), h("th", { scope: "col" }, h("span", { class: "unseen" }, t("listen.chart.trend"))), h("th", { scope: "col" }, t("listen.chart.piece")), h("th", { scope: "col", class: "chart-count" }, t("listen.chart.listeners")))),
        h("tbody", {}, rows.map((row, index) => line(row, rows, index)))) : h("p", { class: "listen-empty" }, t("listen.chart.none")));
    } catch (error) {
      if (mine === turn) put(place, h("p", { class: "fault" }, error.message));
    }
  }

  on(document, "click", "[data-period]", (event, button) => {
    period = button.dataset.period;
    show();
  });
  return { show };
}
