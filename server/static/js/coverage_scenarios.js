// Scenarios that somebody keeps: saved, taken up again, compared beside each other, dropped.

import { get, post, put, remove } from "./api.js";
import { ask } from "./boxes.js";
import { h, icon, replace } from "./dom.js";
import { dateTime, integer } from "./format.js";
import { askName, share } from "./coverage_words.js";
import { t } from "./words.js";

const MOST_COMPARED = 4;

export class Scenarios {
  /** `take(scenario)` puts one on the map, `changes()` gives those on the map now. */
  constructor(desk, { take, changes }) {
    Object.assign(this, { desk, take, changes, all: [], compared: new Set(), taken: null });
    this.list = h("ul", { class: "scenario-list" });
    this.comparison = h("div", { class: "scenario-comparison", "aria-live": "polite" });
    this.element = h("section", { class: "scenarios" }, h("h2", {}, t("Scenarios")), this.list, this.comparison);
  }

  async show() {
    try {
      this.all = (await get("/scenarios")).scenarios;
      this.draw();
    } catch (problem) {
      replace(this.list, h("li", { class: "inline-error", role: "alert" }, problem.message));
    }
  }

  draw() {
    replace(this.list, this.all.length ? this.all.map((one) => this.line(one)) : h("li", { class: "muted" }, t("No scenario is saved yet.")));
  }

  line(one) {
    const box = h("input", { class: "form-check-input", type: "checkbox", "aria-label": t("Compare {name}", { name: one.name }), checked: this.compared.has(one.id), onchange: () => this.compare(one.id, box.checked) });
    const mine = this.desk.page.rights.scenarios;
    return h("li", { dataset: { id: one.id }, class: this.taken?.id === one.id ? "is-taken" : null }, box,
      h("button", { type: "button", class: "btn-link", title: t("Put it on the map"), onclick: () => this.open(one.id) }, one.name, h("small", {}, t("{n} changes, {author}, {time}", { n: integer(one.change_count), author: one.author, time: dateTime(one.changed_at) }))),
      mine && this.taken?.id === one.id ? h("button", { type: "button", class: "icon-button", title: t("Save what is on the map under this name"), "aria-label": t("Save what is on the map under this name"), onclick: () => this.overwrite(one) }, icon("save")) : null,
      mine ? h("button", { type: "button", class: "icon-button", title: t("Drop it"), "aria-label": t("Drop it"), onclick: () => this.drop(one) }, icon("trash")) : null);
  }

  keep() {
    const save = async (name) => {
      this.taken = await post("/scenarios", { name, question: this.desk.question.value, changes: this.changes() });
      await this.show();
      this.desk.say(t("Saved."));
    };
    askName({ title: t("Save as a scenario"), words: t("The question and all changes are kept."), label: t("Name"), save });
  }

  async open(id) {
    try {
      this.taken = await get(`/scenarios/${id}`);
      await this.take(this.taken);
      this.draw();
    } catch (problem) {
      this.desk.say(problem.message, { bad: true });
    }
  }

  async overwrite(one) {
    try {
      this.taken = await put(`/scenarios/${one.id}`, { name: one.name, question: this.desk.question.value, changes: this.changes(), seen_version: this.taken.version });
      await this.show();
      this.desk.say(t("Saved."));
    } catch (problem) {
      this.desk.say(problem.message, { bad: true });
    }
  }

  async drop(one) {
    if (!(await ask({ title: t("Drop the scenario?"), text: one.name, yes: t("Drop it") }))) return;
    try {
      await remove(`/scenarios/${one.id}?seen_version=${one.version}`);
      this.compared.delete(one.id);
      await this.show();
    } catch (problem) {
      this.desk.say(problem.message, { bad: true });
    }
  }

  async compare(id, wanted) {
    if (wanted) this.compared.add(id);
    else this.compared.delete(id);
    while (this.compared.size > MOST_COMPARED) this.compared.delete(this.compared.values().next().value);
    this.draw();
    if (this.compared.size < 2) return replace(this.comparison);
    try {
      const { scenarios } = await get("/scenarios/compare", { ids: [...this.compared].join(",") });
      replace(this.comparison, this.table(scenarios));
    } catch (problem) {
      replace(this.comparison, h("p", { class: "inline-error", role: "alert" }, problem.message));
    }
    return undefined;
  }

  table(scenarios) {
    const row = (name, told) => h("tr", {}, h("th", { scope: "row" }, name), scenarios.map((one) => h("td", {}, told(one.outcome))));
    return h("div", { class: "table-scroll" }, h("table", { class: "compare-table" },
      h("thead", {}, h("tr", {}, h("td"), scenarios.map((one) => h("th", { scope: "col" }, one.name)))),
      h("tbody", {},
        row(t("Residents covered"), ({ after }) => share(after.covered_fraction)),
        row(t("Residents gained"), (outcome) => integer(outcome.gained_residents)),
        row(t("Residents lost"), (outcome) => integer(outcome.lost_residents)),
        row(t("Communities covered"), ({ after }) => integer(after.covered_communities)))));
  }
}
