// Keys of the live page, as one table: what is listed for the reader is what works.

import { h, replace } from "./dom.js";
import { t } from "./words.js";

const STEP_KEYS = [
  ["a", "Accept", "accept"], ["d", "Dispatch; then 1 to 9 sends the officer at that place, 0 the department", "dispatch"], ["e", "Escalate", "escalate"],
  ["v", "Verify", "verify"], ["c", "Close the case", "close"], ["m", "Merge", "merge"],
];

export const KEY_OF = Object.fromEntries(STEP_KEYS.map(([key, , action]) => [action, key]));

const KEYS = [
  ["j", "Next case", (live) => live.walk(1)],
  ["k", "Case before", (live) => live.walk(-1)],
  ["Enter", "Open the case", (live) => live.enter()],
  ...STEP_KEYS.map(([key, words, action]) => [key, words, (live) => live.act(action)]),
  ["/", "Search", (live) => live.search()],
  ["n", "Report by phone", (live) => live.report.open()],
  ["z", "Zoom to the case", (live) => live.zoomToChosen()],
  ["?", "Show these keys", (live) => live.showKeys()],
  ["Esc", "Let go", (live) => live.letGo()],
];

const SAME = { ArrowDown: "j", ArrowUp: "k", Escape: "Esc", "？": "?" };
const TYPING = "input:not([type=checkbox]):not([type=radio]), textarea, select";

export function listenToKeys(live) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (pressed(live, event)) event.preventDefault();
  });
}

function pressed(live, event) {
  const key = SAME[event.key] ?? event.key;
  const { target } = event;
  if (target.matches(TYPING)) return key === "Esc" && live.letGo();
  if (/^\d$/.test(key)) return live.digit(Number(key));
  if (event.key.startsWith("Arrow") && !isQueue(target)) return false; // the map and radio buttons have arrows of their own
  if (key === "Enter" && !isQueue(target)) return false;
  const found = KEYS.find(([each]) => each === key);
  return found ? found[2](live) !== false : false;
}

const isQueue = (target) => target === document.body || Boolean(target.closest("#queue"));

export function keyList(element) {
  replace(element, KEYS.flatMap(([key, words]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, t(words))]));
}
