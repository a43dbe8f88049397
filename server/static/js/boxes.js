// Boxes of every page about people: a question before something ends, and a secret shown once.

import { t } from "./words.js";

const COPIED_MS = 2500;

/** Resolves to true if the person says yes. */
export function ask({ title, text, yes }) {
  const box = document.getElementById("question");
  document.getElementById("question-title").textContent = title;
  document.getElementById("question-text").textContent = text;
  document.getElementById("question-yes").textContent = yes;
  return opened(box).then(() => box.returnValue === "yes");
}

/** Show a password or token; resolves when the box is closed, and forgets it. */
export function showSecret({ title, text, secret }) {
  const box = document.getElementById("secret");
  const value = document.getElementById("secret-value");
  document.getElementById("secret-title").textContent = title;
  document.getElementById("secret-text").textContent = text;
  value.textContent = secret;
  return opened(box).then(() => { value.textContent = ""; });
}

function opened(box) {
  box.returnValue = "";
  box.showModal();
  return new Promise((resolve) => box.addEventListener("close", resolve, { once: true }));
}

document.getElementById("secret-copy").addEventListener("click", async (event) => {
  const words = event.currentTarget.querySelector("span");
  const usual = words.textContent;
  const copied = await copy(document.getElementById("secret-value"));
  const told = copied ? t("Copied") : t("Select it and copy it by hand.");
  document.getElementById("secret-status").textContent = told;
  if (!copied) return;
  words.textContent = told;
  setTimeout(() => { words.textContent = usual; }, COPIED_MS);
});

/** Without HTTPS a browser gives pages no clipboard: then the text is at least selected. */
async function copy(element) {
  getSelection().selectAllChildren(element);
  return navigator.clipboard?.writeText(element.textContent).then(() => true, () => false) ?? false;
}
