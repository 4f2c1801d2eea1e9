// uploads.js: the tray that shows what is being uploaded.

import { element, find, glyphOf, icon, label, write } from "./dom.js";
import { duration, glyph, percent, plain, rate, size } from "./format.js";
import { Queue, Upload } from "./queue.js";
import { word } from "./words.js";

// Rows beyond this many wait for their turn before they are drawn; the summary counts them all.
const DRAWN = 200;
const REDRAW = 100;

/** The tray of one `client`. `onArrived()` is called after each file that is whole. */
export class Uploads {
  #tray = find("uploads");
  #list = find("upload-list");
  #rows = new Map();
  #drawn = 0;
  #note = "";

  constructor(client, onArrived) {
    this.onArrived = onArrived;
    this.queue = new Queue(client, (upload) => this.#changed(upload));
    find("upload-cancel-all").addEventListener("click", () => [...this.queue.uploads].forEach((upload) => this.queue.cancel(upload)));
    find("upload-clear").addEventListener("click", () => this.#clear());
    addEventListener("beforeunload", (unload) => this.queue.busy && unload.preventDefault());
  }

  /** Takes `items`, each `{ file, path: [names] }`, into the folder at `address`; `empty` folders and `lost` files cannot be sent, and that is said. */
  add({ items, empty, lost }, address) {
    if (!this.queue.busy) this.#clear();
    const uploads = items.map(({ file, path }) => new Upload(file, address, path));
    const remarks = [["empty-folders", empty], ["unreadable-files", lost]].filter(([, names]) => names.length);
    if (remarks.length) this.#note = remarks.map(([key, names]) => word(key, word("listed", names.map(plain)))).join(" ");
    for (const upload of uploads.slice(0, Math.max(0, DRAWN - this.#rows.size))) this.#rowOf(upload);
    this.queue.add(uploads);
    this.#summarise();
  }

  #clear() {
    this.queue.clear();
    this.#note = "";
    for (const [upload, row] of this.#rows) {
      if (!upload.finished) continue;
      row.node.remove();
      this.#rows.delete(upload);
    }
    this.#summarise();
  }

  #rowOf(upload) {
    let row = this.#rows.get(upload);
    if (row) return row;
    const name = plain(upload.name);
    row = {
      bar: element("progress", { max: 1, value: 0, "aria-label": name }),
      detail: element("span", { class: "upload-detail" }),
      button: element("button", { type: "button", class: "plain" }),
    };
    row.button.addEventListener("click", () => (upload.state === "failed" ? this.queue.retry(upload) : this.queue.cancel(upload)));
    row.node = element("li", { class: "upload", "data-name": upload.name }, glyphOf(glyph(upload.name)),
      element("div", { class: "upload-body" },
        element("div", { class: "upload-line" }, element("span", { class: "upload-name", title: upload.path.join("/") }, label(upload.name)), row.detail),
        row.bar),
      row.button);
    this.#rows.set(upload, row);
    this.#list.append(row.node);
    this.#paint(upload, row);
    return row;
  }

  #changed(upload) {
    this.#paint(upload, this.#rowOf(upload));
    if (upload.state === "done") this.onArrived();
    if (!this.#drawn) this.#drawn = setTimeout(() => this.#summarise(), REDRAW);
  }

  #paint(upload, row) {
    row.node.dataset.state = upload.state;
    row.bar.value = upload.size ? upload.sent / upload.size : upload.state === "done" ? 1 : 0;
    row.detail.textContent = detail(upload);
    row.detail.title = upload.state === "failed" ? row.detail.textContent : "";
    row.button.hidden = upload.state === "done" || upload.state === "cancelled";
    const failed = upload.state === "failed";
    row.button.replaceChildren(icon(failed ? "again" : "close"));
    row.button.className = failed ? "plain retry" : "plain cancel";
    row.button.setAttribute("aria-label", word(failed ? "retry-label" : "cancel", plain(upload.name)));
    row.button.title = word(failed ? "retry" : "cancel", plain(upload.name));
  }

  #summarise() {
    clearTimeout(this.#drawn);
    this.#drawn = 0;
    const all = this.queue.uploads;
    this.#tray.hidden = all.length === 0 && this.#note === "";
    const of = (state) => all.filter((upload) => upload.state === state);
    const counted = all.filter((upload) => upload.state !== "cancelled" && upload.state !== "failed");
    const total = counted.reduce((sum, upload) => sum + upload.size, 0);
    const sent = counted.reduce((sum, upload) => sum + upload.sent, 0);
    const speed = of("sending").reduce((sum, upload) => sum + upload.rate, 0);
    const busy = this.queue.busy;
    const parts = busy ? [percent(total ? sent / total : 0), speed > 0 && rate(speed), speed > 0 && word("left", duration((total - sent) / speed))] : [];
    if (of("failed").length) parts.push(word("upload-failed", of("failed").length));
    const done = of("done").length;
    const title = busy ? word("uploading", done, counted.length) : done ? word("uploaded", done) : word("upload-stopped");
    write("upload-title", title);
    write("upload-summary", parts.filter(Boolean).join(" · "));
    write("upload-note", this.#note);
    find("upload-note").hidden = this.#note === "";
    find("upload-cancel-all").hidden = !busy;
    find("upload-clear").hidden = busy;
  }
}

function detail(upload) {
  switch (upload.state) {
    case "waiting": return word("waiting");
    case "failed": return upload.reason === "unreadable" ? word("unreadable") : upload.reason ?? word("cut");
    case "cancelled": return word("cancelled");
    case "done": return upload.savedAs ? word("saved-as", plain(upload.savedAs)) : `${word("done")} · ${size(upload.size)}`;
  }
  if (upload.sent >= upload.size) return word("finishing");
  const parts = [percent(upload.sent / upload.size)];
  if (upload.rate > 0) parts.push(rate(upload.rate), word("left", duration((upload.size - upload.sent) / upload.rate)));
  return parts.join(" · ");
}
