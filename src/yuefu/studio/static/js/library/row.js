/** One piece in the list: play, picture, title, facts, tags, like, and a menu. */

import { h, put } from "../dom.js";
import { day, t } from "../i18n.js";
import { icon } from "../icons.js";
import { bandOf, factsOf, titleOf } from "./facts.js";
import { formatsMenu } from "./exporting.js";
import { picture } from "./picture.js";
import { play } from "./playing.js";

/**
 * @param {any} piece
 * @param {{change: (piece: any, what: any) => Promise<any>, trash: (pieces: any[]) => void, tag: (pieces: any[]) => void,
 *   copy: (piece: any) => void, select: (piece: any, chosen: boolean) => void, showTag: (tag: string) => void}} does
 * @param {{score: number, bar: number}|null} [hit] where a tune was found
 */
export function row(piece, does, hit = null) {
  const at = `/pieces/${piece.id}/versions/${piece.head}`;
  const title = titleOf(piece);
  const element = h("li", { class: "row", dataset: { id: piece.id, title } });
  const name = h("a", { class: "row-title", href: `/pieces/${piece.id}` }, title);
  const heading = h("h3", {}, name);

  function rename() {
    const input = h("input", { class: "input row-rename", value: piece.title, maxlength: 120, "aria-label": t("library.rename_field") });
    let over = false;
    const end = async (keep) => {
      if (over) return;
      over = true;
      const said = input.value.trim();
      put(heading, name);
      if (keep && said && said !== piece.title && (await does.change(piece, { title: said }))) {
        piece.title = said;
        name.textContent = said;
        element.dataset.title = said;
      }
      name.focus();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") end(true);
      if (event.key === "Escape") end(false);
    });
    input.addEventListener("blur", () => end(true));
    put(heading, input);
    input.focus();
    input.select();
  }

  const like = h("button", { type: "button", class: "icon-button row-like", onClick: async () => {
    if (await does.change(piece, { liked: !piece.liked })) {
      piece.liked = !piece.liked;
      showLike();
    }
  } });
  function showLike() {
    put(like, icon(piece.liked ? "heart-full" : "heart"));
    like.setAttribute("aria-pressed", String(piece.liked));
    like.setAttribute("aria-label", t("library.like_piece", { title: titleOf(piece) }));
    like.title = t("library.like");
  }
  showLike();

  const chosen = h("input", { type: "checkbox", "aria-label": t("library.select.piece", { title }), onChange: () => {
    element.classList.toggle("chosen", chosen.checked);
    does.select(piece, chosen.checked);
  } });
  const menuOf = (key, label, list) => h("div", { class: "menu" },
    h("button", { type: "button", class: "icon-button", "aria-expanded": "false", "aria-haspopup": "true", "aria-label": label, title: t(key) }, icon(key === "library.export.menu" ? "down" : "more")), list);
  const files = h("ul", { class: "menu-list", hidden: true });
  const exports = menuOf("library.export.menu", t("library.export.piece", { title }), files);
  exports.firstChild.addEventListener("click", () => formatsMenu(files, piece));
  const item = (key, shape, call) => h("li", {}, h("button", { type: "button", onClick: call }, icon(shape), t(key)));
  const more = menuOf("library.more_menu", t("library.more_piece", { title }), h("ul", { class: "menu-list", hidden: true },
    h("li", {}, h("a", { href: `/pieces/${piece.id}` }, icon("right"), t("library.open"))),
    item("library.rename", "pen", rename),
    item("library.tags.edit", "tag", () => does.tag([piece])),
    item("library.copy", "plus", () => does.copy(piece)),
    h("li", { class: "menu-rule", role: "separator" }),
    item("library.trash.do", "trash", () => does.trash([piece]))));

  const strip = h("div", { class: "row-picture", onClick: (event) => {
    const box = strip.getBoundingClientRect();
    play(element, `${at}/playback`, (event.clientX - box.left) / box.width);
  } }, picture(`${at}/grid`), h("span", { class: "row-cursor", hidden: true }));
  const tags = h("span", { class: "row-tags" }, piece.tags.map((tag) => h("button", { type: "button", class: "row-tag", onClick: () => does.showTag(tag) }, tag)));
  put(element,
    h("label", { class: "row-choose" }, chosen),
    h("button", { type: "button", class: "icon-button round row-play", "aria-label": t("library.play", { title }), onClick: () => play(element, `${at}/playback`) }, icon("play")),
    h("div", { class: "row-words" }, heading,
      h("p", { class: "row-facts numbers" }, factsOf(piece.facts).join("\u00a0· ")),
      hit ? h("p", { class: "row-facts" }, t("library.tune.found_at", { bar: hit.bar, alike: Math.round(hit.score * 100) })) : h("p", { class: "row-band" }, bandOf(piece.facts))),
    strip,
    h("div", { class: "row-side" }, tags, h("time", { class: "row-day", datetime: piece.updated }, day(piece.updated))),
    h("div", { class: "row-tools" }, like, exports, more));
  element.unchoose = () => {
    chosen.checked = false;
    element.classList.remove("chosen");
  };
  return element;
}
