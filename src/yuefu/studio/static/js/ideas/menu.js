/** A menu behind a button: opened, walked with arrows, closed by Escape or by looking elsewhere. */

import { h, put } from "../dom.js";
import { icon } from "../icons.js";

let open = null;

document.addEventListener("pointerdown", (event) => {
  if (open && !open.element.contains(event.target)) open.close();
});
document.addEventListener("focusin", (event) => {
  if (open && !open.element.contains(event.target)) open.close();
});

/**
 * @param {string} label shown on the button
 * @param {string} name said of it
 * @param {() => {label: string, call: () => void, off?: boolean}[]} items asked for when it opens
 * @returns {HTMLElement}
 */
export function menu(label, name, items) {
  const list = h("ul", { class: "menu-list", hidden: true });
  const button = h("button", { type: "button", class: "card-menu", "aria-expanded": "false", "aria-label": name }, h("span", {}, label), icon("chevron"));
  const element = h("div", { class: "menu" }, button, list);
  const self = {
    element,
    close(back = false) {
      list.hidden = true;
      button.setAttribute("aria-expanded", "false");
      open = null;
      if (back) button.focus();
    },
  };
  button.addEventListener("click", () => {
    if (open === self) return self.close();
    open?.close();
    put(list, items().map((item) => h("li", {}, h("button", {
      type: "button", disabled: item.off, onClick: () => { self.close(true); item.call(); },
    }, item.label))));
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    open = self;
    list.querySelector("button:not(:disabled)")?.focus();
    return undefined;
  });
  element.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const all = [...list.querySelectorAll("button:not(:disabled)")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") self.close(true);
    else if (step && all.length) all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return element;
}
