// The line above the map: what the plan is called, how it stands, whether all is saved, who else is here.

import { h, icon, replace } from "./dom.js";
import { integer } from "./format.js";
import { beforeAfter } from "./studio_figures.js";
import { closedWords, codeOf, stateWords } from "./studio_words.js";
import { named, t } from "./words.js";

const OTHERS_SHOWN_MS = 120_000;
const STATE_CLASS = { draft: "is-open", consultation: "is-waiting" };

export class Head {
  constructor(desk) {
    this.desk = desk;
    this.others = new Map();
    this.name = document.getElementById("plan-name");
    this.state = document.getElementById("plan-state");
    this.scope = document.getElementById("plan-scope");
    this.summary = document.getElementById("plan-summary");
    this.saved = document.getElementById("plan-saved");
    this.people = document.getElementById("plan-people");
    this.isOnline = true;
  }

  show() {
    const { draft } = this.desk;
    const { plan } = draft;
    this.name.textContent = named(plan.name);
    document.title = `${named(plan.name)} · ${t("Plans")}`;
    this.state.textContent = stateWords(plan.state);
    this.state.className = `badge-state ${STATE_CLASS[codeOf(plan.state)] ?? ""}`;
    this.scope.textContent = (plan.scope ?? []).map((area) => this.desk.areaWords(area)).join(", ");
    if (plan.parent) document.getElementById("compare-link").href = `/plans/compare?a=${plan.parent}&b=${plan.id}`;
    this.tellSummary(plan.summary ?? {});
    this.tellSaved();
    for (const button of document.querySelectorAll("[data-edits]")) button.hidden = !draft.isEditable;
    for (const button of document.querySelectorAll("[data-open]")) button.hidden = !draft.isOpen;
    document.querySelector("[data-act=restore]").hidden = !(this.desk.studio.mayRestore && draft.state === "superseded");
    document.getElementById("read-only").hidden = draft.isEditable;
    document.getElementById("read-only-words").textContent = draft.mayEdit ? closedWords(draft.state) : t("You may look at this plan; planners of its area change it.");
  }

  tellSummary(s) {
    const rows = [
      [t("Unevenness"), beforeAfter(s.variation_mean_before, s.variation_mean, (v) => (v == null ? "–" : v.toFixed(3)))],
      [t("Grids"), beforeAfter(s.grids_before, s.grids, integer)],
      [t("Cells moved"), integer(s.cells_moved)],
      [t("Residents moved"), integer(s.residents_moved)],
    ];
    replace(this.summary, rows.map(([words, value]) => h("div", {}, h("dt", {}, words), h("dd", {}, value))));
  }

  tellSaved() {
    const { draft } = this.desk;
    const busy = draft.pendingEdits > 0;
    const words = !this.isOnline ? t("No connection; nothing is lost, trying again") : busy ? t("Saving …") : draft.isEditable ? t("All saved") : "";
    if (this.saved.dataset.words === words) return;
    this.saved.dataset.words = words;
    this.saved.classList.toggle("is-bad", !this.isOnline);
    replace(this.saved, words ? icon(!this.isOnline ? "cloud-slash" : busy ? "arrow-repeat" : "cloud-check") : null, words);
  }

  online(isOnline) {
    this.isOnline = isOnline;
    this.tellSaved();
  }

  /** Somebody else did something: named here for two minutes. */
  met(steps) {
    for (const { author } of steps) if (author !== this.desk.me) this.others.set(author, Date.now());
    const here = [...this.others].filter(([, at]) => Date.now() - at < OTHERS_SHOWN_MS).map(([author]) => author);
    this.people.title = here.length ? t("Working here too: {people}", { people: here.join(", ") }) : "";
    replace(this.people, here.map((author) => h("span", { class: "person-mark" }, author.slice(0, 2).toUpperCase())));
    clearTimeout(this.timer);
    if (here.length) this.timer = setTimeout(() => this.met([]), OTHERS_SHOWN_MS / 4);
  }
}
