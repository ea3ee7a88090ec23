/** Key and metre: each chosen from few. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { keyName } from "./names.js";

const COMMON = ["4/4", "3/4", "2/4", "6/8", "12/8", "5/4", "7/8"];

export function keyEditor({ set, draft, catalogue }) {
  const mode = h("select", { class: "select", "aria-label": t("compose.field.key") },
    h("option", { value: "" }, t("compose.open.any")),
    ["major", "minor"].map((name) => h("optgroup", { label: t(`compose.mode.${name}`) },
      catalogue.keys.filter((key) => key.endsWith(name)).map((key) => h("option", { value: key }, keyName(key))))));
  mode.addEventListener("change", () => (mode.value ? set("key", mode.value) : draft.asRead("key")));
  return {
    element: mode,
    update(fields) {
      const key = draft.options.key ?? fields.key?.value ?? "";
      if (key && ![...mode.options].some((option) => option.value === key)) mode.append(h("option", { value: key }, keyName(key)));
      mode.value = key;
    },
  };
}

export function meterEditor({ set, draft, catalogue }) {
  const rest = catalogue.meters.filter((meter) => !COMMON.includes(meter));
  const chips = COMMON.map((meter) => h("button", { type: "button", class: "chip numbers", dataset: { meter }, "aria-pressed": "false", onClick: () => set("meter", meter) }, meter));
  const other = h("select", { class: "select select-small numbers", "aria-label": t("compose.meter.other") },
    h("option", { value: "" }, t("compose.meter.other")), rest.map((meter) => h("option", { value: meter }, meter)));
  other.addEventListener("change", () => other.value && set("meter", other.value));
  return {
    element: h("div", { class: "chips", role: "group", "aria-label": t("compose.field.meter") }, chips, other),
    update(fields) {
      const meter = draft.options.meter ?? fields.meter?.value ?? "";
      for (const chip of chips) chip.setAttribute("aria-pressed", String(chip.dataset.meter === meter));
      other.value = rest.includes(meter) ? meter : "";
    },
  };
}
