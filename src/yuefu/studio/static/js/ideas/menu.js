/** A menu behind a button, filled when it opens; how it opens, is walked and closes is the frame's to see to. */

import { h, put } from "../dom.js";
import { icon } from "../icons.js";

/**
 * @param {string} label shown on the button
 * @param {string} name said of it
 * @param {() => {label: string, call: () => void}[]} items asked for when it opens
 * @returns {HTMLElement}
 */
export function menu(label, name, items) {
  const list = h("ul", { class: "menu-list", hidden: true });
  const fill = () => put(list, items().map((item) => h("li", {}, h("button", { type: "button", onClick: item.call }, item.label))));
  return h("div", { class: "menu" },
    h("button", { type: "button", class: "card-menu", "aria-expanded": "false", "aria-label": name, onClick: fill }, h("span", {}, label), icon("chevron")), list);
}
