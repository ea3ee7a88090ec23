/** Bringing pieces in: by the button or dropped onto the page; each file with its progress or its fault. */

import { upload } from "../api.js";
import { h, one } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "../icons.js";
import { announce } from "../announce.js";
import { finished } from "../jobs.js";

/** @param {(pieceId: string) => void} onPiece */
export function importing(onPiece) {
  const imports = one("#imports");
  const drop = one("#drop");
  let over = 0;

  async function bring(file) {
    const how = h("span", { class: "import-how" }, t("library.import.sending"));
    const line = h("div", { class: "import" }, h("span", { class: "import-name" }, file.name), how);
    const close = h("button", { type: "button", class: "icon-button", "aria-label": t("common.dismiss"), onClick: () => line.remove() }, icon("close"));
    imports.append(line);
    try {
      const { data } = await upload("/pieces/import", file);
      how.textContent = t("library.import.reading");
      const result = await finished(data.id);
      line.remove();
      announce(t("library.import.done", { name: file.name }));
      onPiece(result.piece);
    } catch (error) {
      how.textContent = error.message;
      how.classList.add("fault");
      line.append(close);
      announce(`${file.name}: ${error.message}`);
    }
  }

  async function all(files) {
    for (const file of files) await bring(file);
  }

  const input = one("#import-files");
  input.addEventListener("change", () => {
    all([...input.files]);
    input.value = "";
  });
  const carriesFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  addEventListener("dragenter", (event) => { if (carriesFiles(event)) { over += 1; drop.hidden = false; } });
  addEventListener("dragleave", (event) => { if (carriesFiles(event)) { over = Math.max(0, over - 1); drop.hidden = over === 0; } });
  addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    over = 0;
    drop.hidden = true;
    all([...event.dataTransfer.files]);
  });
}
