/** The course of a playlist as a picture: energy as ink that swells, tempo as a line over it, a rule for every piece. */

import { svg } from "../dom.js";
import { t } from "../i18n.js";

const [WIDE, HIGH, LOW, TOP] = [1000, 170, 148, 14];

/** A soft line through points. @param {[number, number][]} points */
function curve(points) {
  let path = `M${points[0][0]},${points[0][1]}`;
  for (let at = 1; at < points.length; at += 1) {
    const [x0, y0] = points[at - 1];
    const [x1, y1] = points[at];
    const middle = (x0 + x1) / 2;
    path += ` C${middle},${y0} ${middle},${y1} ${x1},${y1}`;
  }
  return path;
}

/**
 * @param {{seconds: number, start: number, energy: number | null, tempo: number | null, title: string}[]} items
 * @returns {SVGElement}
 */
export function arc(items) {
  const length = items.reduce((sum, each) => sum + each.seconds, 0) || 1;
  const at = (second) => (second / length) * WIDE;
  const tempos = items.map((each) => each.tempo).filter(Boolean);
  const [slow, fast] = [Math.min(...tempos), Math.max(...tempos)];
  const energyAt = (value) => LOW - value * (LOW - TOP);
  // A narrow range of tempos isn't drawn as a mountain range.
  const spread = Math.max(Math.log2(fast / slow) || 0, 0.5);
  const centre = Math.log2(Math.sqrt(slow * fast) || 100);
  const tempoAt = (value) => (LOW + TOP) / 2 - ((Math.log2(value) - centre) / spread) * (LOW - TOP) * 0.8;
  const through = (value, place) => {
    const points = items.flatMap((each) => (value(each) ? [[at(each.start + each.seconds / 2), place(value(each))]] : []));
    return points.length ? [[0, points[0][1]], ...points, [WIDE, points.at(-1)[1]]] : [];
  };
  const energy = through((each) => each.energy ?? 0.5, energyAt);
  const tempo = through((each) => each.tempo, tempoAt);
  const label = `${t("listen.playlist.arc")}. ${t("listen.playlist.arc_of", {
    from: Math.round((items[0].energy ?? 0.5) * 100), to: Math.round((items.at(-1).energy ?? 0.5) * 100),
    slow: tempos.length ? Math.round(slow) : "–", fast: tempos.length ? Math.round(fast) : "–",
  })}`;
  return svg("svg", { class: "arc", viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
    items.slice(1).map((each) => svg("line", { class: "arc-rule", x1: at(each.start), x2: at(each.start), y1: TOP, y2: LOW, "vector-effect": "non-scaling-stroke" })),
    svg("path", { class: "arc-energy", d: `${curve(energy)} L${WIDE},${LOW} L0,${LOW} Z` }),
    svg("path", { class: "arc-edge", d: curve(energy), "vector-effect": "non-scaling-stroke" }),
    tempo.length ? svg("path", { class: "arc-tempo", d: curve(tempo), "vector-effect": "non-scaling-stroke" }) : null,
    svg("line", { class: "arc-floor", x1: 0, x2: WIDE, y1: LOW, y2: LOW, "vector-effect": "non-scaling-stroke" }),
    svg("rect", { class: "arc-now", x: 0, y: TOP, width: 0, height: LOW - TOP }));
}
