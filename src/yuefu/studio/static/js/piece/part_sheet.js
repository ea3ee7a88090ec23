/** One part's settings in a dialog (what a phone shows instead of the row's head), and a further part. */

import { h, put } from "../dom.js";
import { lang, t } from "../i18n.js";
import { partLabel } from "./catalogue.js";
import { instrumentMenu, slider, toggle } from "./part_head.js";

const ROWS = ["melody", "counter", "inner", "bass", "keys", "pad", "drums"];
/** Who usually plays a row: what the menu stands on first. */
const USUAL = { melody: "flute", counter: "violin", inner: "viola", bass: "bass", keys: "piano", pad: "strings", drums: "drums" };

/**
 * @param {HTMLDialogElement} dialog
 * @param {any} part
 * @param {any} context as for partHead
 */
export function openPart(dialog, part, context) {
  const name = h("input", { class: "input", id: "part-name", value: part.name, maxlength: "80" });
  const save = () => {
    if (name.value.trim() && name.value.trim() !== part.name) context.state.edit([{ op: "part", id: part.id, name: name.value.trim() }]);
  };
  name.addEventListener("change", save);
  const line = (label, ...controls) => h("div", { class: "sheet-line" }, h("span", { class: "label" }, label), ...controls);
  put(dialog,
    h("h2", { id: "sheet-title" }, partLabel(context.models, part)),
    h("div", { class: "field" }, h("label", { for: "part-name" }, t("piece.part.name")), name),
    line(t("piece.part.instrument_label"), instrumentMenu(part, context)),
    line(t("piece.part.volume_label"), slider(part, "volume", context)),
    line(t("piece.part.pan_label"), slider(part, "pan", context)),
    line(t("piece.part.listen"), h("span", { class: "part-toggles" }, toggle(part, "mute", context), toggle(part, "solo", context))),
    h("div", { class: "dialog-actions" },
      context.state.grid.parts.length > 1 && h("button", { type: "button", class: "button button-plain", onClick: () => {
        dialog.close();
        context.state.edit([{ op: "remove_part", id: part.id }]);
      } }, t("piece.part.remove")),
      h("button", { type: "button", class: "button", onClick: () => dialog.close() }, t("common.close"))));
  dialog.setAttribute("aria-labelledby", "sheet-title");
  dialog.showModal();
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {any} context
 */
export function addPart(dialog, context) {
  const { models, state } = context;
  const row = h("select", { class: "select", id: "new-row" }, ...ROWS.map((each) => h("option", { value: each }, t(`common.row.${each}`))));
  const instrument = h("select", { class: "select", id: "new-instrument" });
  const fill = () => {
    const drums = row.value === "drums";
    put(instrument, ...models.families.flatMap((family) => family.instruments).filter((each) => each.is_drums === drums && (!each.rows?.length || each.rows.includes(row.value)))
      .map((each) => h("option", { value: each.key, selected: each.key === USUAL[row.value] }, each[lang])));
  };
  row.value = ROWS.find((each) => !state.grid.parts.some((part) => part.row === each)) ?? "counter";
  row.addEventListener("change", fill);
  fill();
  put(dialog, h("form", { method: "dialog", onSubmit: () => {
    state.edit([{ op: "add_part", row: row.value, instrument: instrument.value }]);
    state.flush();
  } },
  h("h2", { id: "add-title" }, t("piece.part.add")),
  h("div", { class: "field" }, h("label", { for: "new-row" }, t("piece.part.row")), row),
  h("div", { class: "field" }, h("label", { for: "new-instrument" }, t("piece.part.instrument_label")), instrument),
  h("p", { class: "hint" }, t("piece.part.add_hint")),
  h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "button button-plain", onClick: () => dialog.close() }, t("common.cancel")),
    h("button", { type: "submit", class: "button button-primary" }, t("piece.part.add_now")))));
  dialog.setAttribute("aria-labelledby", "add-title");
  dialog.showModal();
}
