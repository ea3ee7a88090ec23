/** Chords as text, in their place over the bars: Enter saves, Tab goes on to the next bar, Escape leaves them. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { rangesText } from "./bars.js";
import { cell } from "./selection.js";

/**
 * @param {any} page view and state
 * @param {number[]} bars indices, in order; only the first stretch without a gap is edited
 */
export function editChords(page, bars) {
  const { view, state } = page;
  const stretch = bars.filter((bar, index) => bar === bars[0] + index);
  const element = view.cells.get(cell("chords", stretch[0]));
  if (!element || element.querySelector("input")) return;
  view.reveal("chords", stretch[0], false);
  const before = stretch.map((bar) => view.chords[bar] || soundingAt(state.grid, state.grid.bars[bar].start)).join(" | ");
  const numbers = rangesText(state.grid, stretch);
  let over = false;
  const end = (saved) => {
    if (over) return;
    over = true;
    const text = input.value.trim();
    input.remove();
    element.classList.remove("is-edited");
    if (saved && text !== before.trim()) {
      state.edit([text ? { op: "set_chords", bars: numbers, text } : { op: "clear", rows: ["chords"], bars: numbers }]);
      state.flush();
    }
  };
  const input = h("input", {
    class: "chord-input", value: before, maxlength: "400", autocomplete: "off", spellcheck: "false",
    "aria-label": t(stretch.length > 1 ? "piece.chords.many" : "piece.chords.one", { bars: numbers }), placeholder: "C | G/B Am",
    style: { width: `${Math.max(110, stretch.length * element.offsetWidth)}px` },
    onKeydown: (event) => {
      event.stopPropagation();
      if (event.key === "Enter" || event.key === "Escape") {
        event.preventDefault();
        end(event.key === "Enter");
        view.reveal("chords", stretch[0]);
      }
      if (event.key === "Tab") {
        const next = event.shiftKey ? stretch[0] - 1 : stretch[stretch.length - 1] + 1;
        if (next < 0 || next >= state.grid.bars.length) return;
        event.preventDefault();
        end(true);
        page.selection.point("chords", next);
        editChords(page, [next]);
      }
    },
    onPointerdown: (event) => event.stopPropagation(),
    onDblclick: (event) => event.stopPropagation(),
    onBlur: () => end(true),
  });
  element.classList.add("is-edited");
  element.append(input);
  input.focus();
  input.select();
}

/** The chord that goes on from an earlier bar. */
function soundingAt(grid, tick) {
  return grid.chords.findLast((chord) => chord.start <= tick && chord.start + chord.duration > tick)?.symbol ?? "";
}
