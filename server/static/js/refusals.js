// Why the server refused something about people, in the reader's words, and the field it is about.

import { t } from "./words.js";

const REASONS = {
  AlreadyThere: "This login is taken, perhaps by a closed account. Logins are never given twice.",
  BeyondOwnPart: "You give rights over your own part of the city and what lies in it, no more.",
  OwnAccount: "Nobody changes the rights of their own account or closes it: another administrator does.",
  LastAdministrator: "This is the last administrator of the whole city. Make another one first.",
  TooManyAttempts: "Too many wrong passwords. Try again in {minutes} minutes.",
  "BadAccount.login": "2 to 40 small letters, digits, dots or dashes; a letter or digit comes first.",
  "BadAccount.name": "A name of 1 to 80 characters is needed.",
  "BadAccount.area": "There is no such area. Choose one from the list.",
  "BadAccount.department": "Choose the department.",
  "BadPassword.length": "12 to 256 characters are needed.",
  "BadPassword.login": "The login must not be part of the password.",
  "BadPassword.known": "This is among the first passwords that anybody tries. A few words in a row make a better one.",
  "BadPassword.old": "The old password is not right.",
  "BadPassword.same": "The new password is the old one.",
};
const MINUTE_S = 60;

/** {field, text} of a problem; `field` is undefined when it is about no single field. */
export function refusal(problem) {
  const kind = String(problem.rest?.type ?? "").replace("urn:wangge:", "");
  const { field, fault, retry_after_s: waitS = 0, errors } = problem.rest ?? {};
  const reason = REASONS[kind] ?? REASONS[`${kind}.${fault ?? field}`];
  if (reason) return { field, text: t(reason, { minutes: Math.ceil(waitS / MINUTE_S) }) };
  return { field: errors?.[0]?.field, text: errors?.[0]?.message ?? problem.message };
}

/** Say what was wrong: beside the field if the form shows it, else in its box of errors. */
export function showRefusal(form, { field, text }) {
  const input = field && form.querySelector(`[data-field="${field}"], [name="${field}"]`);
  const shown = input?.offsetParent ? input : null;
  if (shown) {
    const hint = document.getElementById(shown.getAttribute("aria-describedby"));
    shown.setAttribute("aria-invalid", "true");
    hint.dataset.usual ??= hint.textContent;
    hint.textContent = text;
    hint.classList.add("is-fault");
    shown.focus();
  } else {
    const box = form.querySelector(".form-error");
    box.textContent = text;
    box.hidden = false;
    box.scrollIntoView({ block: "nearest" });
  }
}

export function clearRefusals(form) {
  form.querySelector(".form-error")?.setAttribute("hidden", "");
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  for (const hint of form.querySelectorAll(".is-fault")) {
    hint.textContent = hint.dataset.usual ?? "";
    hint.classList.remove("is-fault");
  }
}
