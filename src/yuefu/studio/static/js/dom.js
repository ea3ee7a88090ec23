/** Elements made in one call. */

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attrs, children) {
  for (const [name, value] of Object.entries(attrs || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on") && typeof value === "function") element.addEventListener(name.slice(2).toLowerCase(), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "style") for (const [rule, set] of Object.entries(value)) element.style.setProperty(rule, set);
    else if (name === "class") element.setAttribute("class", Array.isArray(value) ? value.filter(Boolean).join(" ") : value);
    else if (name in element && ["value", "checked", "disabled", "selected", "indeterminate"].includes(name)) element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/**
 * An element. `style` is an object of CSS properties, `dataset` an object, `onClick` a listener;
 * null and false leave an attribute out.
 * @param {string} tag
 * @param {Record<string, any>} [attrs]
 * @param {...any} children nodes, texts, lists of them; null and false are left out
 * @returns {HTMLElement}
 */
export function h(tag, attrs, ...children) {
  return fill(document.createElement(tag), attrs, children);
}

/** The same for SVG. @returns {SVGElement} */
export function svg(tag, attrs, ...children) {
  return fill(document.createElementNS(SVG, tag), attrs, children);
}

/** Empties an element and puts these in. @param {Element} element @param {...any} children */
export function put(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** @param {Element} element */
export function clear(element) {
  element.replaceChildren();
  return element;
}

/**
 * Listens; with a selector, to what happens inside matching descendants.
 * @param {EventTarget} target
 * @param {string} event
 * @param {string|((event: Event, matched?: Element) => void)} selector or the listener
 * @param {(event: Event, matched: Element) => void} [listener]
 * @returns {() => void} stops listening
 */
export function on(target, event, selector, listener) {
  const heard = typeof selector === "function" ? selector : (happened) => {
    const matched = happened.target instanceof Element ? happened.target.closest(selector) : null;
    if (matched && (target === document || target.contains(matched))) listener(happened, matched);
  };
  target.addEventListener(event, heard);
  return () => target.removeEventListener(event, heard);
}

/** @param {string} selector @param {ParentNode} [root] @returns {any} */
export const one = (selector, root = document) => root.querySelector(selector);
/** @param {string} selector @param {ParentNode} [root] @returns {any[]} */
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Calls once nothing was asked for a while. @param {(...args: any[]) => void} call @param {number} ms */
export function debounce(call, ms) {
  let timer = 0;
  const later = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...args), ms);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}
