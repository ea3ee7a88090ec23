/** What every page's frame does: the theme switch, and menus that open. */

import { on } from "./dom.js";
import { t } from "./i18n.js";
import { announce } from "./announce.js";
import { nextTheme, setTheme } from "./theme.js";

const button = document.getElementById("theme-switch");
button?.addEventListener("click", () => {
  const next = nextTheme();
  setTheme(next);
  const name = t(`common.theme.${next}`);
  button.setAttribute("aria-label", name);
  button.title = name;
  announce(name);
});

function close(menu, focus = false) {
  const opener = menu.querySelector("[aria-expanded]");
  opener?.setAttribute("aria-expanded", "false");
  const list = menu.querySelector(".menu-list");
  if (list) list.hidden = true;
  if (focus) opener?.focus();
}

on(document, "click", ".menu > [aria-expanded]", (event, opener) => {
  const menu = opener.parentElement;
  const opens = opener.getAttribute("aria-expanded") !== "true";
  document.querySelectorAll(".menu").forEach((other) => close(other));
  if (!opens) return;
  opener.setAttribute("aria-expanded", "true");
  const list = menu.querySelector(".menu-list");
  list.hidden = false;
  list.style.removeProperty("left");
  const box = list.getBoundingClientRect();
  if (box.left < 8) {
    list.style.setProperty("left", `${8 - menu.getBoundingClientRect().left}px`);
    list.style.setProperty("right", "auto");
  }
  list.querySelector("a, button")?.focus();
});

on(document, "click", ".menu-list a, .menu-list button", (event, item) => {
  const menu = item.closest(".menu");
  // What the item did may have taken the focus elsewhere, into a field say.
  if (menu) close(menu, menu.contains(document.activeElement));
});
document.addEventListener("pointerdown", (event) => {
  document.querySelectorAll(".menu").forEach((menu) => menu.contains(event.target) || close(menu));
});
document.addEventListener("keydown", (event) => {
  const menu = event.target instanceof Element ? event.target.closest(".menu") : null;
  if (!menu) return;
  if (event.key === "Escape") close(menu, true);
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const items = [...menu.querySelectorAll(".menu-list a, .menu-list button:not(:disabled)")];
  const at = items.indexOf(document.activeElement);
  if (at < 0) return;
  event.preventDefault();
  items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length].focus();
});
