// What several panels of the coverage page say alike.

import { h } from "./dom.js";
import { integer } from "./format.js";
import { language, named, t } from "./words.js";

const PERCENT = 100;
const AIMS = { everyone: "Fewest sites for everybody", most: "Most residents covered", least_walking: "Least walking in all", fairest: "Shortest longest way" };
const STATES = { waiting: "Waiting", running: "Running", done: "Done", stopped: "Stopped", failed: "Failed" };

export const RUNNING = new Set(["waiting", "running"]);

export const aimName = (aim) => t(AIMS[aim] ?? aim);

export const stateName = (state) => t(STATES[state?.code ?? state] ?? String(state));

/** A fraction in percent; what is not all is never said to be all. */
export function share(fraction) {
  if (fraction == null) return "–";
  const percent = fraction * PERCENT;
  const rounded = Math.round(percent * 10) / 10;
  if (rounded === PERCENT && fraction < 1) return "> 99.9 %";
  if (rounded === 0 && fraction > 0) return "< 0.1 %";
  return `${rounded} %`;
}

export const signed = (value) => (Math.round(value) === 0 ? "±0" : `${value > 0 ? "+" : "−"}${integer(Math.abs(Math.round(value)))}`);

export function findingWords(finding) {
  if (finding.says) return named(finding.says);
  return finding[language] ?? finding.text ?? finding.message ?? finding.code;
}

/** Why the server refused, in the reader's language where it says so in both. */
export const refusalWords = (problem) => named(problem.rest?.says) || (problem.rest?.errors?.[0]?.message ?? problem.message);

/** How far a run is, with a button that stops it; it is told again in place, so that the button stays under the finger. */
export class Progress {
  constructor(stop) {
    this.words = h("span", { role: "status" });
    this.bar = h("span");
    this.track = h("div", { role: "progressbar", "aria-valuemin": 0 }, this.bar);
    const button = stop && h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: stop }, t("Stop"));
    this.element = h("div", { class: "run" }, h("div", { class: "run-line" }, this.words, button), this.track);
  }

  tell({ done, total, words }) {
    if (this.words.textContent !== words) this.words.textContent = words;
    this.track.className = `bar-track ${total > 0 ? "" : "is-endless"}`;
    this.track.setAttribute("aria-valuemax", total || 1);
    this.track.setAttribute("aria-valuenow", done);
    this.bar.style.width = total > 0 ? `${(PERCENT * done) / total}%` : "";
    return this;
  }
}

/** Ask for a name or sentence; resolves to it, or to null. */
export function askName({ title, words, label, value = "", yes, save }) {
  const box = document.getElementById("name-box");
  const form = document.getElementById("name-form");
  const put = (id, text) => { document.getElementById(id).textContent = text; };
  const [field, fault] = [document.getElementById("name-value"), document.getElementById("name-fault")];
  put("name-title", title);
  put("name-words", words);
  put("name-label", label);
  put("name-yes", yes ?? t("Save"));
  field.value = value;
  fault.hidden = true;
  form.onsubmit = async (event) => {
    event.preventDefault();
    document.getElementById("name-yes").disabled = true;
    try {
      await save(field.value.trim());
      box.close();
    } catch (problem) {
      fault.textContent = problem.message;
      fault.hidden = false;
    } finally {
      document.getElementById("name-yes").disabled = false;
    }
  };
  form.querySelector("[data-close]").onclick = () => box.close();
  box.showModal();
  field.select();
}
