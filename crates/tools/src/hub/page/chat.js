// chat.js: the conversation: the log with its days and groups, what waits to be sent, what is unread.

import { find } from "./dom.js";
import { sameDay } from "./format.js";
import { Note, Share, dayLine, divider, said } from "./message.js";
import { word } from "./words.js";

const GROUP = 5 * 60_000;
const KEPT = 3000;
const NEAR = 40;

/** Shows what the room says. `onUnread(count)` is told how many messages nobody has looked at yet. */
export class Chat {
  #log = find("chat-log");
  #history = find("history");
  #waiting = find("waiting");
  #pill = find("new-messages");
  #quiet = find("quiet");
  #last = null;
  #note = null;
  #share = null;
  #stick = true;
  #below = 0;
  #unread = 0;
  #joining = true;
  #gap = null;
  #scroll = 0;
  #top = 0;
  #day;

  constructor({ room, isVisible, onUnread }) {
    this.room = room;
    this.isVisible = isVisible;
    this.onUnread = onUnread;
    this.#log.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#pill.addEventListener("click", () => this.toBottom());
    new ResizeObserver(() => this.#stick && this.#settle()).observe(this.#log);
    for (const [id, text] of room.outbox) this.#expect(id, text);
  }

  /** One event of the room, in order. */
  heard(event) {
    switch (event.event) {
      case "welcome": return this.#welcomed(event);
      case "caught-up": return this.#caughtUp();
      case "said":
      case "shared": return this.#add(event);
      case "joined":
      case "left":
      case "renamed": return this.#remark(event);
      case "refused": return this.#refused(event);
      case "kept": return this.#expect(event.id, event.text);
    }
  }

  /** Says `text` and shows it at once, as not yet delivered. */
  say(text) {
    this.#expect(this.room.say(text), text);
    this.toBottom();
  }

  toBottom() {
    this.#stick = true;
    this.#below = 0;
    this.#settle();
    this.#showPill();
  }

  /** Somebody looks: nothing is unread any more. */
  seen() {
    if (!this.isVisible()) return;
    this.#unread = 0;
    this.onUnread(0);
    if (this.#stick) this.#settle();
  }

  #welcomed(event) {
    this.#log.setAttribute("aria-busy", "true");
    this.#joining = event.first;
    // The same room, but it no longer keeps all that happened since: say so if what follows does not join on.
    this.#gap = event.first || event.restarted || event.resumed ? null : event.known;
    if (event.restarted && this.#history.childElementCount) this.#append(divider("restarted"));
  }

  #caughtUp() {
    this.#log.setAttribute("aria-busy", "false");
    this.#joining = false;
    this.#gap = null;
    this.#showQuiet();
  }

  #append(node) {
    this.#history.append(node);
    this.#last = null;
    this.#note = null;
    this.#share = null;
    while (this.#history.childElementCount > KEPT) this.#history.firstElementChild.remove();
    this.#showQuiet();
    if (this.#stick) this.#settle();
  }

  // What stands before an event: that some are missing, and its day.
  #lead({ seq, at }) {
    if (this.#gap !== null && seq > this.#gap + 1) this.#append(divider("missed"));
    this.#gap = null;
    if (this.#day === undefined || !sameDay(this.#day, at)) {
      // What was today is yesterday now.
      for (const line of this.#history.querySelectorAll(".day")) line.replaceWith(dayLine(Number(line.dataset.at)));
      this.#append(dayLine(at));
    }
    this.#day = at;
  }

  #add(event) {
    if (event.own && event.id) this.#waiting.querySelector(`[data-id="${CSS.escape(event.id)}"]`)?.remove();
    this.#lead(event);
    const last = this.#last;
    event.head = !(last && last.own === event.own && last.name === event.name && event.at - last.at < GROUP);
    const share = event.event === "shared" && !event.head ? this.#share : null;
    if (share) {
      share.add(event);
      if (this.#stick) this.#settle();
    } else {
      const fresh = event.event === "shared" ? new Share(event) : null;
      this.#append(fresh ? fresh.node : said(event));
      this.#share = fresh;
    }
    this.#last = event;
    this.#head();
    if (!event.own && !this.#joining) this.#count();
  }

  #remark(event) {
    // To ask for the name that one has is answered, and no news.
    if (event.event === "renamed" && event.was === event.name) return;
    if (event.event !== "renamed" && this.room.mine.has(event.member)) return;
    const note = this.#note;
    this.#lead(event);
    if (note && note === this.#note) return note.add(event);
    const fresh = new Note();
    fresh.add(event);
    this.#append(fresh.node);
    this.#note = fresh;
  }

  #expect(id, text) {
    const node = said({ id, text, own: true, name: this.room.name, head: false });
    this.#waiting.append(node);
    this.#head();
    this.#showQuiet();
  }

  #head() {
    const first = this.#waiting.firstElementChild;
    first?.classList.toggle("head", !this.#last?.own);
  }

  #refused(event) {
    if (event.request?.do !== "say") return;
    this.room.drop(event.request.id);
    const node = this.#waiting.querySelector(`[data-id="${CSS.escape(event.request.id)}"]`);
    node?.classList.add("refused");
    const stamp = node?.querySelector(".stamp");
    if (stamp) stamp.textContent = `${word("not-sent")}: ${event.detail}`;
  }

  #count() {
    if (!this.isVisible()) {
      this.#unread += 1;
      this.onUnread(this.#unread);
    }
    if (this.#stick) return;
    this.#below += 1;
    this.#showPill();
  }

  #scrolled() {
    // A log that is not on show has no height and says nothing about where its reader was.
    if (!this.#log.clientHeight) return;
    // News may have grown the log since the scroll that is told of here; only going up means that somebody reads.
    const top = this.#log.scrollTop;
    if (this.#log.scrollHeight - top - this.#log.clientHeight < NEAR) this.#stick = true;
    else if (top < this.#top) this.#stick = false;
    this.#top = top;
    if (this.#stick) this.#below = 0;
    this.#showPill();
  }

  #settle() {
    cancelAnimationFrame(this.#scroll);
    this.#scroll = requestAnimationFrame(() => {
      this.#log.scrollTop = this.#log.scrollHeight;
    });
  }

  #showPill() {
    this.#pill.hidden = this.#stick;
    this.#pill.querySelector("span").textContent = this.#below ? word("new-messages", this.#below) : word("latest");
    this.#pill.classList.toggle("news", this.#below > 0);
  }

  #showQuiet() {
    this.#quiet.hidden = this.#history.querySelector(".message") !== null || this.#waiting.childElementCount > 0;
  }
}
