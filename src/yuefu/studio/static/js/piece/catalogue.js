/** Names of instruments, styles and keys, and what there is to choose from: the API's models, asked once. */

import { get } from "../api.js";
import { h } from "../dom.js";
import { has, lang, t } from "../i18n.js";

let asked = null;

/** @returns {Promise<any>} styles, families of instruments, keys, metres, formats */
export function catalogue() {
  asked ??= get("/models").then(({ data }) => data);
  return asked;
}

/** A style's name. */
export function styleName(models, key) {
  return models?.styles.find((style) => style.key === key)?.[lang] ?? key;
}

/** An instrument's name. */
export function instrumentName(models, key) {
  for (const family of models?.families ?? []) {
    const found = family.instruments.find((instrument) => instrument.key === key);
    if (found) return found[lang];
  }
  return key.replaceAll("_", " ");
}

/** "A minor" as the language says it. */
export function keyName(key) {
  const [tonic, mode] = key.split(" ");
  const name = tonic.replace("b", "♭").replace("#", "♯");
  return has(`piece.key.${mode}`) ? t(`piece.key.${mode}`, { tonic: name }) : `${name} ${mode ?? ""}`.trim();
}

/** The options of an instrument menu, by family; drums only for drums. */
export function instrumentOptions(models, part) {
  return models.families
    .map((family) => ({ family, list: family.instruments.filter((instrument) => instrument.is_drums === part.is_drums) }))
    .filter(({ list }) => list.length)
    .map(({ family, list }) => h("optgroup", { label: has(`piece.family.${family.key}`) ? t(`piece.family.${family.key}`) : family.key },
      ...list.map((instrument) => h("option", { value: instrument.key, selected: instrument.key === part.instrument }, instrument[lang]))));
}

/** What a part is called on the page: its own name, or what it plays where it is only named for its instrument. */
export function partLabel(models, part) {
  const known = models.families.flatMap((family) => family.instruments).find((instrument) => instrument.key === part.instrument);
  const plain = !part.name || (known && [known.en, known.zh].includes(part.name));
  return plain && has(`common.row.${part.row}`) ? t(`common.row.${part.row}`) : part.name;
}
