/** The form as blocks in a row: dragged, or moved with the keyboard; each with its kind and its bars. */

import { h, put } from "../dom.js";
import { t, tn } from "../i18n.js";
import { icon } from "../icons.js";
import { announce } from "../announce.js";
import { sectionName } from "./names.js";

const PLAIN = "intro:4 verse:8 chorus:8 verse:8 chorus:8 outro:4";

/** "verse:8 A':8" -> blocks. @param {string} text */
export function blocksOf(text) {
  return text.trim().split(/\s+/).filter(Boolean).map((word) => {
    const [name, bars] = word.split(":");
    return { kind: /^[A-Z]'*$/.test(name) ? "" : name, letter: /^[A-Z]'*$/.test(name) ? name : "", bars: Number(bars) || null };
  });
}

/** Blocks -> "verse:8 A':8". */
export function textOf(blocks) {
  return blocks.map((block) => (block.kind || block.letter || "A") + (block.bars ? `:${block.bars}` : "")).join(" ");
}

export function formEditor({ set, draft, catalogue }) {
  let blocks = [];
  let at = 0;
  let dragged = null;
  const row = h("div", { class: "blocks", role: "listbox", "aria-orientation": "horizontal", "aria-label": t("compose.field.form"), "aria-describedby": "form-hint" });
  const detail = h("div", { class: "block-detail" });
  const hint = h("p", { class: "hint", id: "form-hint" }, t("compose.form.hint"));

  function use(next, chosen, focus = true) {
    blocks = next;
    at = Math.max(0, Math.min(blocks.length - 1, chosen));
    if (blocks.length) set("form", textOf(blocks));
    else draft.asRead("form");
    show();
    if (focus) row.children[at]?.focus();
  }

  function move(from, to) {
    if (to < 0 || to >= blocks.length || from === to) return;
    const next = [...blocks];
    next.splice(to, 0, ...next.splice(from, 1));
    use(next, to);
    announce(t("compose.form.moved", { section: sectionName(next[to]), place: to + 1 }));
  }

  const change = (index, what, focus = true) => use(blocks.map((block, place) => (place === index ? { ...block, ...what } : block)), index, focus);
  const remove = (index) => use(blocks.filter((block, place) => place !== index), index);

  function keys(event) {
    const last = blocks.length - 1;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const to = at + (event.key === "ArrowRight" ? 1 : -1);
      if (event.altKey || event.shiftKey) move(at, to);
      else choose(Math.max(0, Math.min(last, to)));
    } else if (event.key === "Home") choose(0);
    else if (event.key === "End") choose(last);
    else if (event.key === "Delete" || event.key === "Backspace") remove(at);
    else if (event.key === "+" || event.key === "=" || event.key === "ArrowUp") change(at, { bars: Math.min(64, (blocks[at].bars || 8) + 1) });
    else if (event.key === "-" || event.key === "ArrowDown") change(at, { bars: Math.max(1, (blocks[at].bars || 8) - 1) });
    else return;
    event.preventDefault();
  }

  function choose(index) {
    at = index;
    show();
    row.children[at]?.focus();
  }

  function block(item, index) {
    return h("div", {
      class: "block", role: "option", draggable: "true", tabindex: index === at ? 0 : -1, "aria-selected": String(index === at), dataset: { kind: item.kind || "letter" },
      style: { "--bars": item.bars || 8 },
      "aria-label": `${sectionName(item)}, ${item.bars ? tn("common.bars", item.bars) : t("compose.form.any_bars")}`,
      onClick: () => choose(index),
      onDragstart: (event) => { dragged = index; event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", String(index)); },
      onDragover: (event) => { if (dragged !== null) { event.preventDefault(); event.currentTarget.classList.add("over"); } },
      onDragleave: (event) => event.currentTarget.classList.remove("over"),
      onDrop: (event) => { event.preventDefault(); const from = dragged; dragged = null; if (from !== null) move(from, index); },
      onDragend: () => { dragged = null; },
    }, h("span", { class: "block-name" }, sectionName(item)), h("span", { class: "block-bars numbers" }, item.bars || "–"));
  }

  function show() {
    put(row, blocks.map(block));
    const item = blocks[at];
    if (!item) return void put(detail);
    const kind = h("select", { class: "select select-small", "aria-label": t("compose.form.kind") },
      catalogue.kinds.map((name) => h("option", { value: name, selected: name === item.kind }, t(`common.section.${name}`))),
      [..."ABCD", ...(item.letter && !"ABCD".includes(item.letter) ? [item.letter] : [])].map((letter) => h("option", { value: `=${letter}`, selected: !item.kind && item.letter === letter }, letter)));
    kind.addEventListener("change", () => change(at, kind.value.startsWith("=") ? { kind: "", letter: kind.value.slice(1) } : { kind: kind.value, letter: "" }, false));
    const bars = h("input", { class: "input number-input numbers", type: "number", min: 1, max: 64, value: item.bars ?? "", placeholder: "–", "aria-label": t("compose.form.bars") });
    bars.addEventListener("change", () => change(at, { bars: bars.value ? Math.max(1, Math.min(64, Number(bars.value))) : null }, false));
    const tool = (name, key, call, disabled = false) => h("button", { type: "button", class: "icon-button", "aria-label": t(key), title: t(key), disabled, onClick: call }, icon(name));
    put(detail, kind, bars, h("span", { class: "hint" }, t("compose.length.unit")), h("span", { class: "spring" }),
      tool("left", "compose.form.left", () => move(at, at - 1), at === 0),
      tool("right", "compose.form.right", () => move(at, at + 1), at === blocks.length - 1),
      tool("plus", "compose.form.add", () => use([...blocks.slice(0, at + 1), { ...item }, ...blocks.slice(at + 1)], at + 1)),
      tool("trash", "compose.form.remove", () => remove(at)));
  }

  row.addEventListener("keydown", keys);
  const begin = h("button", { type: "button", class: "button button-small", onClick: () => use(blocksOf(begin.dataset.form || PLAIN), 0) }, t("compose.form.begin"));
  return {
    element: h("div", {}, row, detail, begin, hint),
    update(fields) {
      const style = catalogue.styles.flatMap((group) => group.styles).find((one) => one.key === fields.style?.value);
      begin.dataset.form = style?.form || PLAIN;
      const next = draft.options.form !== undefined ? blocksOf(draft.options.form)
        : (fields.form?.value || []).map((item) => ({ kind: item.kind, letter: item.kind ? "" : item.letter, bars: item.bars }));
      const changed = textOf(next) !== textOf(blocks);
      if (changed) {
        blocks = next;
        at = Math.min(at, Math.max(0, blocks.length - 1));
        show();
      }
      begin.hidden = blocks.length > 0;
      hint.hidden = row.hidden = !blocks.length;
    },
  };
}
