/** The styles, in groups, found by any of their names. */

import { h, put } from "../dom.js";
import { t } from "../i18n.js";

export function styleEditor({ set, draft, catalogue }) {
  const search = h("input", { class: "input", type: "search", autocomplete: "off", placeholder: t("compose.style.search"), "aria-label": t("compose.style.search") });
  const list = h("div", { class: "style-list" });
  let chosen = "";

  function show() {
    const wanted = search.value.trim().toLowerCase();
    const groups = catalogue.styles
      .map((group) => ({ ...group, styles: group.styles.filter((style) => !wanted || style.find.includes(wanted)) }))
      .filter((group) => group.styles.length);
    put(list, groups.length ? groups.map((group) => h("div", { class: "style-group", role: "group", "aria-label": t(`compose.group.${group.group}`) },
      h("span", { class: "label", "aria-hidden": "true" }, t(`compose.group.${group.group}`)),
      h("div", { class: "chips" }, group.styles.map((style) => h("button", {
        type: "button", class: "chip", dataset: { style: style.key }, "aria-pressed": String(style.key === chosen), onClick: () => set("style", style.key),
      }, style.name))))) : h("p", { class: "hint" }, t("compose.style.none")));
  }

  search.addEventListener("input", show);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    list.querySelector("button")?.click();
  });
  show();
  return {
    element: h("div", {}, search, list),
    update(fields) {
      chosen = draft.options.style ?? fields.style?.value ?? "";
      for (const chip of list.querySelectorAll("[data-style]")) chip.setAttribute("aria-pressed", String(chip.dataset.style === chosen));
    },
  };
}
