// One's own page: the password, and the tokens of one's programs.

import { post } from "./api.js";
import { showSecret } from "./boxes.js";
import { clearRefusals, refusal, showRefusal } from "./refusals.js";
import { showTokens } from "./tokens.js";
import { t } from "./words.js";

const passwordForm = document.getElementById("password-form");
const tokenForm = document.getElementById("token-form");
const tokens = document.getElementById("tokens");

passwordForm.addEventListener("submit", (event) => {
  event.preventDefault();
  send(passwordForm, changePassword);
});

async function changePassword({ old, new: wanted, again }) {
  const done = document.getElementById("password-done");
  done.textContent = "";
  if (!old) return showRefusal(passwordForm, { field: "old", text: t("Enter the password you logged in with.") });
  if (wanted !== again) return showRefusal(passwordForm, { field: "again", text: t("The two are not the same.") });
  await post("/me/password", { old, new: wanted });
  passwordForm.reset();
  const { then } = document.getElementById("change-password").dataset;
  if (then) location.assign(then);
  else done.textContent = t("The password is changed. Other sessions of yours have ended.");
}

tokenForm?.addEventListener("submit", (event) => {
  event.preventDefault();
  send(tokenForm, issueToken);
});

async function issueToken({ label, days }) {
  if (!label.trim()) return showRefusal(tokenForm, { field: "label", text: t("Say what the token is for, to know it again.") });
  const { token } = await post("/me/tokens", { label: label.trim(), days: Number(days) });
  tokenForm.reset();
  await showSecret({ title: t("The token for “{label}”", { label: label.trim() }), text: t("Give it to the program as Authorization: Bearer …"), secret: token });
  await showTokens(tokens, "/me/tokens");
}

/** Send a form's values once; a refusal is shown in the form. */
async function send(form, task) {
  const button = form.querySelector("[type=submit]");
  clearRefusals(form);
  button.disabled = true;
  try {
    await task(Object.fromEntries(new FormData(form)));
  } catch (problem) {
    showRefusal(form, refusal(problem));
  } finally {
    button.disabled = false;
  }
}

if (tokens) showTokens(tokens, "/me/tokens");
