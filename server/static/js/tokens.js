// The list of tokens of an account.

import { get, remove } from "./api.js";
import { ask } from "./boxes.js";
import { h, replace } from "./dom.js";
import { date, dateTime } from "./format.js";
import { t } from "./words.js";

/** Show the tokens under an API path ("/me/tokens"), each with a button that ends it. */
export async function showTokens(list, path) {
  list.setAttribute("aria-busy", "true");
  try {
    const { tokens } = await get(path);
    replace(list, tokens.length ? tokens.map((token) => row(list, path, token)) : h("li", { class: "muted" }, t("No program has a token.")));
  } catch (problem) {
    replace(list, h("li", {}, h("span", { class: "token-text" }, problem.message), again(() => showTokens(list, path))));
  }
  list.removeAttribute("aria-busy");
}

const again = (onclick) => h("button", { type: "button", class: "btn btn-sm btn-outline-secondary", onclick }, t("Try again"));

function row(list, path, token) {
  const used = token.last_used_at ? t("last used {time}", { time: dateTime(token.last_used_at) }) : t("never used");
  const ends = token.expires_at ? t(token.over ? "ended {date}" : "ends {date}", { date: date(token.expires_at) }) : t("has no end");
  return h(
    "li",
    {},
    h("span", { class: "token-text" }, h("span", { class: token.over ? "is-over" : null }, token.label), h("small", {}, `${ends} · ${used}`)),
    h("button", { type: "button", class: "btn btn-sm btn-outline-danger", "aria-label": `${t("Revoke")}: ${token.label}`, onclick: () => revoke(list, path, token) }, t("Revoke")),
  );
}

async function revoke(list, path, token) {
  const sure = await ask({ title: t("Revoke “{label}”?", { label: token.label }), text: t("The program that sends this token is refused from now on."), yes: t("Revoke") });
  if (!sure) return;
  try {
    await remove(`${path}/${token.id}`);
  } finally {
    await showTokens(list, path);
  }
}
