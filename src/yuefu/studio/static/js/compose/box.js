/** The box for words: ruled paper, with what was understood underlined in the text itself. */

import { h, on, one, put } from "../dom.js";
import { t, tn } from "../i18n.js";

/** Where quoted words stand in the text: [start, end, field], sorted, not overlapping. */
function places(text, fields) {
  const low = text.toLowerCase();
  const found = [];
  for (const [field, asked] of Object.entries(fields)) {
    if (asked.source !== "text" || field === "title" || field === "language" || field === "lyrics") continue;
    for (const word of asked.words || []) {
      const at = low.indexOf(word.toLowerCase());
      if (word && at >= 0) found.push([at, at + word.length, field, asked.confidence === null]);
    }
  }
  // What was said outright goes before what was felt, and longer words before shorter ones.
  found.sort((one, two) => two[3] - one[3] || two[1] - two[0] - (one[1] - one[0]));
  const kept = [];
  for (const place of found) if (!kept.some(([start, end]) => place[0] < end && start < place[1])) kept.push(place);
  return kept.sort((one, two) => one[0] - two[0]);
}

/**
 * @param {import("./draft.js").Draft} draft
 * @param {import("./reading.js").Reading} reading
 */
export function wordsBox(draft, reading) {
  const box = one("#words-box");
  const mirror = one("#words-mirror");
  const kind = one("#words-kind");
  const fault = one("#words-fault");
  const sound = one("#sound-box");

  function grow() {
    box.style.setProperty("height", "auto");
    box.style.setProperty("height", `${box.scrollHeight}px`);
  }

  function mark() {
    const text = box.value;
    let at = 0;
    put(mirror);
    if (!draft.isLyric) {
      for (const [start, end, field] of places(text, reading.fields)) {
        mirror.append(text.slice(at, start), h("mark", { dataset: { field } }, text.slice(start, end)));
        at = end;
      }
    }
    mirror.append(`${text.slice(at)}\n`);
  }

  function tellKind() {
    const lyric = draft.isLyric && draft.text.trim() !== "";
    one("#sound-field").hidden = !lyric;
    const lines = draft.text.split("\n").filter((line) => line.trim()).length;
    const offer = lyric ? "words" : "lyrics";
    kind.hidden = !lyric && lines < 2;
    put(kind, lyric ? tn("compose.kind.lyrics", lines) : t("compose.kind.words"), " ",
      h("button", { type: "button", class: "link-button", onClick: () => draft.set({ as: offer }) }, t(`compose.kind.not_${offer}`)));
  }

  function show() {
    if (box.value !== draft.text) box.value = draft.text;
    if (sound.value !== draft.sound) sound.value = draft.sound;
    one("#examples").hidden = draft.text.trim() !== "";
    tellKind();
    mark();
    grow();
  }

  box.addEventListener("input", () => draft.set({ text: box.value, ...(box.value.trim() ? {} : { as: "auto" }) }));
  sound.addEventListener("input", () => draft.set({ sound: sound.value }));
  on(document, "click", "[data-example]", (event, button) => {
    draft.set({ text: button.dataset.example, as: "auto" });
    box.focus();
  });
  draft.addEventListener("change", show);
  reading.addEventListener("read", () => {
    fault.textContent = reading.fault;
    fault.hidden = !reading.fault;
    mark();
  });
  addEventListener("resize", grow);
  show();
}

/** Lights up the words that a field came from; none without a field. @param {string[]} fields */
export function lightUp(...fields) {
  for (const mark of document.querySelectorAll("#words-mirror mark")) {
    mark.classList.toggle("lit", fields.includes(mark.dataset.field));
  }
}
