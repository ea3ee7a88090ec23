/** A listener's page: play, follow along, read the words and the score. */

import { address, get } from "./api.js";
import { h, on, one, put } from "./dom.js";
import { clock, t } from "./i18n.js";
import { icon } from "./icons.js";
import { bandOf, factsOf } from "./library/facts.js";
import { formatName } from "./library/exporting.js";
import { drawPiece } from "./library/picture.js";
import { onTheme } from "./theme.js";
import { Player } from "./sound/player.js";
import { Ear, listenTo, tell } from "./telling.js";

const base = `/shared/${one("#listen").dataset.token}`;
const player = new Player();
// Known to those who are logged in alone: nobody else is told of.
const item = one("#listen").dataset.item;
const ear = new Ear();
const play = one("#play");
const seek = one("#seek");
let held = false;

/** The words as they are sung: a line a line. @param {any} grid */
export function sungLines(grid) {
  const lines = [];
  for (const part of grid.parts) {
    const verses = new Map();
    for (const [, text, syllabic, verse, end] of part.syllables) {
      const open = verses.get(verse) || { line: "", lines: [] };
      const joined = /[\u3400-\u9fff]$/.test(open.line) || open.inside;
      open.line += (open.line && !joined ? " " : "") + text;
      open.inside = syllabic === "begin" || syllabic === "middle";
      if (end) {
        open.lines.push(open.line);
        open.line = "";
      }
      verses.set(verse, open);
    }
    for (const open of verses.values()) lines.push([...open.lines, open.line].filter(Boolean));
  }
  return lines.filter((verse) => verse.length);
}

function at(second) {
  const share = player.duration ? Math.min(1, second / player.duration) : 0;
  one("#cursor").style.setProperty("left", `${share * 100}%`);
  one("#now").textContent = clock(second);
  if (!held) seek.value = String(Math.round(share * 1000));
  seek.setAttribute("aria-valuetext", `${clock(second)} / ${clock(player.duration)}`);
}

async function showPages(kind) {
  const place = one("#pages");
  try {
    const { data } = await get(`${base}/pages`);
    const count = data[kind === "pages" ? "pages" : "jianpu"];
    put(place, Array.from({ length: count }, (_, page) => h("img", {
      src: address(`${base}/${kind}/${page + 1}.svg`), alt: t("shared.page", { n: page + 1, count }), loading: "lazy", class: "listen-page",
    })));
  } catch (error) {
    put(place, h("p", { class: "fault" }, error.message));
  }
  for (const button of document.querySelectorAll("[data-notation]")) button.setAttribute("aria-pressed", String(button.dataset.notation === kind));
}

async function begin() {
  const { data: piece } = await get(base);
  one("#facts").textContent = [...factsOf(piece.facts), bandOf(piece.facts)].filter(Boolean).join(" · ");
  const [{ data: playback }, { data: grid }, { data: files }] = await Promise.all([get(`${base}/playback`), get(`${base}/grid`), get(`${base}/files`)]);
  player.load(playback);
  ear.begin(item, playback.duration);
  one("#length").textContent = clock(playback.duration);
  const picture = one("#picture");
  const draw = () => drawPiece(picture, grid);
  draw();
  onTheme(draw);
  new ResizeObserver(draw).observe(picture);
  const sung = sungLines(grid);
  one("#words-section").hidden = sung.length === 0;
  put(one("#sung"), sung.map((verse) => h("p", {}, verse.map((line) => h("span", {}, line)))));
  const ready = files.files.filter((file) => file.ready);
  put(one("#files"), ready.length ? t("shared.take") : "", ready.map((file) => [" ", h("a", { href: address(`${base}/files/${file.format}`), download: "" }, formatName(file.format))]));
}

play.addEventListener("click", () => (player.playing ? player.pause() : player.play()));
player.onTime(at);
listenTo(ear, player);
on(document, "click", "#files a", () => tell("save", item));
player.onState((playing) => {
  put(play, icon(playing ? "pause" : "play"));
  play.setAttribute("aria-label", t(playing ? "common.pause" : "common.play"));
});
seek.addEventListener("input", () => {
  held = true;
  at((Number(seek.value) / 1000) * player.duration);
});
seek.addEventListener("change", () => {
  held = false;
  player.seek((Number(seek.value) / 1000) * player.duration);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || event.target.closest("button, a, input, select")) return;
  event.preventDefault();
  play.click();
});
on(document, "click", "[data-notation]", (event, button) => showPages(button.dataset.notation));
begin().catch((error) => {
  one("#fault").textContent = error.message;
  one("#fault").hidden = false;
});
showPages("pages");
