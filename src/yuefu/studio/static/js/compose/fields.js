/** The fields of a brief: their order, what each reads and sets, how its value is shown, and its control. */

import { clock, lang, t, tn } from "../i18n.js";
import { chordText, counted, instrumentName, keyName, sectionName, styleName } from "./names.js";
import { formEditor } from "./form_blocks.js";
import { instrumentsEditor } from "./instruments.js";
import { moodPad, moodWord } from "./mood_pad.js";
import { keyEditor, meterEditor } from "./pitch_and_time.js";
import { seedEditor } from "./seed.js";
import { styleEditor } from "./style_list.js";
import { tempoEditor } from "./tempo.js";
import { chordsEditor, lengthEditor, titleEditor } from "./texts.js";

/** @type {{name: string, reads: string[], options: string[], open?: boolean, editor: (context: any) => {element: HTMLElement, update: (fields: any) => void}}[]} */
export const FIELDS = [
  { name: "mood", reads: ["valence", "arousal"], options: ["mood"], open: true, editor: moodPad },
  { name: "style", reads: ["style"], options: ["style"], editor: styleEditor },
  { name: "tempo", reads: ["tempo"], options: ["tempo"], editor: tempoEditor },
  { name: "key", reads: ["key", "mode"], options: ["key"], editor: keyEditor },
  { name: "meter", reads: ["meter"], options: ["meter"], editor: meterEditor },
  { name: "form", reads: ["form"], options: ["form"], editor: formEditor },
  { name: "length", reads: ["duration", "bars"], options: ["duration", "bars"], editor: lengthEditor },
  { name: "instruments", reads: ["instruments", "instruments_only"], options: ["instruments"], editor: instrumentsEditor("instruments") },
  { name: "without", reads: ["without"], options: ["without"], editor: instrumentsEditor("without") },
  { name: "chords", reads: ["chords"], options: ["chords"], editor: chordsEditor },
  { name: "title", reads: ["title"], options: ["title"], editor: titleEditor },
  { name: "seed", reads: ["seed"], options: ["seed"], editor: seedEditor },
];

/** A field's value in words; "" when nothing is known. */
export function shown(name, fields, catalogue) {
  const value = (field) => fields[field]?.value ?? null;
  const list = (keys) => counted(keys).map(([key, times]) => instrumentName(catalogue, key) + (times > 1 ? ` ×${times}` : "")).join(t("compose.list_join"));
  switch (name) {
    case "mood": return value("valence") === null && value("arousal") === null ? "" : moodWord(value("valence") ?? 0, value("arousal") ?? 0);
    case "style": return value("style") && styleName(catalogue, value("style"));
    case "tempo": return value("tempo") === null ? "" : `♩ = ${Math.round(value("tempo") * 10) / 10}`;
    case "key": return value("key") ? keyName(value("key")) : value("mode") ? t(`compose.mode.${value("mode")}`) : "";
    case "meter": return value("meter") || "";
    case "form": return value("form") ? value("form").map(sectionName).join(lang === "zh" ? " " : ", ") : "";
    case "length": return value("duration") ? clock(value("duration")) : value("bars") ? tn("common.bars", value("bars")) : "";
    case "instruments": return value("instruments")?.length ? list(value("instruments")) : "";
    case "without": return value("without")?.length ? list(value("without")) : "";
    case "chords": return value("chords") ? chordText(value("chords")).replaceAll("\n", " · ") : "";
    default: return value(name) === null ? "" : String(value(name));
  }
}
