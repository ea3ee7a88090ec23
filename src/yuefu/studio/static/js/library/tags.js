/** Tags of one piece or several, in a dialog. */

import { h, put } from "../dom.js";
import { t } from "../i18n.js";

/** @param {string} text @returns {string[]} */
export function tagsOf(text) {
  return [...new Set(text.split(/[,，、;；\n]+/).map((tag) => tag.trim()).filter(Boolean))].slice(0, 30);
}

/**
 * One piece: its tags are what the field says. Several: the field's tags are added to each.
 * @param {any[]} pieces
 * @param {(piece: any, what: any) => Promise<any>} change
 * @returns {Promise<boolean>} whether something was changed
 */
export function editTags(pieces, change) {
  return new Promise((resolve) => {
    const single = pieces.length === 1;
    const input = h("input", { class: "input", id: "tags-field", autocomplete: "off", maxlength: 400, value: single ? pieces[0].tags.join(", ") : "" });
    let saved = false;
    const form = h("form", { method: "dialog" },
      h("h2", { id: "tags-title" }, t(single ? "library.tags.title" : "library.tags.add_title")),
      h("div", { class: "field" }, h("label", { for: "tags-field" }, t("library.tags.label")), input),
      h("div", { class: "dialog-actions" },
        h("button", { type: "button", class: "button", onClick: () => dialog.close() }, t("common.cancel")),
        h("button", { type: "submit", class: "button button-primary" }, t("common.save"))));
    const dialog = h("dialog", { "aria-labelledby": "tags-title" });
    put(dialog, form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const tags = tagsOf(input.value);
      for (const piece of pieces) {
        const next = single ? tags : [...new Set([...piece.tags, ...tags])];
        if (await change(piece, { tags: next })) saved = true;
      }
      dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(saved);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
