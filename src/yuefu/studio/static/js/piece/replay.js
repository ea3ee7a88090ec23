/** A piece composed once more from what was asked for it: with the same seed it is the same, to the note. */

import { toast } from "../announce.js";
import { get, newKey, send } from "../api.js";
import { t } from "../i18n.js";
import { finished } from "../jobs.js";

/** Where the compose page keeps what is being asked for. */
const DRAFT = "yuefu.draft";

/**
 * Composes a piece again, beside the one that there is.
 * @param {any} piece
 * @param {number} seed
 */
export async function replay(piece, seed) {
  const { data } = await get("/jobs?limit=500");
  const job = data.jobs.find((each) => each.kind === "compose" && each.result?.piece === piece.id);
  if (!job) {
    // The job is forgotten: its words and the seed go to the compose page instead.
    localStorage.setItem(DRAFT, JSON.stringify({ text: piece.words, options: { seed } }));
    location.assign("/");
    return;
  }
  toast(t("piece.history.replaying"));
  const request = { ...job.request, options: { ...job.request.options, seed } };
  const { data: again } = await send("POST", "/jobs", { kind: "compose", request }, { idempotencyKey: newKey() });
  const result = await finished(again.id);
  toast(t("piece.history.replayed"), { action: { label: t("piece.actions.open"), call: () => location.assign(`/pieces/${result.piece}`) } });
}
