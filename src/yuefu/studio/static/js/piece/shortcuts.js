/** The keyboard of the grid and of the whole page. */

import { h, put } from "../dom.js";
import { t } from "../i18n.js";

const SHOWN = [
  ["Space", "play"], ["← → ↑ ↓", "move"], ["Shift + ← → ↑ ↓", "extend"], ["Ctrl + A", "all"], ["L", "lock"], ["R", "regenerate"], ["V", "vary"], ["Delete", "clear"],
  ["Enter", "open"], ["O", "loop"], ["M / S", "mute"], ["Home / End", "ends"], ["Esc", "none"], ["Ctrl + Z", "undo"], ["Shift + Ctrl + Z", "redo"], ["?", "help"],
];
const SHOWN_EDITOR = [
  ["← → ↑ ↓", "note_move"], ["Alt + ← →", "note_stretch"], ["Alt + ↑ ↓", "note_velocity"], ["Shift + ↑ ↓", "note_octave"], ["Ctrl + ← →", "note_next"],
  ["N", "note_new"], ["Delete", "note_delete"], ["PageUp / PageDown", "note_bars"], ["Esc", "note_close"],
];

/** Whether keys belong to what has the focus: a field, a menu, a dialog. */
function isTyping(target) {
  return target instanceof Element && Boolean(target.closest("input:not([type=range]), select, textarea, [contenteditable], dialog"));
}

/**
 * @param {any} page its commands: state, selection, view, transport, editor, player, and lock() regenerate() ...
 */
export function listenToKeys(page) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isTyping(event.target)) return;
    const mod = event.ctrlKey || event.metaKey;
    const onButton = event.target instanceof Element && event.target.closest("button, a, summary, [role=tab]");
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (mod && key === "z") {
      event.preventDefault();
      if (event.shiftKey) page.state.redo();
      else page.state.undo();
    } else if (mod && key === "y") {
      event.preventDefault();
      page.state.redo();
    } else if (key === " " && !onButton) {
      event.preventDefault();
      page.transport.toggle();
    } else if (event.key === "?") {
      event.preventDefault();
      showShortcuts();
    } else if (event.target instanceof Element && event.target.closest("#grid-scroll")) gridKey(page, event, key, mod, onButton);
  });
  document.getElementById("piece-shortcuts")?.addEventListener("click", showShortcuts);
}

function gridKey(page, event, key, mod, onButton) {
  const { selection, view } = page;
  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], Home: [0, -1e6], End: [0, 1e6], PageUp: [0, -8], PageDown: [0, 8] };
  const isRange = event.target.closest("input[type=range]");
  if (moves[event.key] && !mod && !event.altKey && !isRange) {
    event.preventDefault();
    selection.move(...moves[event.key], event.shiftKey);
    view.reveal(selection.focus.row, selection.focus.bar);
    return;
  }
  if (mod && key === "a") {
    event.preventDefault();
    selection.rectangle(view.rows, page.state.grid.bars.map((_, index) => index));
    return;
  }
  if (mod || event.altKey || (onButton && (key === "Enter" || key === " "))) return;
  const commands = {
    l: () => page.lock(), r: () => page.regenerate(), v: () => page.vary(), Delete: () => page.clear(), Backspace: () => page.clear(),
    Enter: () => page.openSelection(), o: () => page.loopSelection(), Escape: () => selection.clear(),
    m: () => page.toggle("mute"), s: () => page.toggle("solo"),
  };
  if (!commands[key]) return;
  event.preventDefault();
  if (selection.empty && view.tabbed && key !== "Escape") selection.point(view.tabbed.dataset.row, Number(view.tabbed.dataset.bar));
  commands[key]();
}

/** Shows what the keys do. */
export function showShortcuts() {
  const dialog = document.getElementById("piece-dialog");
  const list = (shown) => h("dl", { class: "shortcuts" }, ...shown.flatMap(([keys, what]) => [h("dt", {}, ...keys.split(" ").map((each) => (each.length > 1 || /[A-Z?←→↑↓]/.test(each) ? h("kbd", {}, each) : ` ${each} `))), h("dd", {}, t(`piece.keys.${what}`))]));
  put(dialog, h("div", { class: "shortcut-columns" }, h("section", {}, h("h2", { id: "keys-title" }, t("piece.keys.title")), list(SHOWN)), h("section", {}, h("h2", {}, t("piece.keys.editor")), list(SHOWN_EDITOR))),
    h("div", { class: "dialog-actions" }, h("button", { type: "button", class: "button", onClick: () => dialog.close() }, t("common.close"))));
  dialog.setAttribute("aria-labelledby", "keys-title");
  dialog.showModal();
}
