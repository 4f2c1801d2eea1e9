// drop.js: how files get in: two buttons, a drop anywhere on the page, or a paste.

import { find } from "./dom.js";
import { word } from "./words.js";

// Litter that desktops leave in folders, which nobody means to send.
const LITTER = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);

const entriesOf = (reader) => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

// Every file below `entry`; a reader gives its entries in portions, so it is asked until one is empty.
async function walk(entry, path, found) {
  const here = [...path, entry.name];
  try {
    if (entry.isDirectory) await walkFolder(entry, here, found);
    else if (!LITTER.has(entry.name)) found.items.push({ file: await fileOf(entry), path: here });
  } catch {
    found.lost.push(here.join("/"));
  }
}

async function walkFolder(entry, here, found) {
  const reader = entry.createReader();
  let all = 0;
  for (let some = await entriesOf(reader); some.length > 0; some = await entriesOf(reader)) {
    all += some.length;
    for (const child of some) await walk(child, here, found);
  }
  if (all === 0) found.empty.push(here.join("/"));
}

const nothing = () => ({ items: [], empty: [], lost: [] });

async function dropped(transfer) {
  const found = nothing();
  // The entries must be taken before the first await: after it the browser has emptied the transfer.
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  for (const entry of entries.filter(Boolean)) {
    if (entry instanceof File) found.items.push({ file: entry, path: [entry.name] });
    else await walk(entry, [], found);
  }
  return found;
}

const picked = (input) => Array.from(input.files, (file) => ({ file, path: (file.webkitRelativePath || file.name).split("/") }))
  .filter(({ path }) => !LITTER.has(path.at(-1)));

/** Calls `onFiles({ items, empty, lost }, folder)` for whatever comes; `folder()` gives the folder on show or null. */
export function receive({ folder, onFiles }) {
  for (const kind of ["files", "folder"]) {
    const input = find(`pick-${kind}`);
    const button = find(`upload-${kind}`);
    button.hidden = kind === "folder" && !("webkitdirectory" in input);
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      if (folder()) onFiles({ ...nothing(), items: picked(input) }, folder());
      input.value = "";
    });
  }
  overlay({ folder, onFiles });
  document.addEventListener("paste", (paste) => {
    const items = Array.from(paste.clipboardData?.files ?? [], (file) => ({ file, path: [file.name] }));
    if (!items.length || !folder()?.writable) return;
    paste.preventDefault();
    onFiles({ ...nothing(), items }, folder());
  });
}

function overlay({ folder, onFiles }) {
  const veil = find("drop-overlay");
  let depth = 0;
  const carriesFiles = (drag) => drag.dataTransfer?.types.includes("Files");

  function show() {
    const writable = folder()?.writable ?? false;
    veil.hidden = false;
    veil.classList.toggle("refusing", !writable);
    find("drop-title").textContent = writable ? word("drop", folder().name) : word("drop-read-only");
    find("drop-detail").textContent = word(writable ? "drop-detail" : "drop-read-only-detail");
  }
  function hide() {
    depth = 0;
    veil.hidden = true;
  }

  addEventListener("dragenter", (drag) => {
    if (!carriesFiles(drag)) return;
    drag.preventDefault();
    depth += 1;
    if (depth === 1) show();
  });
  addEventListener("dragleave", (drag) => {
    if (!carriesFiles(drag)) return;
    depth -= 1;
    if (depth <= 0) hide();
  });
  addEventListener("dragover", (drag) => {
    if (!carriesFiles(drag)) return;
    drag.preventDefault();
    drag.dataTransfer.dropEffect = folder()?.writable ? "copy" : "none";
  });
  addEventListener("drop", async (drop) => {
    if (!carriesFiles(drop)) return;
    drop.preventDefault();
    hide();
    // Reading a big folder takes a while, and whoever dropped it may walk on meanwhile.
    const target = folder();
    if (target?.writable) onFiles(await dropped(drop.dataTransfer), target);
  });
}
