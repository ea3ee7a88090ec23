/** The brief as the studio reads it, asked for again whenever the draft rests for a moment. */

import { send } from "../api.js";
import { debounce } from "../dom.js";
import { lang } from "../i18n.js";

/** @typedef {{value: any, shown?: string, source: string, words: string[], confidence: number|null}} Read */

/** "read" is dispatched with the new reading; `fields` holds each field's {value, source, words, confidence}. */
export class Reading extends EventTarget {
  /** @param {import("./draft.js").Draft} draft */
  constructor(draft) {
    super();
    this.draft = draft;
    /** @type {Record<string, Read>} */
    this.fields = {};
    this.brief = null;
    this.fault = "";
    this.asked = null;
    this.later = debounce(() => this.now(), 260);
  }

  /** Reads the draft now. */
  async now() {
    this.later.cancel();
    this.asked?.abort();
    if (this.draft.isEmpty) return this.#tell({}, null, "");
    const asked = new AbortController();
    this.asked = asked;
    try {
      const { data } = await send("POST", "/briefs", { ...this.draft.request(), language: lang }, { signal: asked.signal });
      const fields = {};
      for (const [name, field] of Object.entries(data.brief)) if (field && typeof field === "object") fields[name] = { ...field };
      for (const one of data.understood) if (fields[one.field]) fields[one.field].shown = one.shown;
      this.#tell(fields, data.brief, "");
    } catch (error) {
      if (error.name !== "AbortError") this.#tell(this.fields, this.brief, error.message);
    }
    return undefined;
  }

  #tell(fields, brief, fault) {
    this.fields = fields;
    this.brief = brief;
    this.fault = fault;
    this.dispatchEvent(new Event("read"));
  }
}
