// dom.js: makes elements; everything a peer said or named enters the page here, as text and never as markup.

import { graphemes, hue, initials, plain } from "./format.js";

/** An element with attributes (null and false are left out, true is empty) and children (nodes or text). */
export function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const find = (id) => document.getElementById(id);
export const icon = (name) => element("i", { class: `icon ${name}`, "aria-hidden": "true" });
export const glyphOf = (kind) => element("i", { class: `glyph ${kind}`, "aria-hidden": "true" });
export const avatar = (name) => element("span", { class: `avatar ${hue(name)}`, "aria-hidden": "true" }, initials(name));

/** Writes only what differs, so that a screen reader is not told the same again and again. */
export function write(id, text) {
  const node = find(id);
  if (node.textContent !== text) node.textContent = text;
}

const LONG = 28;
const TAIL = 10;

/** A name apart from the text around it; a long one is shortened in its middle, so that its ending stays in sight. */
export function label(name) {
  const text = plain(name);
  if (text.length <= LONG) return element("bdi", { class: "label" }, text);
  const parts = graphemes(text);
  const stem = element("span", { class: "stem" }, parts.slice(0, -TAIL).join(""));
  const tail = element("span", { class: "tail" }, parts.slice(-TAIL).join(""));
  return element("bdi", { class: "label long" }, stem, tail);
}

/** A `<time>` that shows `text` and tells the `full` time when asked. */
export const time = (at, text, full) => element("time", { datetime: new Date(at).toISOString(), title: full }, text);
