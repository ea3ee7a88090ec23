/** The versions that this tab has asked for: followed again after a reload, while they are written or just done. */

import { get } from "../api.js";

const KEEP = "yuefu.takes";
const FRESH = 15 * 60 * 1000;

/** @param {import("./take.js").Take[]} takes */
export function remember(takes) {
  try {
    sessionStorage.setItem(KEEP, JSON.stringify(takes.filter((take) => take.job && !take.gone).map(({ job, number, of }) => ({ job, number, of }))));
  } catch {
    // without storage a reload leads to the library
  }
}

/** @returns {Promise<{job: string, number: number, of: number}[]>} those that are worth showing */
export async function remembered() {
  let kept = [];
  try {
    kept = JSON.parse(sessionStorage.getItem(KEEP) || "[]");
  } catch {
    return [];
  }
  const found = [];
  for (const one of kept) {
    try {
      const { data } = await get(`/jobs/${one.job}`);
      if (data.state === "queued" || data.state === "running") found.push(one);
      else if (data.state === "done" && Date.now() - new Date(data.finished) < FRESH) {
        const { data: piece } = await get(`/pieces/${data.result.piece}`);
        if (!piece.trashed) found.push(one);
      }
    } catch {
      // a job or a piece that is gone isn't shown
    }
  }
  return found;
}
