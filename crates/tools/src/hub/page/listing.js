// listing.js: the rows of one folder: sorted, filtered, and drawn without freezing however many they are.

import { element, find } from "./dom.js";
import { row } from "./entry.js";
import { locale } from "./words.js";

const collator = new Intl.Collator(locale, { numeric: true, sensitivity: "base" });
// What one frame may spend on rows, in milliseconds; the first turn may spend more, because nothing is on show yet.
const FIRST_TURN = 24;
const TURN = 8;
const GLOW = 2600;
// Rows stand in blocks that the browser lays out only when they come near; one by one, ten thousand would cost it more.
const BLOCK = 64;
// The least height of a row, in pixels, for how many must be drawn to reach a place in the list.
const SHORTEST = 32;

const order = {
  name: (one, other) => one.rank - other.rank,
  size: (one, other) => (one.entry.size ?? 0) - (other.entry.size ?? 0) || one.rank - other.rank,
  modified: (one, other) => (one.entry.modified ?? 0) - (other.entry.modified ?? 0) || one.rank - other.rank,
};

/** The table of entries. `onShown(shown, all)` is told the counts after each change. */
export class Listing {
  #body = find("entries");
  #pane = find("listing");
  #items = new Map();
  #shown = [];
  #filter = "";
  #key = "name";
  #down = false;
  #turn = 0;

  constructor(onShown) {
    this.onShown = onShown;
    for (const button of this.#pane.querySelectorAll("[data-sort]")) {
      button.addEventListener("click", () => this.#sortBy(button.dataset.sort));
    }
    this.#pane.addEventListener("keydown", (key) => this.#walk(key));
    this.#markSort();
  }

  /** Another folder: everything is new, nothing glows. */
  open(entries, base) {
    this.#items.clear();
    this.#shown = [];
    this.#body.replaceChildren();
    cancelAnimationFrame(this.#turn);
    this.#filter = "";
    this.#pane.scrollTop = 0;
    this.#take(entries, base, false);
  }

  /** The same folder again: what has not changed keeps its row, its focus and its place. */
  refresh(entries, base) {
    this.#take(entries, base, true);
  }

  filter(text) {
    this.#filter = folded(text.trim());
    this.#pane.scrollTop = 0;
    this.#draw();
  }

  /** The first entry on show, for Enter in the filter. */
  get first() {
    return this.#shown[0] ? this.#rowOf(this.#shown[0]).querySelector(".link") : null;
  }

  focusFirst() {
    this.first?.focus();
  }

  #take(entries, base, glow) {
    const before = this.#items;
    this.#items = new Map();
    const fresh = [];
    for (const entry of entries) {
      const known = before.get(entry.href);
      const same = known && known.entry.size === entry.size && known.entry.modified === entry.modified && known.entry.kind === entry.kind;
      const item = same ? known : { entry, base, key: folded(entry.name), node: null };
      if (glow && !same) fresh.push(item);
      this.#items.set(entry.href, item);
    }
    const ranked = [...this.#items.values()].sort((one, other) =>
      collator.compare(one.entry.name, other.entry.name) || (one.entry.href < other.entry.href ? -1 : 1));
    ranked.forEach((item, rank) => (item.rank = rank));
    this.#draw();
    for (const item of fresh.slice(0, 50)) this.#glow(this.#rowOf(item));
  }

  #glow(node) {
    node.classList.add("fresh");
    setTimeout(() => node.classList.remove("fresh"), GLOW);
  }

  #rowOf(item) {
    item.node ??= row(item.entry, item.base);
    return item.node;
  }

  #draw() {
    const items = [...this.#items.values()].filter((item) => item.key.includes(this.#filter));
    const sign = this.#down ? -1 : 1;
    const folders = (item) => (item.entry.kind === "folder" ? 0 : 1);
    items.sort((one, other) => folders(one) - folders(other) || sign * order[this.#key](one, other));
    const same = items.length === this.#shown.length && items.every((item, at) => item === this.#shown[at]);
    if (!same) this.#redraw(items);
    this.onShown(items.length, this.#items.size);
  }

  #redraw(items) {
    cancelAnimationFrame(this.#turn);
    this.#shown = items;
    const focused = this.#body.contains(document.activeElement) ? document.activeElement : null;
    const top = this.#pane.scrollTop;
    this.#body.replaceChildren();
    this.#append(0, FIRST_TURN, top + this.#pane.clientHeight, focused);
    this.#pane.scrollTop = top;
  }

  // Rows made once are cheap to put back; only new ones cost, so the budget is time and not a number of rows.
  #append(from, budget, atLeast, focused) {
    const until = performance.now() + budget;
    const blocks = document.createDocumentFragment();
    let at = from;
    while (at < this.#shown.length && (performance.now() < until || at * SHORTEST < atLeast)) {
      const rows = this.#shown.slice(at, at + BLOCK).map((item) => this.#rowOf(item));
      const block = element("div", { class: "block", role: "presentation" }, ...rows);
      block.style.setProperty("--rows", rows.length);
      blocks.append(block);
      at += rows.length;
    }
    this.#body.append(blocks);
    this.#refocus(focused);
    if (at < this.#shown.length) this.#turn = requestAnimationFrame(() => this.#append(at, TURN, 0, focused));
  }

  // A row that moved lost its focus on the way; one that changed is a new row under the old name.
  #refocus(focused) {
    if (!focused || document.activeElement !== document.body) return;
    const name = focused.closest(".entry").dataset.name;
    const link = focused.isConnected ? focused : this.#shown.find((item) => item.entry.name === name)?.node?.querySelector(".link");
    if (link?.isConnected) link.focus({ preventScroll: true });
  }

  #sortBy(key) {
    // A name reads from its beginning; for size and time the big and the new are what one looks for.
    this.#down = key === this.#key ? !this.#down : key !== "name";
    this.#key = key;
    this.#markSort();
    this.#draw();
  }

  #markSort() {
    for (const button of this.#pane.querySelectorAll("[data-sort]")) {
      const own = button.dataset.sort === this.#key;
      button.closest("[role=columnheader]").setAttribute("aria-sort", own ? (this.#down ? "descending" : "ascending") : "none");
    }
  }

  #walk(key) {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[key.key];
    const here = key.target.closest(".entry");
    if (step === undefined || here === null || key.altKey || key.ctrlKey || key.metaKey) return;
    const at = this.#shown.findIndex((item) => item.node === here) + step;
    const next = this.#shown[Math.max(0, Math.min(this.#shown.length - 1, at))];
    key.preventDefault();
    if (next.node?.isConnected) next.node.querySelector(".link").focus();
  }
}

function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
