// members.js: who is here, and what one is called oneself.

import { avatar, element, find, icon } from "./dom.js";
import { hue, initials, plain } from "./format.js";
import { word } from "./words.js";

const STACK = 3;
const REFUSAL_SHOWN = 6000;

/** Keeps the list of members and the field with one's own name. */
export class Members {
  #all = new Map();
  #list = find("member-list");
  #stack = find("stack");
  #here = find("here");
  #field = find("my-name");
  #face = find("my-face");
  #refusal = find("name-refused");
  #timer = 0;

  constructor(room) {
    this.room = room;
    this.#field.addEventListener("change", () => this.#commit());
    this.#field.addEventListener("keydown", (key) => {
      if (key.isComposing || key.keyCode === 229) return;
      if (key.key === "Escape") this.#field.value = this.room.name;
      if (key.key === "Enter" || key.key === "Escape") this.#field.blur();
    });
    this.#field.addEventListener("input", () => this.#fit());
  }

  /** One event of the room, in order. */
  heard(event) {
    switch (event.event) {
      case "welcome":
        this.#all = new Map(event.members.map((member) => [member.id, member]));
        break;
      case "joined":
        this.#all.set(event.member, { id: event.member, name: event.name, via: event.via });
        break;
      case "left":
        this.#all.delete(event.member);
        break;
      case "renamed":
        if (this.#all.has(event.member)) this.#all.get(event.member).name = event.name;
        break;
      case "refused":
        if (event.request?.do === "name") this.#refused(event.detail);
        break;
      default:
        return;
    }
    this.#show();
  }

  #commit() {
    const name = this.#field.value.trim();
    if (name && name !== this.room.name) this.room.rename(name);
    else this.#field.value = this.room.name;
    this.#fit();
  }

  #refused(detail) {
    this.#refusal.textContent = detail;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#refusal.textContent = ""), REFUSAL_SHOWN);
  }

  #fit() {
    this.#field.size = Math.max(4, Math.min(18, this.#field.value.length + 1));
  }

  #show() {
    const members = [...this.#all.values()];
    const others = members.filter((member) => member.id !== this.room.you);
    this.#here.textContent = word("here", members.length);
    this.#stack.replaceChildren(...others.slice(-STACK).map((member) => avatar(member.name)));
    const me = members.filter((member) => member.id === this.room.you);
    this.#list.replaceChildren(...[...me, ...others].map((member) => this.#row(member)));
    this.#face.className = `avatar ${hue(this.room.name)}`;
    this.#face.textContent = initials(this.room.name);
    if (document.activeElement !== this.#field) this.#field.value = plain(this.room.name);
    this.#fit();
  }

  #row(member) {
    const name = element("span", { class: "member-name" }, element("bdi", null, plain(member.name)));
    if (member.id === this.room.you) name.append(element("span", { class: "you" }, word("you")));
    return element("li", { class: "member", "data-name": member.name, "data-via": member.via },
      avatar(member.name), name,
      element("span", { class: "via" }, icon(member.via === "text" ? "terminal" : "globe"), word(`via-${member.via}`)));
  }
}
