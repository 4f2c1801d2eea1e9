// memory.js: what the browser remembers for us; where it may not, the page works and forgets.

function reach(pick) {
  try {
    return pick();
  } catch {
    return null;
  }
}

const lasting = reach(() => window.localStorage);
const ofTab = reach(() => window.sessionStorage);

/** The name this person chose, kept in this browser. */
export const rememberedName = () => reach(() => lasting.getItem("landline.name")) ?? "";
export const rememberName = (name) => reach(() => lasting.setItem("landline.name", name));

/**
 * Takes what this tab left for its own next load. It is removed while the page is alive, because a duplicated tab
 * copies it and two tabs must not answer to one token.
 */
export function takeTab() {
  const text = reach(() => ofTab.getItem("landline.tab"));
  reach(() => ofTab.removeItem("landline.tab"));
  return reach(() => JSON.parse(text)) ?? {};
}

export const leaveTab = (state) => reach(() => ofTab.setItem("landline.tab", JSON.stringify(state)));

/** Calls `act` when another page of this tab leaves something only after this one has come back: they may be of two processes. */
export const onTabLeft = (act) => addEventListener("storage", ({ key, newValue }) => key === "landline.tab" && newValue && act());

/** 96 bits that nobody guesses; works without a secure context, which crypto.randomUUID does not. */
export const token = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
