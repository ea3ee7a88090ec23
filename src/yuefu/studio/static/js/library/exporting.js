/** Files of a piece: at once where they can be had at once, else after a job has made them. */

import { address, get, newKey, send } from "../api.js";
import { h, put } from "../dom.js";
import { has, t } from "../i18n.js";
import { announce, toast } from "../announce.js";
import { finished } from "../jobs.js";
import { tell } from "../telling.js";

const FIRST = ["zip", "mp3", "midi", "pdf", "jianpu", "leadsheet", "musicxml", "wav"];

/** What a format is called. @param {string} format */
export function formatName(format) {
  return has(`library.format.${format}`) ? t(`library.format.${format}`) : format;
}

function save(path) {
  const link = h("a", { href: address(path), download: "" });
  document.body.append(link);
  link.click();
  link.remove();
}

/** @param {any} piece @param {{format: string, ready: boolean, needs: string|null}} file */
export async function fetchFile(piece, file) {
  const path = `/pieces/${piece.id}/versions/${piece.head}/files/${file.format}`;
  tell("save", `piece:${piece.id}`, { text: file.format });
  if (file.ready) return save(path);
  const away = toast(t("library.export.making", { format: formatName(file.format) }), { seconds: 600 });
  try {
    const request = { piece: piece.id, version: piece.head, format: file.format };
    const { data } = await send("POST", "/jobs", { kind: file.needs, request }, { idempotencyKey: newKey() });
    await finished(data.id);
    file.ready = true;
    save(path);
    announce(t("library.export.ready"));
  } catch (error) {
    toast(error.message);
  } finally {
    away();
  }
  return undefined;
}

/** Fills a menu with a piece's formats. @param {HTMLElement} list @param {any} piece */
export async function formatsMenu(list, piece) {
  put(list, h("li", { class: "hint menu-note" }, t("library.export.looking")));
  try {
    const { data } = await get(`/pieces/${piece.id}/versions/${piece.head}/files`);
    const rank = (file) => (FIRST.includes(file.format) ? FIRST.indexOf(file.format) : FIRST.length);
    const files = [...data.files].sort((one, two) => rank(one) - rank(two));
    put(list, files.map((file) => h("li", {}, h("button", { type: "button", onClick: () => fetchFile(piece, file) }, formatName(file.format), h("span", { class: "hint spring-left" }, `.${file.file.split(".").slice(1).join(".")}`)))));
    list.querySelector("button")?.focus();
  } catch (error) {
    put(list, h("li", { class: "fault menu-note" }, error.message));
  }
}

/** The whole library as one zip. */
export async function exportAll() {
  const away = toast(t("library.export.making_all"), { seconds: 600 });
  try {
    const { data } = await send("POST", "/pieces/export");
    await finished(data.id);
    save(`/jobs/${data.id}/file`);
    announce(t("library.export.ready"));
  } catch (error) {
    toast(error.message);
  } finally {
    away();
  }
}
