/** The tabs of the page, kept in the address: /pieces/{id}#score. */

import { all } from "../dom.js";

/** Event: "change". */
export class Tabs extends EventTarget {
  /** @param {HTMLElement} root the tablist */
  constructor(root) {
    super();
    this.root = root;
    this.tabs = all("[role=tab]", root);
    this.names = this.tabs.map((tab) => tab.dataset.tab);
    this.chosen = "";
    for (const tab of this.tabs) tab.addEventListener("click", () => this.choose(tab.dataset.tab));
    root.addEventListener("keydown", (event) => this.#key(event));
    window.addEventListener("hashchange", () => this.#read());
  }

  begin() {
    this.#read();
  }

  /** @param {string} name */
  choose(name) {
    if (name === this.chosen) return;
    this.chosen = name;
    if (location.hash.slice(1) !== name) history.replaceState(null, "", `#${name}`);
    for (const tab of this.tabs) {
      const on = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
      if (on) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    this.dispatchEvent(new Event("change"));
  }

  #read() {
    const name = location.hash.slice(1);
    this.choose(this.names.includes(name) ? name : this.names[0]);
  }

  #key(event) {
    const at = this.names.indexOf(this.chosen);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const index = (to + this.names.length) % this.names.length;
    this.choose(this.names[index]);
    this.tabs[index].focus();
  }
}
