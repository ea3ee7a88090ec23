/** Files of one's own, taken apart here and not kept: by the button, or dropped anywhere on the page. */

import { upload } from "../api.js";
import { one } from "../dom.js";
import { t, tn } from "../i18n.js";
import { announce, toast } from "../announce.js";

/** @param {(name: string, cards: any[]) => void} onCards */
export function files(onCards) {
  const drop = one("#drop");
  let over = 0;

  async function all(given) {
    for (const file of given) {
      const away = toast(t("ideas.file.reading", { name: file.name }), { seconds: 120 });
      try {
        const { data } = await upload("/ideas/extract", file);
        if (data.cards.length) onCards(file.name, data.cards);
        announce(tn("ideas.file.found", data.cards.length, { name: file.name }));
        if (!data.cards.length) toast(t("ideas.file.none", { name: file.name }));
      } catch (error) {
        toast(`${file.name}: ${error.message}`, { seconds: 10 });
      } finally {
        away();
      }
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.type !== "file") return;
    all([...event.target.files]);
    event.target.value = "";
  });
  const carries = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  addEventListener("dragenter", (event) => { if (carries(event)) { over += 1; drop.hidden = false; } });
  addEventListener("dragleave", (event) => { if (carries(event)) { over = Math.max(0, over - 1); drop.hidden = over === 0; } });
  addEventListener("dragover", (event) => { if (carries(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    over = 0;
    drop.hidden = true;
    all([...event.dataTransfer.files]);
  });
}
