/** The icons that scripts draw: the page carries each as a <template data-icon="name">. */

import { svg } from "./dom.js";

/** @param {string} name @returns {Node} a copy of the icon */
export function icon(name) {
  const kept = document.querySelector(`template[data-icon="${name}"]`);
  return kept ? kept.content.cloneNode(true) : svg("svg", { class: "icon", "aria-hidden": "true" });
}
