/** Words to the one who listens instead of looking, and short messages with a way back. */

import { h } from "./dom.js";
import { t } from "./i18n.js";

/** Says something to screen readers. @param {string} text */
export function announce(text) {
  const region = document.getElementById("announce");
  if (!region) return;
  region.textContent = "";
  setTimeout(() => { region.textContent = text; }, 50);
}

/**
 * Shows a message at the foot of the page; it goes by itself, later when it offers something to do.
 * @param {string} text
 * @param {{action?: {label: string, call: () => void}, seconds?: number}} [options]
 * @returns {() => void} takes it away
 */
export function toast(text, { action, seconds = action ? 10 : 5 } = {}) {
  const region = document.getElementById("toasts");
  let timer = 0;
  const gone = () => {
    clearTimeout(timer);
    box.remove();
  };
  const box = h("div", { class: "toast" },
    h("span", {}, text),
    action && h("button", { type: "button", class: "toast-action", onClick: () => { gone(); action.call(); } }, action.label),
    h("button", { type: "button", "aria-label": t("common.dismiss"), onClick: gone }, "×"));
  region.append(box);
  announce(text);
  const later = () => { timer = setTimeout(gone, seconds * 1000); };
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", later);
  box.addEventListener("focusin", () => clearTimeout(timer));
  box.addEventListener("focusout", later);
  later();
  return gone;
}
