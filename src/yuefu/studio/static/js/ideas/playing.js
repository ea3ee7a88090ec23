/** Hearing cards: one at a time, with a line that runs over the picture of the one that sounds. */

import { put } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { Player } from "../sound/player.js";

const player = new Player();
let current = null;
let shown = [];

function show(playing) {
  for (const element of shown) {
    const button = element.querySelector("[data-play]");
    put(button, icon(playing ? "pause" : "play"));
    button.setAttribute("aria-label", t(playing ? "ideas.card.pause" : "ideas.card.play", { title: element.dataset.title }));
    element.classList.toggle("playing", playing);
  }
}

player.onState(show);
player.onTime((second) => {
  for (const element of shown) {
    const line = element.querySelector(".card-cursor");
    if (!line || !player.duration) continue;
    line.hidden = false;
    line.style.setProperty("left", `${Math.min(100, (second / player.duration) * 100)}%`);
  }
});

/** Hushes whatever sounds. */
export function hush() {
  player.pause();
  show(false);
  for (const element of shown) {
    const line = element.querySelector(".card-cursor");
    if (line) line.hidden = true;
  }
  shown = [];
  current = null;
}

/** Plays or pauses a card. @param {any} card @param {HTMLElement} element */
export async function play(card, element) {
  if (!card.playback) return;
  if (current === card.id && shown[0] === element) {
    if (player.playing) player.pause();
    else await player.play();
    return;
  }
  hush();
  current = card.id;
  shown = [element];
  player.load(card.playback);
  show(true);
  await player.play(0);
}

addEventListener("pagehide", () => player.close());
