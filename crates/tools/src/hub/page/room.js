// room.js: the line to the room: one WebSocket that comes back by itself, loses nothing and doubles nothing.

import { leaveTab, onTabLeft, rememberName, rememberedName, takeTab, token } from "./memory.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;
const OPENING_LIMIT = 10_000;
// A sent message comes back as an echo; without one for this long the line is dead even if the browser has not noticed.
const ECHO_LIMIT = 15_000;

/** Speaks to the server. `onEvent(event)` gets what it says, `onState(state)` one of connecting, open, away, closing. */
export class Room {
  #socket = null;
  #live = false;
  #attempts = 0;
  #retry = 0;
  #opening = 0;
  #silence = 0;
  #asked = [];
  #path = null;
  #chosen = false;
  #count = 0;
  #load = token().slice(0, 8);

  constructor({ onEvent, onState }) {
    this.onEvent = onEvent;
    this.onState = onState;
    const left = takeTab();
    this.client = left.client ?? token();
    /** What was said and has not come back yet: id to text, oldest first. */
    this.outbox = new Map(left.outbox ?? []);
    this.epoch = null;
    this.seq = 0;
    this.you = null;
    /** Every member number this page has had in this epoch: each connection is a member of its own. */
    this.mine = new Set();
    /** What the server calls this member, and what to ask for: they differ while somebody else has the name. */
    this.name = rememberedName();
    this.wanted = this.name;
    addEventListener("pagehide", () => {
      leaveTab({ client: this.client, outbox: [...this.outbox] });
      // A page that the browser puts aside for a way back would keep its line, and its member would never leave.
      this.#hangUp();
    });
    addEventListener("pageshow", (shown) => {
      if (!shown.persisted) return;
      this.#takeOver();
      this.retryNow();
    });
    onTabLeft(() => this.#takeOver());
    addEventListener("online", () => this.retryNow());
    addEventListener("offline", () => this.#socket && this.#lost(this.#socket));
    document.addEventListener("visibilitychange", () => document.hidden || this.retryNow());
  }

  connect() {
    clearTimeout(this.#retry);
    const query = new URLSearchParams({ client: this.client });
    if (this.wanted) query.set("name", this.wanted);
    if (this.epoch) {
      query.set("epoch", this.epoch);
      query.set("after", this.seq);
    }
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/.landline/room?${query}`);
    this.#socket = socket;
    this.#opening = setTimeout(() => this.#lost(socket), OPENING_LIMIT);
    socket.onmessage = (message) => socket === this.#socket && this.#heard(JSON.parse(message.data));
    socket.onclose = () => this.#lost(socket);
  }

  /** Does not wait for the next attempt: the network is back, or somebody looks. */
  retryNow() {
    if (this.#socket) return;
    this.#attempts = 0;
    this.connect();
  }

  /** Says `text`, now or as soon as the line is up; gives the id under which the echo will come. */
  say(text) {
    this.#count += 1;
    const id = `${this.#load}-${this.#count}`;
    this.outbox.set(id, text);
    if (this.#live) this.#ask({ do: "say", id, text });
    return id;
  }

  /** Takes back a message that the server refused. */
  drop(id) {
    this.outbox.delete(id);
  }

  rename(name) {
    this.wanted = name;
    this.#chosen = true;
    if (this.#live) this.#ask({ do: "name", name });
  }

  /** Tells which folder is on show, "" for the first one. */
  watch(path) {
    this.#path = path;
    if (this.#live) this.#send({ do: "watch", path });
  }

  #send(request) {
    this.#socket.send(JSON.stringify(request));
  }

  // The server answers in order, so a refusal, which carries no id, belongs to the oldest request without an answer.
  #ask(request) {
    this.#asked.push(request);
    this.#send(request);
    if (!this.#silence) this.#silence = setTimeout(() => this.#lost(this.#socket), ECHO_LIMIT);
  }

  #answered(fits) {
    const at = this.#asked.findIndex(fits);
    const request = at < 0 ? null : this.#asked.splice(at, 1)[0];
    if (request) {
      clearTimeout(this.#silence);
      this.#silence = this.#asked.length ? setTimeout(() => this.#lost(this.#socket), ECHO_LIMIT) : 0;
    }
    return request;
  }

  #heard(event) {
    if (event.seq !== undefined) {
      if (event.seq <= this.seq) return;
      this.seq = event.seq;
    }
    switch (event.event) {
      case "welcome": return this.#welcomed(event);
      case "caught-up": return this.#caughtUp(event);
      case "said":
        event.own = event.client === this.client;
        if (event.own) {
          this.outbox.delete(event.id);
          this.#answered((request) => request.id === event.id);
        }
        break;
      case "shared":
        event.own = this.mine.has(event.member) || (event.member !== null && event.name === this.name);
        break;
      case "renamed":
        if (event.member === this.you) {
          this.#answered((request) => request.do === "name");
          this.#named(event.name);
        }
        break;
      case "refused":
        event.request = event.do === "watch" ? { do: "watch" } : this.#answered((asked) => isAbout(event, asked));
        if (event.request?.do === "name") this.wanted = this.name;
        break;
      case "closing":
        this.onState("closing");
        break;
    }
    this.onEvent(event);
  }

  #welcomed(event) {
    clearTimeout(this.#opening);
    event.first = this.epoch === null;
    event.restarted = !event.first && this.epoch !== event.epoch;
    if (event.restarted) {
      this.seq = 0;
      this.mine.clear();
    }
    event.known = this.seq;
    this.epoch = event.epoch;
    this.you = event.you;
    this.mine.add(event.you);
    this.wanted ||= event.name;
    this.#named(event.name);
    this.#attempts = 0;
    this.onState("open");
    this.onEvent(event);
  }

  // Only a name that somebody chose is worth remembering, not one that the server made up.
  #named(name) {
    this.name = name;
    if (this.#chosen && name === this.wanted) rememberName(name);
  }

  // What was said before the line broke may have arrived: its echo is then in the backlog, and only the rest is said again.
  #caughtUp(event) {
    this.#live = true;
    if (this.#path !== null) this.#send({ do: "watch", path: this.#path });
    for (const [id, text] of this.outbox) this.#ask({ do: "say", id, text });
    this.onEvent(event);
  }

  #lost(socket) {
    if (socket !== this.#socket) return;
    this.#hangUp();
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempts) * (0.75 + Math.random() / 2);
    this.#attempts += 1;
    this.#retry = setTimeout(() => this.connect(), wait);
    this.onState("away");
  }

  #hangUp() {
    const socket = this.#socket;
    this.#socket = null;
    this.#live = false;
    this.#asked = [];
    clearTimeout(this.#retry);
    clearTimeout(this.#opening);
    clearTimeout(this.#silence);
    this.#silence = 0;
    socket?.close();
  }

  // Another page of this tab had its turn meanwhile, and may not have been able to say everything.
  #takeOver() {
    for (const [id, text] of takeTab().outbox ?? []) {
      if (this.outbox.has(id)) continue;
      this.outbox.set(id, text);
      if (this.#live) this.#ask({ do: "say", id, text });
      this.onEvent({ event: "kept", id, text });
    }
  }
}

/** Whether a refusal can be the answer to what was asked; one that names nothing answers the oldest. */
function isAbout(refusal, asked) {
  if (!refusal.do) return true;
  return asked.do === refusal.do && (refusal.id === undefined || asked.id === refusal.id);
}
