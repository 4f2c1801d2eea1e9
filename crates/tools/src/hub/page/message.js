// message.js: one line of the chat as elements.

import { avatar, element, glyphOf, icon, label, time } from "./dom.js";
import { clock, day, decoded, fullTime, glyph, plain, size } from "./format.js";
import { word } from "./words.js";

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`\u3000-\u3003\u3008-\u3011\uFF01-\uFF0F\uFF1A-\uFF20]+/giu;
const PAIRS = { ")": "(", "]": "[", "}": "{" };

/** An address without the punctuation that ends the sentence around it; a closing bracket stays if it was opened inside. */
function trimmed(address) {
  for (;;) {
    const last = address.at(-1);
    const unopened = PAIRS[last] && address.split(last).length > address.split(PAIRS[last]).length;
    if (!unopened && !/[.,;:!?*_~]/.test(last)) return address;
    address = address.slice(0, -1);
  }
}

/** The text as nodes, web addresses as links. */
export function linked(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (!URL.canParse(address)) continue;
    nodes.push(text.slice(from, match.index));
    nodes.push(element("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, address));
    from = match.index + address.length;
  }
  nodes.push(text.slice(from));
  return nodes;
}

function frame(event, classes, content, stamp) {
  const names = ["message", event.own && "own", event.head && "head", classes].filter(Boolean).join(" ");
  const item = element("li", { class: names, "data-seq": event.seq, "data-id": event.id, "data-name": event.name });
  if (event.head && !event.own) item.append(avatar(event.name ?? "?"));
  const author = event.name === null ? word("somebody") : plain(event.name);
  const heading = element("div", { class: event.own || !event.head ? "author unseen" : "author" }, element("bdi", null, author));
  item.append(element("div", { class: "body" }, heading, element("div", { class: "bubble" }, content, stamp)));
  return item;
}

/** What a member said. */
export function said(event) {
  const text = element("p", { class: "text", dir: "auto" }, ...linked(event.text));
  const stamp = event.at ? time(event.at, clock(event.at), fullTime(event.at)) : pendingMark();
  return frame(event, event.at ? "" : "pending", text, stamp);
}

function pendingMark() {
  return element("span", { class: "stamp", role: "img", "aria-label": word("sending"), title: word("sending") }, icon("clock"));
}

/** A file that arrived whole. */
export function shared(event) {
  const name = event.path.split("/").at(-1) || decoded(event.href.split("/").at(-1));
  const address = location.origin + event.href;
  const link = element("a", { class: "card", href: address, target: "_blank", rel: "noopener", title: plain(event.path) },
    glyphOf(glyph(name)),
    element("span", { class: "card-name" }, label(name), element("span", { class: "card-size" }, size(event.size))));
  const row = element("div", { class: "file" }, link,
    element("a", { class: "plain", href: `${address}?download`, download: true, "aria-label": word("download-row", plain(name)), title: word("download") },
      icon("down")));
  return frame(event, "shared", row, time(event.at, clock(event.at), fullTime(event.at)));
}

export const dayLine = (at) => element("li", { class: "day", "data-at": at }, element("span", null, day(at)));
export const divider = (key) => element("li", { class: `divider ${key}` }, element("span", null, word(key)));

const SHOWN = 3;

function names(list) {
  const parts = list.slice(0, SHOWN).map(plain);
  if (list.length > SHOWN) parts.push(word("others", list.length - SHOWN));
  // Isolated, so that a name written from right to left does not rearrange the line.
  return word("listed", parts.map((part) => `\u2068${part}\u2069`));
}

/** Who came, went and changed name, one after the other, as one quiet line. */
export class Note {
  #came = new Set();
  #went = new Set();
  #renamed = [];
  node = element("li", { class: "note" });

  add(event) {
    if (event.event === "joined") {
      this.#went.delete(event.name);
      this.#came.add(event.name);
    } else if (event.event === "left") {
      this.#came.delete(event.name);
      this.#went.add(event.name);
    } else {
      this.#renamed.push(word("renamed", `\u2068${plain(event.was)}\u2069`, `\u2068${plain(event.name)}\u2069`));
    }
    const parts = [...this.#renamed.slice(-SHOWN)];
    if (this.#came.size) parts.push(word("joined", names([...this.#came])));
    if (this.#went.size) parts.push(word("gone", names([...this.#went])));
    this.node.textContent = parts.join(" · ");
  }
}
