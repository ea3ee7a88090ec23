/** Playing in place: one piece at a time, with a line that runs over its picture. */

import { get } from "../api.js";
import { put } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { toast } from "../announce.js";
import { Player } from "../sound/player.js";
import { Ear, listenTo } from "../telling.js";

const player = new Player();
const ear = new Ear();
let row = null;

function show(playing) {
  const button = row?.querySelector(".row-play");
  if (!button) return;
  put(button, icon(playing ? "pause" : "play"));
  button.setAttribute("aria-label", t(playing ? "library.pause" : "library.play", { title: row.dataset.title }));
  row.classList.toggle("playing", playing);
}

function along(second) {
  const line = row?.querySelector(".row-cursor");
  if (!line || !player.duration) return;
  line.hidden = false;
  line.style.setProperty("left", `${Math.min(100, (second / player.duration) * 100)}%`);
}

player.onTime(along);
player.onState(show);
listenTo(ear, player);

/**
 * Plays or pauses a row; with a share of its length, from there.
 * @param {HTMLElement} element
 * @param {string} path of the playback view
 * @param {number} [share] 0..1
 */
export async function play(element, path, share) {
  if (row === element) {
    if (share !== undefined) player.seek(share * player.duration);
    if (player.playing && share === undefined) player.pause();
    else if (!player.playing) await player.play();
    return;
  }
  stop();
  row = element;
  show(true);
  try {
    const { data } = await get(path);
    if (row !== element) return;
    player.load(data);
    if (element.dataset.id) ear.begin(`piece:${element.dataset.id}`, data.duration);
    await player.play((share ?? 0) * data.duration);
  } catch (error) {
    stop();
    toast(error.message);
  }
}

/** Hushes whatever plays. */
export function stop() {
  player.pause();
  ear.leave();
  show(false);
  const line = row?.querySelector(".row-cursor");
  if (line) line.hidden = true;
  row = null;
}

/** One note, for a tune that is heard back. @param {number} pitch @param {number} seconds */
export function sound(pitch, seconds) {
  player.note(0, pitch, 85, seconds);
}
