/** The trash: what was thrown away, to be taken out or erased. */

import { get, send } from "../api.js";
import { h, one, put } from "../dom.js";
import { day, t, tn } from "../i18n.js";
import { announce, toast } from "../announce.js";
import { factsOf, titleOf } from "./facts.js";
import { picture } from "./picture.js";

const shelf = one("#shelf");
const sure = one("#sure");
let next = null;

function ask(text, call) {
  one("#sure-text").textContent = text;
  one("#sure-yes").onclick = () => {
    sure.close();
    call();
  };
  sure.showModal();
}
one("#sure-no").addEventListener("click", () => sure.close());

function tell() {
  const none = shelf.children.length === 0;
  one("#shelf-empty").hidden = !none;
  one("#erase-all").hidden = none;
  one("#more").hidden = !next;
}

async function gone(piece, method, path, said) {
  try {
    await send(method, path);
    shelf.querySelector(`[data-id="${piece.id}"]`)?.remove();
    announce(said);
    tell();
    return true;
  } catch (error) {
    toast(error.message);
    return false;
  }
}

function row(piece) {
  const title = titleOf(piece);
  return h("li", { class: "row row-trashed", dataset: { id: piece.id } },
    h("div", { class: "row-words" }, h("h2", { class: "row-title" }, title), h("p", { class: "row-facts numbers" }, factsOf(piece.facts).join(" · "))),
    h("div", { class: "row-picture" }, picture(`/pieces/${piece.id}/versions/${piece.head}/grid`)),
    h("div", { class: "row-side" }, h("time", { class: "row-day", datetime: piece.trashed }, day(piece.trashed))),
    h("div", { class: "row-tools" },
      h("button", { type: "button", class: "button button-small", "aria-label": t("library.trash.restore_piece", { title }), onClick: async () => {
        if (await gone(piece, "POST", `/pieces/${piece.id}/restore`, t("library.trash.restored", { title }))) toast(t("library.trash.restored", { title }));
      } }, t("library.trash.restore")),
      h("button", { type: "button", class: "button button-small button-plain", "aria-label": t("library.trash.erase_piece", { title }), onClick: () => ask(t("library.trash.sure_one", { title }), () => gone(piece, "DELETE", `/pieces/${piece.id}?forever=true`, t("library.trash.erased"))) }, t("library.trash.erase"))));
}

async function load(after) {
  try {
    const { data } = await get(`/pieces?trashed=true&limit=50${after ? `&after=${encodeURIComponent(after)}` : ""}`);
    if (!after) put(shelf);
    shelf.append(...data.pieces.map(row));
    next = data.next;
    tell();
  } catch (error) {
    toast(error.message);
  }
  shelf.setAttribute("aria-busy", "false");
}

one("#more").addEventListener("click", () => load(next));
one("#erase-all").addEventListener("click", () => ask(t("library.trash.sure_all"), async () => {
  let erased = 0;
  for (;;) {
    const { data } = await get("/pieces?trashed=true&limit=50");
    if (!data.pieces.length) break;
    for (const piece of data.pieces) {
      if (!(await gone(piece, "DELETE", `/pieces/${piece.id}?forever=true`, ""))) return;
      erased += 1;
    }
  }
  next = null;
  tell();
  toast(tn("library.trash.erased_count", erased));
}));
load();
