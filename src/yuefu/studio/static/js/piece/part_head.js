/** The left of a row: the part's name, its instrument, how loud it is and where it sits, mute and solo. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { instrumentOptions, partLabel } from "./catalogue.js";

const MIDDLE = 64;

/**
 * @param {any} part
 * @param {{models: any, state: import("./state.js").PieceState, player: import("../sound/player.js").Player,
 *   sheet: (part: any) => void}} context
 * @returns {HTMLElement}
 */
export function partHead(part, context) {
  const menu = instrumentMenu(part, context);
  const volume = slider(part, "volume", context);
  const pan = slider(part, "pan", context);
  const name = partLabel(context.models, part);
  return h("div", { class: "part-head" },
    h("button", { type: "button", class: "grid-name", tabindex: "-1", dataset: { row: part.id }, title: t("piece.part.select", { part: name }) }, name),
    h("span", { class: "part-toggles" }, toggle(part, "mute", context), toggle(part, "solo", context)),
    h("span", { class: "part-instrument" }, menu),
    h("span", { class: "part-sliders" }, volume, pan),
    h("button", { type: "button", class: "part-more", "aria-label": t("piece.part.more", { part: name }), onClick: () => context.sheet(part) }, "⋯"));
}

/** The menu of instruments; it is filled when it is first touched, since it is long. */
export function instrumentMenu(part, { models, state }) {
  const name = part.instrument;
  const select = h("select", { class: "part-select", "aria-label": t("piece.part.instrument", { part: partLabel(models, part) }) });
  const fill = () => {
    if (select.dataset.full) return;
    select.dataset.full = "yes";
    select.replaceChildren(...instrumentOptions(models, part));
    select.value = name;
  };
  const known = models.families.flatMap((family) => family.instruments).find((instrument) => instrument.key === name);
  select.append(h("option", { value: name, selected: true }, known ? known[document.body.dataset.lang] : part.name));
  for (const event of ["pointerdown", "focus", "keydown"]) select.addEventListener(event, fill);
  select.addEventListener("change", () => state.edit([{ op: "part", id: part.id, instrument: select.value }]));
  return select;
}

/** Volume or pan: heard while it moves, saved when it is let go. */
export function slider(part, what, { models, state, player }) {
  const label = t(`piece.part.${what}`, { part: partLabel(models, part) });
  const input = h("input", {
    type: "range", min: "0", max: "127", step: "1", value: String(part[what]), class: `part-${what}`,
    "aria-label": label, title: label,
    onInput: () => {
      input.setAttribute("aria-valuetext", spoken(what, Number(input.value)));
      player.setPart(part.id, { [what]: Number(input.value) });
    },
    onChange: () => state.edit([{ op: "part", id: part.id, [what]: Number(input.value) }]),
  });
  input.setAttribute("aria-valuetext", spoken(what, part[what]));
  if (what === "pan") {
    input.addEventListener("dblclick", () => {
      input.value = String(MIDDLE);
      input.dispatchEvent(new Event("input"));
      input.dispatchEvent(new Event("change"));
    });
  }
  return input;
}

function spoken(what, value) {
  if (what === "volume") return `${Math.round((value / 127) * 100)} %`;
  const side = Math.round((Math.abs(value - MIDDLE) / 63) * 100);
  if (side < 2) return t("piece.part.middle");
  return t(value < MIDDLE ? "piece.part.left" : "piece.part.right", { n: side });
}

/** Mute or solo: of the page, not of the piece. */
export function toggle(part, what, { models, player }) {
  const label = t(`piece.part.${what}`, { part: partLabel(models, part) });
  const now = () => Boolean(player.parts.get(part.id)?.[what]);
  const button = h("button", {
    type: "button", class: `part-toggle part-${what}`, "aria-pressed": String(now()), dataset: { [what]: part.id },
    "aria-label": label, title: label,
    onClick: () => {
      player.setPart(part.id, { [what]: !now() });
      for (const each of document.querySelectorAll(`[data-${what}="${CSS.escape(part.id)}"]`)) each.setAttribute("aria-pressed", String(now()));
    },
  }, t(`piece.part.${what}_letter`));
  return button;
}
