/** The library: a list that is searched, filtered, sorted, and read on as it is scrolled. */

import { get, send } from "../api.js";
import { debounce, h, on, one, put } from "../dom.js";
import { t, tn } from "../i18n.js";
import { announce, toast } from "../announce.js";
import { exportAll } from "./exporting.js";
import { importing } from "./importing.js";
import { row } from "./row.js";
import { stop } from "./playing.js";
import { editTags } from "./tags.js";
import { tunePanel } from "./tune_panel.js";
import { tell as report } from "../telling.js";

const PAGE = 24;
const shelf = one("#shelf");
const empty = one("#shelf-empty");
const more = one("#more");
const selection = one("#selection");
const asked = { words: "", liked: false, tag: "", sort: "-updated" };
const chosen = new Map();
let next = null;
let turn = 0;
let loading = false;

const does = {
  async change(piece, what) {
    try {
      const { data } = await send("PATCH", `/pieces/${piece.id}`, what, { etag: piece.etag });
      piece.etag = data.etag;
      if (what.liked) report("like", `piece:${piece.id}`);
      return data;
    } catch (error) {
      toast(error.status === 412 ? t("library.changed_elsewhere") : error.message);
      return null;
    }
  },
  async trash(pieces) {
    const gone = [];
    try {
      for (const piece of pieces) {
        await send("DELETE", `/pieces/${piece.id}`);
        gone.push(piece);
        const line = shelf.querySelector(`[data-id="${piece.id}"]`);
        if (line?.classList.contains("playing")) stop();
        line?.remove();
      }
    } catch (error) {
      toast(error.message);
    }
    unchoose();
    tell();
    if (!gone.length) return;
    const undo = async () => {
      for (const piece of gone) await send("POST", `/pieces/${piece.id}/restore`).catch((error) => toast(error.message));
      load();
    };
    toast(gone.length === 1 ? t("library.trash.done_one", { title: gone[0].title || t("library.untitled") }) : tn("library.trash.done", gone.length), { action: { label: t("common.undo"), call: undo } });
  },
  async tag(pieces) {
    if (await editTags(pieces, does.change)) {
      unchoose();
      load();
      loadTags();
    }
  },
  async copy(piece) {
    try {
      const { data } = await send("POST", `/pieces/${piece.id}/copy`);
      shelf.prepend(row(data, does));
      announce(t("library.copied"));
    } catch (error) {
      toast(error.message);
    }
  },
  select(piece, yes) {
    if (yes) chosen.set(piece.id, piece);
    else chosen.delete(piece.id);
    showSelection();
  },
  showTag(tag) {
    asked.tag = asked.tag === tag ? "" : tag;
    load();
    loadTags();
  },
};

function showSelection() {
  selection.hidden = chosen.size === 0;
  one("#selection-count").textContent = tn("library.select.count", chosen.size);
  shelf.classList.toggle("choosing", chosen.size > 0);
}

function unchoose() {
  chosen.clear();
  shelf.querySelectorAll(".chosen").forEach((line) => line.unchoose());
  showSelection();
}

function query(after) {
  const params = new URLSearchParams({ sort: asked.sort, limit: String(PAGE) });
  if (asked.words) params.set("words", asked.words);
  if (asked.liked) params.set("liked", "true");
  if (asked.tag) params.set("tag", asked.tag);
  if (after) params.set("after", after);
  return `/pieces?${params}`;
}

function tell() {
  const none = shelf.children.length === 0;
  empty.hidden = !none;
  if (!none) return;
  const searched = asked.words || asked.liked || asked.tag;
  put(empty, t(searched ? "library.nothing_found" : "library.empty"), " ",
    searched ? h("button", { type: "button", class: "link-button", onClick: reset }, t("library.show_all")) : h("a", { href: "/" }, t("library.compose_first")));
}

function reset() {
  Object.assign(asked, { words: "", liked: false, tag: "" });
  one("#search-words").value = "";
  load();
  loadTags();
}

async function load(after = null) {
  const mine = (turn += after ? 0 : 1);
  if (after && loading) return;
  loading = true;
  shelf.setAttribute("aria-busy", "true");
  try {
    const { data } = await get(query(after));
    if (mine !== turn) return;
    if (!after) {
      stop();
      unchoose();
      put(shelf);
    }
    shelf.append(...data.pieces.map((piece) => row(piece, does)));
    next = data.next;
    more.hidden = !next;
    tell();
  } catch (error) {
    if (mine === turn) {
      put(empty, h("span", { class: "fault" }, error.message));
      empty.hidden = false;
    }
  } finally {
    loading = false;
    shelf.setAttribute("aria-busy", "false");
  }
  for (const filter of document.querySelectorAll("[data-filter]")) {
    filter.setAttribute("aria-pressed", String(filter.dataset.filter === "liked" ? asked.liked : !asked.liked && !asked.tag));
  }
}

async function loadTags() {
  try {
    const { data } = await get("/pieces/tags");
    put(one("#filter-tags"), Object.keys(data.tags).slice(0, 12).map((tag) => h("button", {
      type: "button", class: "filter", "aria-pressed": String(tag === asked.tag), onClick: () => does.showTag(tag),
    }, tag)));
  } catch {
    // without tags the list is still there
  }
}

on(document, "click", "[data-filter]", (event, button) => {
  if (button.dataset.filter === "liked") asked.liked = !asked.liked;
  else Object.assign(asked, { liked: false, tag: "" });
  load();
  loadTags();
});
const search = debounce(() => load(), 220);
// Told once the words stand still: not every letter is a wish.
const searched = debounce(() => { if (asked.words.length > 1) report("search", "", { text: asked.words }); }, 2500);
one("#search-words").addEventListener("input", (event) => {
  asked.words = event.target.value.trim();
  search();
  searched();
});
one("#sort").addEventListener("change", (event) => {
  asked.sort = event.target.value;
  load();
});
more.addEventListener("click", () => load(next));
new IntersectionObserver((entries) => {
  if (entries.some((entry) => entry.isIntersecting) && next && !more.hidden) load(next);
}, { rootMargin: "400px" }).observe(more);
on(selection, "click", "[data-do]", async (event, button) => {
  const pieces = [...chosen.values()];
  if (button.dataset.do === "none") unchoose();
  if (button.dataset.do === "trash") does.trash(pieces);
  if (button.dataset.do === "tag") does.tag(pieces);
  if (button.dataset.do === "like") {
    for (const piece of pieces) await does.change(piece, { liked: true });
    load();
  }
});
one("#export-all").addEventListener("click", exportAll);
importing(() => {
  load();
  loadTags();
});
tunePanel((hits) => {
  if (hits === null) return void load();
  turn += 1;
  next = null;
  more.hidden = true;
  stop();
  unchoose();
  put(shelf, hits.map((hit) => row(hit.piece, does, hit)));
  empty.hidden = hits.length > 0;
  if (!hits.length) put(empty, t("library.tune.none"));
  announce(tn("library.tune.count", hits.length));
  return undefined;
});
load();
loadTags();
