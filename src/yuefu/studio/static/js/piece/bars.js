/** Bars, ticks and cells: where things are in the grid. Bars are counted by index here; people see their numbers. */

/** @param {any} grid @param {number} tick @returns {number} the index of the bar that a tick is in */
export function barAt(grid, tick) {
  const { bars } = grid;
  let low = 0;
  let high = bars.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (bars[middle].start <= tick) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** @param {any} grid @param {number} number as musicians count @returns {number} the bar's index */
export function indexOf(grid, number) {
  return number - grid.bars[0].number;
}

/**
 * Bars as musicians write them: "5-8, 12".
 * @param {any} grid
 * @param {Iterable<number>} indices
 */
export function rangesText(grid, indices) {
  const numbers = [...new Set(indices)].sort((a, b) => a - b).map((index) => grid.bars[index].number);
  const found = [];
  for (const number of numbers) {
    const last = found[found.length - 1];
    if (last && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(", ");
}

/** Bar and beat of a tick: [number, beat]. */
export function barBeat(grid, tick) {
  const bar = grid.bars[barAt(grid, tick)];
  const beat = (grid.ticks_per_quarter * 4) / bar.denominator;
  return [bar.number, Math.floor(Math.max(0, tick - bar.start) / beat) + 1];
}

/** The notes of a part by bar index; a note is in every bar in which it sounds. */
export function notesByBar(grid, part) {
  const found = grid.bars.map(() => []);
  for (const note of part.notes) {
    const first = barAt(grid, note[1]);
    const last = barAt(grid, Math.max(note[1], note[1] + note[2] - 1));
    for (let bar = first; bar <= last; bar += 1) found[bar].push(note);
  }
  return found;
}

/** The words of a part's first verse by bar index. */
export function wordsByBar(grid, part, verse = 1) {
  const starts = new Map(part.notes.map((note) => [note[0], note[1]]));
  const found = grid.bars.map(() => []);
  for (const [id, text, syllabic, ofVerse, lineEnd] of part.syllables) {
    if (ofVerse === verse && starts.has(id)) found[barAt(grid, starts.get(id))].push({ id, text, syllabic, lineEnd, start: starts.get(id) });
  }
  return found.map((syllables) => syllables.sort((a, b) => a.start - b.start));
}

/** Syllables as one line of text: words put together, Chinese without gaps. */
export function lineText(syllables) {
  let text = "";
  syllables.forEach((syllable, index) => {
    const joined = syllable.syllabic === "begin" || syllable.syllabic === "middle";
    const next = syllables[index + 1]?.text ?? "";
    const tight = /[\u3400-\u9fff]$/.test(syllable.text) && /^[\u3400-\u9fff]/.test(next);
    text += syllable.text + (joined ? "" : tight ? "" : " ");
  });
  return text.trim();
}

/** Chord symbols by bar index: "G/B Am"; one that goes on from before isn't written again. */
export function chordsByBar(grid) {
  const found = grid.bars.map(() => []);
  for (const chord of grid.chords) found[barAt(grid, chord.start)].push(chord.symbol);
  return found.map((symbols) => symbols.join(" "));
}

/** The section that a bar is in, or null. */
export function sectionOf(grid, index) {
  const section = grid.bars[index]?.section;
  return section === null || section === undefined ? null : grid.sections[section];
}
