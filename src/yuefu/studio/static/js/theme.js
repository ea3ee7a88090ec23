/** Paper by day, ink by night, or as the machine is set: kept in a cookie, so that the server draws it at once. */

const THEMES = ["auto", "light", "dark"];

/** @returns {"auto"|"light"|"dark"} */
export function theme() {
  return document.documentElement.dataset.theme || "auto";
}

/** @param {"auto"|"light"|"dark"} wished */
export function setTheme(wished) {
  document.documentElement.dataset.theme = wished;
  document.cookie = `yuefu_theme=${wished}; path=/; max-age=31536000; samesite=lax`;
  document.dispatchEvent(new CustomEvent("themechange", { detail: wished }));
}

/** The next of the three. */
export function nextTheme() {
  return THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length];
}

/** A colour of the page as it is now, for canvases. @param {string} name such as "--row-melody" */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Calls when the colours change, by the switch or by the machine. @param {() => void} call */
export function onTheme(call) {
  document.addEventListener("themechange", call);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", call);
}
