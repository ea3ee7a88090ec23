/** The opened notes as a list: for those who listen to the page, and for exact values. */

import { h, put } from "../dom.js";
import { t } from "../i18n.js";
import { editorKey, noteText } from "./editor_keys.js";

const MOST = 400;

export class NoteList {
  /**
   * @param {HTMLDetailsElement} root
   * @param {import("./editor.js").Editor} editor
   */
  constructor(root, editor) {
    Object.assign(this, { root, editor });
    this.list = root.querySelector("ul");
    root.addEventListener("toggle", () => this.show());
  }

  show() {
    if (!this.root.open || !this.editor.open) return;
    const { editor } = this;
    const held = document.activeElement?.dataset?.note;
    const notes = editor.notes.slice(0, MOST);
    put(this.list, notes.length ? notes.map((note) => h("li", {}, h("button", {
      type: "button", class: "note-button", dataset: { note: String(note[0]) }, "aria-pressed": String(editor.selected.has(note[0])),
      onClick: () => {
        editor.select([note[0]]);
        editor.sound(note[3], note[4]);
      },
      onFocus: () => editor.select([note[0]]),
      onKeydown: (event) => editorKey(editor, event),
    }, noteText(editor, note)))) : h("li", {}, t("piece.editor.empty")));
    if (held) this.list.querySelector(`[data-note="${CSS.escape(held)}"]`)?.focus();
  }

  mark() {
    for (const button of this.list.querySelectorAll("[data-note]")) {
      button.setAttribute("aria-pressed", String(this.editor.selected.has(Number(button.dataset.note))));
    }
  }
}
