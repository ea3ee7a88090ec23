/** Versions as a tree drawn downwards, the newest first: which lane each stands in, and which lines pass it. */

/**
 * @param {{number: number, parent: number | null}[]} versions the newest first
 * @returns {{lanes: Map<number, {lane: number, through: number[], up: boolean, joins: number[], down: boolean}>, width: number}}
 *   through: lanes whose line goes by; up: a line from above ends here in its own lane; joins: lanes of other
 *   children whose line bends to here; down: it has a parent further down
 */
export function lanesOf(versions) {
  /** Lane -> the version that its line goes down to. @type {(number | null)[]} */
  const open = [];
  const lanes = new Map();
  let width = 1;
  for (const { number, parent } of versions) {
    const waiting = open.flatMap((wanted, at) => (wanted === number ? [at] : []));
    let lane = waiting[0];
    if (lane === undefined) {
      lane = open.indexOf(null);
      if (lane < 0) lane = open.length;
    }
    for (const at of waiting) open[at] = null;
    const through = open.flatMap((wanted, at) => (wanted !== null && wanted !== undefined ? [at] : []));
    open[lane] = parent ?? null;
    width = Math.max(width, open.length);
    lanes.set(number, { lane, through, up: waiting.includes(lane), joins: waiting.slice(1), down: parent !== null });
  }
  return { lanes, width };
}
