"""Rules of accessibility that a page must keep, checked on the page as the browser shows it.

Names of controls, labels, references between elements, headings, landmarks, contrast of text (WCAG 2.2 AA),
size of targets (2.5.8), the order of the keyboard, the language.
"""

from __future__ import annotations

from typing import Any

CHECK = r"""
() => {
  const faults = [];
  const say = (rule, element) => faults.push(`${rule}: ${element.tagName.toLowerCase()}${element.id ? "#" + element.id : ""}.${String(element.className.baseVal ?? element.className).split(" ").join(".")} ${(element.textContent || "").trim().slice(0, 30)}`);
  const shown = (element) => element.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true }) && !element.closest("[aria-hidden=true]");
  const byIds = (ids) => (ids || "").split(/\s+/).filter(Boolean).map((id) => document.getElementById(id));
  const text = (element) => [...element.childNodes].map((node) => node.nodeType === 3 ? node.textContent : node.nodeType === 1 && node.getAttribute("aria-hidden") !== "true" ? (node.getAttribute("aria-label") || node.getAttribute("alt") || text(node)) : "").join("").trim();
  const named = (element) => {
    const labelled = byIds(element.getAttribute("aria-labelledby")).map((other) => other ? text(other) : "").join("").trim();
    if (labelled || element.getAttribute("aria-label")?.trim()) return true;
    if (element.labels && [...element.labels].some((label) => text(label))) return true;
    if (["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName)) return Boolean(element.title);
    return Boolean(text(element) || element.title);
  };

  if (!document.documentElement.lang) faults.push("no language");
  if (!document.title.trim()) faults.push("no title");
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  if (![...document.querySelectorAll("h1")].filter(shown).length) faults.push("no h1");
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    if (!heading.checkVisibility()) continue;
    const next = Number(heading.tagName[1]);
    if (next > level + 1) say("heading level skipped", heading);
    if (!text(heading) && !heading.querySelector("input")) say("empty heading", heading);
    level = next;
  }
  const controls = "button, a[href], input:not([type=hidden]), select, textarea, [role=button], [role=slider], [role=option], [role=tab], [role=checkbox], [role=menuitem], [role=gridcell][tabindex]";
  for (const control of document.querySelectorAll(controls)) if (shown(control) && !named(control)) say("control without a name", control);
  for (const element of document.querySelectorAll("[role=img], [role=region], [role=group], nav, dialog[open], [role=listbox], [role=grid], canvas:not([aria-hidden=true])")) {
    if (shown(element) && !named(element) && !(element.tagName === "CANVAS" && element.closest("[role=img], [role=grid]"))) say("region without a name", element);
  }
  for (const image of document.querySelectorAll("img")) if (!image.hasAttribute("alt")) say("image without alt", image);
  for (const element of document.querySelectorAll("[tabindex]")) if (element.tabIndex > 0) say("positive tabindex", element);
  for (const element of document.querySelectorAll("[role=slider]")) if (!element.hasAttribute("aria-valuenow")) say("slider without value", element);
  for (const element of document.querySelectorAll("[role=option]")) if (!element.closest("[role=listbox]")) say("option without listbox", element);
  for (const element of document.querySelectorAll("[aria-hidden=true]")) {
    if ([...element.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']")].some((inside) => inside.checkVisibility() && inside.tabIndex >= 0)) say("focusable inside aria-hidden", element);
  }
  const ids = new Map();
  for (const element of document.querySelectorAll("[id]")) {
    if (ids.has(element.id)) say("id twice", element);
    ids.set(element.id, element);
  }
  for (const name of ["aria-labelledby", "aria-describedby", "aria-controls"]) {
    for (const element of document.querySelectorAll(`[${name}]`)) {
      if (byIds(element.getAttribute(name)).includes(null)) say(`${name} leads nowhere`, element);
    }
  }

  const colour = (css) => {
    const numbers = css.match(/[\d.]+/g)?.map(Number) || [0, 0, 0, 0];
    return css.startsWith("color(srgb") ? [numbers[0] * 255, numbers[1] * 255, numbers[2] * 255, numbers[3] ?? 1] : [numbers[0], numbers[1], numbers[2], numbers[3] ?? 1];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(colour(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const done = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || done.has(element) || !shown(element)) continue;
    done.add(element);
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || element.closest(":disabled, option, template, script, style, noscript, svg, .unseen, .sheet-mirror")) continue;
    const style = getComputedStyle(element);
    const back = behind(element);
    let alpha = 1;
    for (let at = element; at; at = at.parentElement) alpha *= Number(getComputedStyle(at).opacity);
    if (alpha === 0) continue;
    const ink = colour(style.color);
    const front = over([ink[0], ink[1], ink[2], ink[3] * alpha], back);
    const [bright, dim] = [light(front), light(back)].sort((one, two) => two - one);
    const ratio = (bright + 0.05) / (dim + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) say(`contrast ${ratio.toFixed(2)}`, element);
  }

  for (const control of document.querySelectorAll("button, input:not([type=hidden]), select, textarea, a[href], [role=slider], [role=option]")) {
    if (!shown(control)) continue;
    const style = getComputedStyle(control);
    if (control.tagName === "A" && style.display === "inline") continue;
    if (control.closest(".unseen, .skip") || control.classList.contains("unseen")) continue;
    let box = control.getBoundingClientRect();
    const label = control.labels?.[0];
    if (label && ["checkbox", "radio"].includes(control.type)) box = label.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    const after = getComputedStyle(control, "::after");
    const grown = after.content !== "none" && after.position === "absolute" ? -2 * Math.min(0, parseFloat(after.top) || 0) : 0;
    if (box.width + grown < 23.5 || box.height + grown < 23.5) say(`target ${Math.round(box.width)}×${Math.round(box.height)}`, control);
  }
  if (document.documentElement.scrollWidth > innerWidth + 1) faults.push(`scrolls sideways: ${document.documentElement.scrollWidth} in ${innerWidth}`);
  return [...new Set(faults)];
}
"""  # noqa: E501


def faults(page: Any) -> list[str]:
    """What a page gets wrong, a line each; a Playwright page."""
    found: list[str] = page.evaluate(CHECK)
    return found
