// composer.js: where a message is written.

import { find } from "./dom.js";
import { word } from "./words.js";

const LIMIT = 4096;
const NEAR = 512;

/** Calls `onSay(text)` for each message; Enter sends, Shift+Enter starts a line, an input method's Enter does neither. */
export function compose(onSay) {
  const form = find("composer");
  const area = find("text");
  const send = find("send");
  const left = find("limit");
  const encoder = new TextEncoder();

  function check() {
    // The first line keeps its indent: people send code.
    const text = area.value.trimEnd().replace(/^\s*\n/, "");
    const over = encoder.encode(text).length - LIMIT;
    left.hidden = over < -NEAR;
    left.classList.toggle("over", over > 0);
    left.textContent = over > 0 ? word("bytes-over", over) : word("bytes-left", -over);
    send.disabled = over > 0 || text === "";
    return over > 0 ? "" : text;
  }

  function grow() {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }

  area.addEventListener("input", () => {
    check();
    grow();
  });
  area.addEventListener("keydown", (key) => {
    // 229: some browsers end the composition before they tell of the Enter that ended it.
    if (key.key !== "Enter" || key.shiftKey || key.isComposing || key.keyCode === 229) return;
    key.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (submit) => {
    submit.preventDefault();
    const text = check();
    if (text === "") return;
    onSay(text);
    area.value = "";
    check();
    grow();
    area.focus();
  });
  check();
}
