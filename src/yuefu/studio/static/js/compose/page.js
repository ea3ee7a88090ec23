/** The compose page: words and brief above, what is being written below. */

import { newKey, send } from "../api.js";
import { h, one, put } from "../dom.js";
import { t } from "../i18n.js";
import { announce, toast } from "../announce.js";
import { briefPanel } from "./brief.js";
import { wordsBox } from "./box.js";
import { Draft } from "./draft.js";
import { remember, remembered } from "./remembered.js";
import { Reading } from "./reading.js";
import { drawn } from "./seed.js";
import { Take } from "./take.js";
import { mixingDesk } from "../sound/context.js";

const catalogue = JSON.parse(one("#catalogue").textContent);
const draft = new Draft();
const reading = new Reading(draft);
const section = one("#takes");
const list = one("#takes-list");
const go = one("#go");
const cancelAll = one("#cancel-all");
let takes = [];

wordsBox(draft, reading);
briefPanel(draft, reading, catalogue);
draft.addEventListener("change", (event) => {
  if (["text", "as", "sound", "options"].includes(event.detail)) reading.later();
});
reading.now();

const listen = one("#listen");
listen.checked = draft.listen;
listen.addEventListener("change", () => draft.set({ listen: listen.checked }));
for (const radio of document.querySelectorAll('input[name="versions"]')) {
  radio.checked = Number(radio.value) === draft.versions;
  radio.addEventListener("change", () => draft.set({ versions: Number(radio.value) }));
}

/** The requests of this click: one for each version, each with its own seed. */
function requests() {
  const { words, options } = draft.request();
  const seed = options.seed ?? drawn();
  // "May others join?" isn't an option of its own: the brief says it.
  const open = "instruments" in options && !draft.only && reading.brief;
  return Array.from({ length: draft.versions }, (_, index) => {
    const chosen = { ...options, seed: seed + index };
    const brief = open ? {
      ...reading.brief,
      instruments_only: { value: false, source: "user", words: [], confidence: null },
      seed: { value: seed + index, source: "user", words: [], confidence: null },
    } : null;
    return { words, options: chosen, ...(brief ? { brief } : {}) };
  });
}

function tidy() {
  takes = takes.filter((take) => !take.gone);
  remember(takes);
  cancelAll.hidden = !takes.some((take) => !take.over) || takes.length < 2;
  section.hidden = takes.length === 0;
  const done = takes.filter((take) => take.state === "done");
  one("#takes-title").textContent = t(takes.every((take) => take.over) ? "compose.takes.written" : "compose.takes.title");
  for (const take of done) keepOnly(take, done);
}

/** With several there: "keep only this one". */
function keepOnly(take, done) {
  take.element.querySelector(".keep-only")?.remove();
  if (done.length < 2) return;
  const call = async () => {
    const rest = done.filter((other) => other !== take && !other.gone);
    try {
      for (const other of rest) await other.discard({ quietly: true });
      toast(t("compose.takes.rest_discarded"), { action: { label: t("common.undo"), call: () => rest.forEach((other) => other.restore()) } });
    } catch (error) {
      toast(error.message);
    }
  };
  take.actions.prepend(h("button", { type: "button", class: "link-button hint keep-only", onClick: call }, t("compose.takes.keep_only")));
}

/** Shows versions. What was written before stays in the library; here it makes room, and what wasn't done is cancelled. */
function show(started) {
  put(list, started.map((take) => take.element));
  takes = started;
  list.dataset.count = String(started.length);
  section.hidden = false;
  started.forEach((take) => take.addEventListener("change", tidy));
}

async function compose() {
  if (go.disabled) return;
  if (draft.isEmpty) {
    one("#words-box").focus();
    announce(t("compose.empty"));
    toast(t("compose.empty"));
    return;
  }
  go.disabled = true;
  takes.forEach((take) => take.leave());
  if (reading.fault || !reading.brief) await reading.now();
  const asked = requests();
  const started = asked.map((_, index) => new Take({ number: index + 1, of: asked.length, catalogue }));
  show(started);
  section.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth", block: "start" });
  announce(t("compose.takes.begun"));
  for (const [index, take] of started.entries()) {
    try {
      const { data } = await send("POST", "/jobs", { kind: "compose", request: asked[index] }, { idempotencyKey: newKey() });
      take.follow(data, { listen: draft.listen && index === 0, patient: index > 0 });
    } catch (error) {
      take.fail(error.message);
    }
  }
  go.disabled = false;
  tidy();
}

one("#send").addEventListener("submit", (event) => {
  event.preventDefault();
  compose();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    compose();
  }
});
cancelAll.addEventListener("click", () => takes.forEach((take) => take.cancel()));
remembered().then((kept) => {
  if (!kept.length || takes.length) return;
  show(kept.map(({ number, of }) => new Take({ number, of, catalogue })));
  kept.forEach(({ job }, index) => takes[index].follow({ id: job }, { patient: true }));
  tidy();
});
addEventListener("pagehide", () => takes.forEach((take) => take.listening?.close()));
// For tests and for the curious: what plays can be looked at from the console.
window.yuefu = { meter: () => mixingDesk().meter };
