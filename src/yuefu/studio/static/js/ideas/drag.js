/** Dragging a card by mouse, finger or pen onto a place that takes it. Every place can be reached by buttons, too. */

import { h } from "../dom.js";

const FAR = 6; // pixels before a press is a drag
const EDGE = 56; // pixels from the edge of the screen where the page scrolls

/**
 * @param {HTMLElement} area where cards are
 * @param {{cardOf: (element: Element) => any, takes: (card: any, place: HTMLElement) => boolean, drop: (card: any, place: HTMLElement) => void,
 *   begin: () => void, end: () => void}} rules
 */
export function dragging(area, { cardOf, takes, drop, begin, end }) {
  let pressed = null;
  let ghost = null;
  let over = null;
  let scrolling = 0;
  let dropped = false;

  const places = () => [...document.querySelectorAll("[data-drop]")];

  function start() {
    begin();
    document.body.classList.add("dragging");
    const picture = pressed.element.querySelector("canvas");
    const copy = h("canvas", { width: picture?.width || 1, height: picture?.height || 1, "aria-hidden": "true" });
    if (picture) copy.getContext("2d").drawImage(picture, 0, 0);
    ghost = h("div", { class: "card-ghost", "aria-hidden": "true" }, h("p", {}, pressed.element.dataset.title), picture && copy);
    document.body.append(ghost);
    for (const place of places()) place.classList.add(takes(pressed.card, place) ? "can-take" : "refuses");
  }

  function move(event) {
    ghost.style.setProperty("transform", `translate(${event.clientX + 10}px, ${event.clientY + 8}px)`);
    const under = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-drop]") || null;
    if (under !== over) {
      over?.classList.remove("over");
      over = under && takes(pressed.card, under) ? under : null;
      over?.classList.add("over");
    }
    cancelAnimationFrame(scrolling);
    const step = event.clientY < EDGE ? -9 : event.clientY > innerHeight - EDGE && !under ? 9 : 0;
    const go = () => {
      if (!ghost || !step) return;
      scrollBy(0, step);
      scrolling = requestAnimationFrame(go);
    };
    go();
  }

  function finish(event, cancelled = false) {
    if (!pressed) return;
    const [card, place] = [pressed.card, over];
    if (ghost) {
      dropped = true;
      setTimeout(() => { dropped = false; }, 0);
      ghost.remove();
      document.body.classList.remove("dragging");
      for (const each of places()) each.classList.remove("can-take", "refuses", "over");
      cancelAnimationFrame(scrolling);
      end();
    }
    const moved = Boolean(ghost);
    pressed = ghost = over = null;
    if (moved && place && !cancelled) drop(card, place);
  }

  area.addEventListener("pointerdown", (event) => {
    const element = event.target.closest(".card");
    const handle = event.target.closest(".card-grip") || (event.pointerType === "mouse" && event.target.closest(".card-picture, .card-words, .card-head"));
    if (!element || !handle || event.button !== 0 || event.target.closest("[data-play], .menu")) return;
    pressed = { element, card: cardOf(element), x: event.clientX, y: event.clientY };
    if (event.pointerType === "mouse") event.preventDefault();
  });
  addEventListener("pointermove", (event) => {
    if (!pressed) return;
    if (!ghost && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > FAR) start();
    if (ghost) move(event);
  });
  addEventListener("pointerup", (event) => finish(event));
  addEventListener("pointercancel", (event) => finish(event, true));
  addEventListener("keydown", (event) => { if (event.key === "Escape" && ghost) finish(event, true); });
  // What ends a drag is no click.
  area.addEventListener("click", (event) => {
    if (!dropped) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
}
