// files.js: which folder is on show: walking, reading it from the server, and what to say when it cannot be read.

import { element, find, icon, write } from "./dom.js";
import { archive } from "./entry.js";
import { decoded, plain, size } from "./format.js";
import { Listing } from "./listing.js";
import { word } from "./words.js";

const SETTLE = 300;

/** The folder pane. `onFolder(folder)` is told of each folder read: `{ address, path, name, writable }`. */
export class Files {
  #filter = find("filter");
  #entries = [];
  #places = new Map();
  #reading = null;
  #later = 0;
  /** The folder on show, null until one was read. */
  folder = null;

  constructor({ roomName, onFolder }) {
    this.roomName = roomName;
    this.onFolder = onFolder;
    this.listing = new Listing((shown, all) => this.#count(shown, all));
    new ResizeObserver(() => this.#showEnd()).observe(find("breadcrumbs"));
    history.scrollRestoration = "manual";
    addEventListener("popstate", () => this.show(location.pathname));
    find("files").addEventListener("click", (click) => this.#clicked(click));
    this.#filter.addEventListener("input", () => this.listing.filter(this.#filter.value));
    this.#filter.addEventListener("keydown", (key) => this.#filterKey(key));
    document.addEventListener("keydown", (key) => this.#shortcut(key));
  }

  /** Reads and shows the folder at `address`, an encoded path with its final slash. */
  async show(address) {
    if (this.folder) this.#places.set(this.folder.address, find("listing").scrollTop);
    this.#crumbs(address);
    if (await this.#read(address)) this.#open(address);
  }

  /** Reads the folder on show once more, soon; many calls make one reading. */
  refreshSoon() {
    this.#later ||= setTimeout(() => {
      this.#later = 0;
      this.#refresh();
    }, SETTLE);
  }

  /** Whether the server still lets us in: "open", "locked", or "away". */
  async access() {
    const answer = await fetch("/", { headers: { Accept: "application/json" }, cache: "no-store" }).catch(() => null);
    if (answer === null) return "away";
    return answer.status === 401 || answer.status === 403 ? "locked" : "open";
  }

  /** Says that the key is needed, in place of the files. */
  lock() {
    this.#fail({ status: 401 });
  }

  #open(address) {
    this.#filter.value = "";
    this.listing.open(this.#entries, location.origin + address);
    find("listing").scrollTop = this.#places.get(address) ?? 0;
  }

  async #refresh() {
    const address = location.pathname;
    const same = this.folder?.address === address;
    if (!(await this.#read(address, same))) return;
    if (same) this.listing.refresh(this.#entries, location.origin + address);
    else this.#open(address);
  }

  async #read(address, quietly = false) {
    this.#reading?.abort();
    const reading = new AbortController();
    this.#reading = reading;
    const pane = find("listing");
    pane.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store", signal: reading.signal });
      const body = await answer.json().catch(() => ({}));
      if (!answer.ok || !Array.isArray(body.entries)) return this.#fail({ status: answer.status, detail: body.error?.detail });
      this.#entries = body.entries;
      this.#opened(address, body);
      return true;
    } catch (error) {
      if (error.name === "AbortError") return false;
      // What is on show stays while the line is away: the banner says so, and the room reads again when it is back.
      return quietly ? false : this.#fail({ status: 0 });
    } finally {
      if (this.#reading === reading) pane.setAttribute("aria-busy", "false");
    }
  }

  #opened(address, { path, writable }) {
    const name = path === "" ? this.roomName : path.split("/").at(-2);
    this.folder = { address, path, name, writable };
    find("files").classList.toggle("read-only", !writable);
    find("actions").hidden = !writable;
    find("access").textContent = word(writable ? "writable" : "read-only");
    find("archive").href = archive(location.origin + address);
    this.onFolder(this.folder);
  }

  #crumbs(address) {
    const segments = address.split("/").filter(Boolean);
    const home = segments.length
      ? element("a", { href: "/", "aria-label": word("home"), title: word("home") }, icon("home"))
      : element("a", { href: "/" }, icon("home"), element("span", null, word("home")));
    const parts = segments.map((segment, at) =>
      element("a", { href: `/${segments.slice(0, at + 1).join("/")}/` }, element("bdi", null, plain(decoded(segment)))));
    const all = [home, ...parts];
    all.at(-1).setAttribute("aria-current", "page");
    find("crumbs").replaceChildren(...all.map((link) => element("li", null, link)));
    this.#showEnd();
  }

  // The end of a long way is what one wants to see of it.
  #showEnd() {
    find("breadcrumbs").scrollLeft = find("breadcrumbs").scrollWidth;
  }

  #count(shown, all) {
    const files = this.#entries.filter((entry) => entry.kind === "file");
    const bytes = files.reduce((sum, entry) => sum + (entry.size ?? 0), 0);
    const total = word("count", all - files.length, files.length, size(bytes));
    write("count", this.#filter.value ? word("matching", shown, all) : total);
    find("archive").hidden = all === 0;
    if (all === 0) this.#state("empty", word(this.folder?.writable ? "empty-writable" : "empty-read-only"));
    else if (shown === 0) this.#state("no-match", word("no-match-detail"));
    else this.#state(null);
  }

  #state(key, detail, action = null) {
    const state = find("state");
    state.hidden = key === null;
    find("listing").classList.toggle("bare", key !== null);
    if (key === null) return;
    state.dataset.state = key;
    find("state-title").textContent = word(key);
    find("state-detail").textContent = detail;
    find("state-action").replaceChildren(...(action ? [action] : []));
  }

  #fail({ status, detail }) {
    this.folder = null;
    this.listing.open(this.#entries = [], "");
    find("count").textContent = "";
    find("actions").hidden = true;
    find("access").textContent = "";
    const again = element("button", { type: "button", class: "button" }, word("try-again"));
    again.addEventListener("click", () => this.show(location.pathname));
    if (status === 404) this.#state("missing", word("missing-detail"), element("a", { class: "button", href: "/" }, word("to-start")));
    else if (status === 401) this.#state("locked", word("locked-detail"), again);
    else if (status === 0) this.#state("unreachable", word("unreachable-detail"), again);
    else this.#state("refused", detail ?? String(status), again);
    return false;
  }

  // Folders open in place; everything else about these links, copying and new tabs included, is the browser's.
  #clicked(click) {
    const link = click.target.closest("a[href]");
    if (!link || click.button !== 0 || click.metaKey || click.ctrlKey || click.shiftKey || click.altKey) return;
    const address = new URL(link.href);
    if (!address.pathname.endsWith("/") || link.hasAttribute("download") || link.target) return;
    click.preventDefault();
    if (address.pathname !== location.pathname) history.pushState(null, "", address);
    this.show(address.pathname).then(() => find("listing").contains(document.activeElement) || find("listing").focus({ preventScroll: true }));
  }

  #filterKey(key) {
    if (key.isComposing) return;
    if (key.key === "Escape") {
      this.#filter.value = "";
      this.listing.filter("");
    } else if (key.key === "ArrowDown") {
      key.preventDefault();
      this.listing.focusFirst();
    } else if (key.key === "Enter") {
      this.listing.first?.click();
    }
  }

  #shortcut(key) {
    const writing = key.target.closest("input, textarea, select");
    if (key.key !== "/" || writing || key.metaKey || key.ctrlKey || key.altKey) return;
    key.preventDefault();
    this.#filter.focus();
    this.#filter.select();
  }
}
