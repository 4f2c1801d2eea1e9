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

// A long address goes on in the next line behind a sign that parts its path, rather than amid a word or its host.
function breakable(address) {
  const [host] = /^\w+:\/\/[^/]*/.exec(address);
  const [first, ...rest] = address.slice(host.length).split(/(?<=[/.-])(?=[^/.-])/u);
  return [host + first, ...rest.flatMap((part) => [element("wbr"), part])];
}

/** The text as nodes, web addresses as links. */
export function linked(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (!URL.canParse(address)) continue;
    nodes.push(text.slice(from, match.index));
    nodes.push(element("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, ...breakable(address)));
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
  item.append(element("div", { class: "body" }, heading, element("div", { class: "line" }, element("div", { class: "bubble" }, content), stamp)));
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

const SHOWN_FILES = 4;

/** Files that one member sent, one after the other: the first ones in sight, the rest of a big folder behind one line. */
export class Share {
  #files = element("ul", { class: "files" });
  #rest = element("ul", { class: "files" });
  #summary = element("summary");
  #stamp = element("span");

  constructor(event) {
    this.node = frame(event, "shared", this.#files, this.#stamp);
    this.add(event);
  }

  add(event) {
    const shown = this.#files.childElementCount < SHOWN_FILES;
    (shown ? this.#files : this.#rest).append(element("li", null, file(event)));
    if (!shown && !this.#rest.isConnected) this.#files.after(element("details", null, this.#summary, this.#rest));
    this.#summary.textContent = word("more-files", this.#rest.childElementCount);
    const stamp = time(event.at, clock(event.at), fullTime(event.at));
    this.#stamp.replaceWith(stamp);
    this.#stamp = stamp;
  }
}

// A file that arrived whole.
function file(event) {
  const name = event.path.split("/").at(-1) || decoded(event.href.split("/").at(-1));
  const address = location.origin + event.href;
  const link = element("a", { class: "card", href: address, target: "_blank", rel: "noopener", title: plain(event.path) },
    glyphOf(glyph(name)),
    element("span", { class: "card-name" }, label(name), element("span", { class: "card-size" }, size(event.size))));
  return element("div", { class: "file", "data-path": event.path }, link,
    element("a", { class: "plain", href: `${address}?download`, download: true, "aria-label": word("download-row", plain(name)), title: word("download") },
      icon("down")));
}

export const dayLine = (at) => element("li", { class: "day", "data-at": at }, element("span", null, day(at)));
export const divider = (key) => element("li", { class: `divider ${key}` }, element("span", null, word(key)));

const SHOWN_NAMES = 3;

function names(list) {
  const parts = list.slice(0, SHOWN_NAMES).map(plain);
  if (list.length > SHOWN_NAMES) parts.push(word("others", list.length - SHOWN_NAMES));
  return word("listed", parts);
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
      // Who has only just come is best told by the name they took.
      if (this.#came.delete(event.was)) this.#came.add(event.name);
      else this.#renamed.push(word("renamed", plain(event.was), plain(event.name)));
    }
    const parts = [];
    if (this.#came.size) parts.push(word("joined", names([...this.#came])));
    if (this.#went.size) parts.push(word("gone", names([...this.#went])));
    parts.push(...this.#renamed.slice(-SHOWN_NAMES));
    this.node.textContent = parts.join(" · ");
  }
}
