// page.js: starts the page and joins its parts: the line to the room, the files, the chat.

import { Chat } from "./chat.js";
import { compose } from "./composer.js";
import { find, write } from "./dom.js";
import { receive } from "./drop.js";
import { Files } from "./files.js";
import { plain } from "./format.js";
import { Members } from "./members.js";
import { Room } from "./room.js";
import { Uploads } from "./uploads.js";
import { translate, word } from "./words.js";

translate(document);

const roomName = find("room-name").textContent.trim();
const phone = matchMedia("(max-width: 759px)");
let unread = 0;
// What to say while the line is away.
let away = "connecting";

const room = new Room({ onEvent: heard, onState: stateChanged });
const members = new Members(room);
const chat = new Chat({ room, isVisible: chatVisible, onUnread: showUnread });
const files = new Files({ roomName, onFolder: folderShown });
const uploads = new Uploads(room.client, () => files.refreshSoon());

compose((text) => chat.say(text));
receive({
  folder: () => files.folder,
  onFiles: (found, folder) => {
    showTab("files");
    uploads.add(found, folder.address);
  },
});

function heard(event) {
  members.heard(event);
  chat.heard(event);
  if (event.event === "welcome" && !event.first) files.refreshSoon();
  if (event.event === "changed" && event.path === files.folder?.path) files.refreshSoon();
  if (event.event === "shared" && event.path.slice(0, event.path.lastIndexOf("/") + 1) === files.folder?.path) files.refreshSoon();
}

async function stateChanged(state) {
  const banner = find("connection");
  banner.dataset.state = state;
  if (state === "open") away = "reconnecting";
  if (state === "closing") away = "closed";
  write("connection-text", { open: "", away: word(away), closing: word("closing") }[state]);
  // A refused WebSocket does not say why; the list of files does.
  if (state !== "away" || (await files.access()) !== "locked" || banner.dataset.state !== "away") return;
  banner.dataset.state = "locked";
  write("connection-text", word("locked"));
  files.lock();
}

function folderShown(folder) {
  room.watch(folder.path);
  showTitle();
}

function showTitle() {
  const place = files.folder?.path ? `${plain(files.folder.name)} · ${roomName}` : roomName;
  document.title = unread ? `(${unread}) ${place}` : place;
}

function showUnread(n) {
  unread = n;
  find("unread").hidden = n === 0;
  find("unread").textContent = n > 99 ? "99+" : String(n);
  showTitle();
}

function chatVisible() {
  return !document.hidden && (!phone.matches || find("room").dataset.tab === "chat");
}

function showTab(name) {
  find("room").dataset.tab = name;
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const own = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(own));
    tab.tabIndex = own ? 0 : -1;
  }
  chat.seen();
}

for (const tab of document.querySelectorAll("[role=tab]")) {
  tab.addEventListener("click", () => showTab(tab.dataset.tab));
  tab.addEventListener("keydown", (key) => {
    if (key.key !== "ArrowLeft" && key.key !== "ArrowRight") return;
    const other = tab.nextElementSibling ?? tab.previousElementSibling;
    showTab(other.dataset.tab);
    other.focus();
  });
}

find("skip").addEventListener("click", (click) => {
  click.preventDefault();
  showTab("chat");
  find("text").focus();
});
find("try-now").addEventListener("click", () => room.retryNow());
document.addEventListener("visibilitychange", () => chat.seen());
phone.addEventListener("change", () => chat.seen());
// Some phones lay their keyboard over the page instead of making the page smaller.
window.visualViewport?.addEventListener("resize", () => {
  // While somebody zooms in, the page keeps its size.
  if (visualViewport.scale === 1) document.documentElement.style.setProperty("--height", `${Math.round(visualViewport.height)}px`);
});

showTab("files");
files.show(location.pathname);
room.connect();
