/** What a listener thinks of a piece: liked, not for me, more or less like it; kept, told, and heeded at once. */

import { get, send } from "../api.js";
import { toast } from "../announce.js";
import { t } from "../i18n.js";
import { flush, tell, telling } from "../telling.js";

/** Items that were liked or refused on this page. */
export const liked = new Set();
export const refused = new Set();

/** @param {any} track */
export function titleOf(track) {
  return track.title || t("listen.untitled");
}

/**
 * Knows what was thought; whoever shows or orders pieces listens. Event: "change" (detail: {item, kind}), after the
 * studio has been told, so that what is asked for next takes it into account.
 */
export class Opinions extends EventTarget {
  /** What was said before, on other pages and other days: the latest counts. */
  async recall() {
    const { data } = await get("/events?listener=&limit=500").catch(() => ({ data: { events: [] } }));
    for (const { item, kind } of data.events) {
      if ((kind !== "like" && kind !== "dislike") || liked.has(item) || refused.has(item)) continue;
      (kind === "like" ? liked : refused).add(item);
    }
  }

  /** @param {any} track */
  async like(track) {
    const { item } = track;
    if (liked.has(item)) return;
    liked.add(item);
    refused.delete(item);
    this.#shown(item, "like");
    tell("like", item);
    if (track.piece_id && !track.token) {
      // One's own piece is liked in the library, too.
      await send("PATCH", `/pieces/${track.piece_id}`, { liked: true }, { etag: "*" }).catch(() => {});
    }
    toast(t("listen.liked", { title: titleOf(track) }), { seconds: 3 });
    await this.#heeded(item, "like");
  }

  /** @param {any} track */
  async dislike(track) {
    const { item } = track;
    refused.add(item);
    liked.delete(item);
    this.#shown(item, "dislike");
    tell("dislike", item);
    toast(t("listen.disliked", { title: titleOf(track) }), { seconds: 4 });
    await this.#heeded(item, "dislike");
  }

  /** @param {any} track @param {boolean} more */
  async steer(track, more) {
    try {
      await send("POST", "/recommendations/steer", { item: track.item, more });
      (more ? liked : refused).add(track.item);
      toast(t(more ? "listen.steered_more" : "listen.steered_less", { title: titleOf(track) }), { seconds: 4 });
      this.#shown(track.item, more ? "like" : "dislike");
      await this.#heeded(track.item, more ? "more" : "less");
    } catch (error) {
      toast(error.message);
    }
  }

  /** A link by which anybody can hear a piece of one's own. @param {any} track */
  async share(track) {
    try {
      const { data } = await send("PUT", `/pieces/${track.piece_id}/share`);
      const link = new URL(data.path, location.href).href;
      tell("share", track.item);
      try {
        await navigator.clipboard.writeText(link);
        toast(t("listen.shared"));
      } catch {
        toast(t("listen.link", { link }), { seconds: 15 });
      }
    } catch (error) {
      toast(error.message);
    }
  }

  #shown(item, kind) {
    this.dispatchEvent(new CustomEvent("shown", { detail: { item, kind } }));
  }

  async #heeded(item, kind) {
    if (telling()) await flush();
    this.dispatchEvent(new CustomEvent("change", { detail: { item, kind } }));
  }
}
