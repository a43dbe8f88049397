// Keys of the studio, as one table: what is listed for the reader is what works.

import { h, replace } from "./dom.js";
import { t } from "./words.js";

export const KEYS = [
  ["V", "Choose grids", (studio) => studio.tools.take("select")],
  ["B", "Move cells by click or brush", (studio) => studio.tools.take("brush")],
  ["L", "Move cells by drawing around them", (studio) => studio.tools.take("lasso")],
  ["S", "Split by a line", (studio) => studio.tools.take("split")],
  ["M", "Merge", (studio) => studio.tools.take("merge")],
  ["R", "Redraw a border", (studio) => studio.tools.take("reshape")],
  ["C", "Carve out a grid", (studio) => studio.tools.take("carve")],
  ["N", "Follow cells or cut through them", (studio) => studio.toggleSnap()],
  ["K", "Lock or unlock", (studio) => studio.lockChosen()],
  ["F", "Zoom to what is chosen", (studio) => studio.zoomToChosen()],
  ["?", "Show these keys", (studio) => studio.showKeys()],
];

const OTHERS = [
  ["[ ]", "Smaller or larger brush"], ["Ctrl Z", "Undo"], ["Ctrl Y", "Redo"], ["Space", "Hold and drag: move the map"], ["Alt", "With a click: another grid to grow"],
  ["Enter", "Finish the line; on the map: act in its middle"], ["Backspace", "One corner back"], ["Esc", "Let go"],
];

const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select";

export function listenToKeys(studio) {
  document.addEventListener("keydown", (event) => pressed(studio, event));
  document.addEventListener("keyup", ({ code }) => code === "Space" && studio.tools.pan(false));
  window.addEventListener("blur", () => studio.tools.pan(false));
}

function pressed(studio, event) {
  if (event.target.matches?.(TYPING) || document.querySelector("dialog[open]")) return;
  const done = event.ctrlKey || event.metaKey ? chord(studio, event) : !event.altKey && single(studio, event);
  if (done) event.preventDefault();
}

function chord(studio, { key, shiftKey }) {
  const letter = key.toLowerCase();
  if (letter === "z") studio.history(shiftKey ? "redo" : "undo");
  else if (letter === "y") studio.history("redo");
  else return false;
  return true;
}

function single(studio, event) {
  const onMap = event.target === studio.map.getContainer();
  const onBody = onMap || event.target === document.body;
  if (event.key === "Escape") return studio.letGo();
  if (studio.tools.tool.key(event)) return true;
  if (event.code === "Space" && onBody) {
    studio.tools.pan(true);
    return true;
  }
  if (event.key === "Enter" && onMap) {
    studio.tools.actInTheMiddle(event);
    return true;
  }
  const found = KEYS.find(([key]) => key === event.key.toUpperCase());
  found?.[2](studio);
  return Boolean(found);
}

export function keyList(element) {
  const rows = [...KEYS, ...OTHERS].map(([key, words]) => [h("dt", {}, key.split(" ").map((each) => h("kbd", {}, each))), h("dd", {}, t(words))]);
  replace(element, rows.flat());
}
