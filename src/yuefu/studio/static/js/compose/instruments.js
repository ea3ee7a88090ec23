/** The band: instruments as chips, doublings, families to add from, and whether these are all. */

import { h, put } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { counted, instrumentName } from "./names.js";

const MOST = 16;

/** @param {"instruments"|"without"} option */
export function instrumentsEditor(option) {
  return ({ set, draft, catalogue }) => {
    let keys = [];
    let family = "";
    const chosen = h("ul", { class: "chips chosen", "aria-label": t(`compose.field.${option}`) });
    const only = h("input", { type: "checkbox" });
    const search = h("input", { class: "input", type: "search", autocomplete: "off", placeholder: t("compose.instruments.search"), "aria-label": t("compose.instruments.search") });
    const families = h("div", { class: "families", role: "group", "aria-label": t("compose.instruments.families") });
    const found = h("div", { class: "chips found" });

    const use = (next) => {
      keys = next;
      if (keys.length) set(option, keys);
      else draft.asRead(option);
      show();
    };
    const add = (key) => {
      if (keys.length >= MOST || (option === "without" && keys.includes(key))) return;
      use([...keys, key]);
    };
    const remove = (key) => {
      const at = keys.lastIndexOf(key);
      use(keys.filter((other, index) => index !== at));
      (chosen.querySelector("button") || search).focus();
    };

    function show() {
      put(chosen, counted(keys).map(([key, times]) => {
        const name = instrumentName(catalogue, key);
        return h("li", { class: "chip" }, name, times > 1 && h("span", { class: "numbers" }, `×${times}`),
          option === "instruments" && h("button", { type: "button", "aria-label": t("compose.instruments.double", { name }), title: t("compose.instruments.double", { name }), onClick: () => add(key) }, icon("plus")),
          h("button", { type: "button", "aria-label": t("compose.instruments.remove", { name }), title: t("compose.instruments.remove", { name }), onClick: () => remove(key) }, icon("close")));
      }));
      chosen.hidden = !keys.length;
    }

    function offer() {
      const wanted = search.value.trim().toLowerCase();
      put(families, catalogue.instruments.map((group) => h("button", {
        type: "button", class: "family", "aria-pressed": String(!wanted && group.family === family),
        onClick: () => { family = family === group.family ? "" : group.family; search.value = ""; offer(); },
      }, t(`compose.family.${group.family}`))));
      const offered = catalogue.instruments.flatMap((group) => (wanted ? group.instruments.filter((one) => one.find.toLowerCase().includes(wanted)) : group.family === family ? group.instruments : []));
      put(found, offered.slice(0, 40).map((one) => h("button", { type: "button", class: "chip", onClick: () => add(one.key) }, one.name)));
      if (wanted && !offered.length) put(found, h("p", { class: "hint" }, t("compose.instruments.none")));
    }

    only.addEventListener("change", () => {
      draft.set({ only: only.checked });
      if (!(option in draft.options) && keys.length) set(option, keys);
    });
    search.addEventListener("input", offer);
    search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      found.querySelector("button")?.click();
      search.value = "";
      offer();
    });
    offer();
    return {
      element: h("div", {}, chosen, option === "instruments" && h("label", { class: "check" }, only, t("compose.instruments.only")), search, families, found),
      update(fields) {
        const next = draft.options[option] ?? fields[option]?.value ?? [];
        only.checked = option in draft.options ? draft.only : fields.instruments_only?.value ?? true;
        if (next.join() === keys.join()) return;
        keys = [...next];
        if (!chosen.contains(document.activeElement)) show();
      },
    };
  };
}
