// entry.js: one line of the listing as elements.

import { element, glyphOf, icon, label, time } from "./dom.js";
import { exactSize, fullTime, glyph, moment, plain, size } from "./format.js";
import { word } from "./words.js";

/** The row of `entry`; `base` is the address of its folder, absolute and with the final slash. */
export function row(entry, base) {
  const folder = entry.kind === "folder";
  const address = base + entry.href;
  const name = plain(entry.name);
  const at = (entry.modified ?? 0) * 1000;
  const full = at ? fullTime(at) : null;
  // A file opens beside the room: leaving it would cut uploads and the talk.
  const beside = folder ? {} : { target: "_blank", rel: "noopener" };
  const title = [name, folder ? null : exactSize(entry.size), full].filter(Boolean).join("\n");
  const link = element("a", { class: "link", href: address, title, ...beside }, label(entry.name));
  const download = folder
    ? element("a", { class: "plain", href: archive(address), download: true, "aria-label": word("archive-row", name), title: word("archive-row", name) }, icon("zip"))
    : element("a", { class: "plain", href: `${address}?download`, download: true, "aria-label": word("download-row", name), title: word("download") }, icon("down"));
  return element("div", { class: "entry", role: "row", "data-name": entry.name, "data-kind": entry.kind },
    element("span", { class: "name", role: "cell" }, glyphOf(folder ? "folder" : glyph(entry.name)), link),
    element("span", { class: "modified", role: "cell" }, at ? time(at, moment(at)) : ""),
    element("span", { class: "size", role: "cell" }, folder ? "" : size(entry.size)),
    element("span", { class: "act", role: "cell" }, download));
}

/** The address of a folder as one ZIP file. */
export const archive = (address) => address.replace(location.origin, `${location.origin}/.landline/archive`);
