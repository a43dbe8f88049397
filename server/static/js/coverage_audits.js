// The audits kept: how far each is, opened on the map, repeated, compared, published, taken away as files.

import { get, post } from "./api.js";
import { ask } from "./boxes.js";
import { h, icon, replace } from "./dom.js";
import { NONE, dateTime, integer, metres } from "./format.js";
import { Progress, RUNNING, askName, share, signed, stateName } from "./coverage_words.js";
import { language, named, t } from "./words.js";

const POLL_MS = 1000;
const FILES = [["report.pdf", "file-earmark-pdf", "PDF"], ["report.xlsx", "file-earmark-spreadsheet", "Excel"], ["report.gpkg", "map", "GeoPackage"]];

export class Audits {
  constructor(element, desk) {
    Object.assign(this, { element, desk, all: [], against: null });
    this.list = h("ul", { class: "audit-list", "aria-live": "polite" });
    this.comparison = h("section", { class: "audit-comparison" });
    document.addEventListener("visibilitychange", () => !document.hidden && desk.tabs?.name === "audits" && this.show());
    replace(element, h("p", { class: "hint" }, t("An audit keeps its question, what it was asked of, and every figure, as they were.")), this.comparison, this.list);
  }

  async show() {
    clearTimeout(this.timer);
    try {
      this.all = (await get("/audits")).audits;
      if (!this.tellAgain()) replace(this.list, this.all.length ? this.all.map((audit) => this.line(audit)) : h("li", { class: "muted" }, t("No audit is kept yet: ask, then keep it.")));
      if (this.all.some(({ state }) => RUNNING.has(state)) && !document.hidden) this.timer = setTimeout(() => this.desk.tabs.name === "audits" && this.show(), POLL_MS);
    } catch (problem) {
      replace(this.list, h("li", { class: "inline-error", role: "alert" }, problem.message));
    }
  }

  /** Where nothing but the progress of runs has changed, only that is told; false if more has. */
  tellAgain() {
    const marks = this.all.map((audit) => [audit.id, audit.state, audit.key, this.against?.id, audit.stop_asked].join()).join(" ");
    const same = marks && marks === this.marks;
    this.marks = marks;
    if (same) for (const audit of this.all) this.runs.get(audit.id)?.tell(howFar(audit));
    else this.runs = new Map();
    return same;
  }

  keep() {
    const save = async (name) => {
      await post("/audits", { name, question: this.desk.question.value });
      this.desk.tabs.open("audits");
    };
    askName({ title: t("Keep as an audit"), words: this.desk.saidQuestion, label: t("Name"), value: this.desk.suggestedName, yes: t("Keep"), save });
  }

  line(audit) {
    const running = RUNNING.has(audit.state);
    return h("li", { class: "audit", dataset: { id: audit.id, state: audit.state } },
      h("div", { class: "card-line" },
        audit.state === "done" ? h("button", { type: "button", class: "btn-link audit-name", onclick: () => this.open(audit) }, audit.name) : h("span", { class: "audit-name" }, audit.name),
        h("span", { class: `badge-state ${audit.key ? "is-open" : running ? "is-waiting" : ""}` }, audit.key ? t("Published") : stateName(audit.state))),
      h("p", { class: "muted audit-by" }, [named(audit.area.name), audit.author, dateTime(audit.at), audit.repeats ? t("repeats no. {n}", { n: audit.repeats }) : null].filter(Boolean).join(" · ")),
      running ? this.progress(audit) : null,
      audit.problem ? h("p", { class: "inline-error" }, audit.problem) : null,
      audit.state === "done" ? this.sums(audit.totals) : null,
      audit.state === "done" ? this.files(audit) : null,
      running ? null : this.acts(audit));
  }

  progress(audit) {
    const run = new Progress(this.mayKeep && !audit.stop_asked ? () => this.act(audit, "stop") : null).tell(howFar(audit));
    this.runs.set(audit.id, run);
    return run.element;
  }

  get mayKeep() {
    return this.desk.page.rights.keep;
  }

  sums(sums) {
    return h("p", { class: "audit-sums" }, h("strong", {}, share(sums.covered_fraction)), ` ${t("of the residents")} · `, h("strong", {}, t("{n} of {all}", { n: integer(sums.covered_communities), all: integer(sums.communities) })), ` ${t("communities covered")}`);
  }

  files(audit) {
    return h("div", { class: "file-line" }, FILES.map(([file, symbol, name]) => h("a", { href: `/api/v1/audits/${audit.id}/${file}?lang=${language}`, download: true, dataset: { file } }, icon(symbol), ` ${name}`)));
  }

  acts(audit) {
    const button = (words, symbol, done, more = {}) => h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: done, ...more }, icon(symbol), ` ${words}`);
    const isDone = audit.state === "done";
    return h("div", { class: "button-line" },
      this.mayKeep ? button(t("Run again"), "arrow-repeat", () => this.act(audit, "repeat")) : null,
      isDone && this.all.filter(({ state }) => state === "done").length > 1 ? button(this.against?.id === audit.id ? t("Compare with …") : t("Compare"), "layout-split", () => this.compare(audit), { "aria-pressed": String(this.against?.id === audit.id) }) : null,
      isDone && this.desk.page.rights.publish && !audit.key ? button(t("Publish"), "megaphone", () => this.publish(audit)) : null,
      audit.key ? h("a", { class: "btn btn-outline-secondary btn-sm", href: audit.page }, icon("box-arrow-up-right"), ` ${t("Published page")}`) : null,
      audit.key && this.desk.page.rights.publish ? button(t("Withdraw"), "eye-slash", () => this.withdraw(audit)) : null);
  }

  async act(audit, what, body = {}) {
    try {
      await post(`/audits/${audit.id}/${what}`, body);
      await this.show();
    } catch (problem) {
      this.desk.say(problem.message, { bad: true });
    }
  }

  publish(audit) {
    const save = async (statement) => {
      await post(`/audits/${audit.id}/publish`, { statement });
      await this.show();
    };
    askName({ title: t("Publish {name}", { name: audit.name }), words: t("Everybody who has the link sees the audit, under your name."), label: t("Your statement"), yes: t("Publish"), save });
  }

  async withdraw(audit) {
    if (await ask({ title: t("Withdraw the published page?"), text: audit.name, yes: t("Withdraw") })) await this.act(audit, "withdraw");
  }

  /** What an audit found comes back to the map and the table, with its question in the form. */
  async open(audit) {
    try {
      const [cells, { rows }, gaps, facilities] = await Promise.all(["cells", "rows", "gaps", "facilities"].map((part) => get(`/audits/${audit.id}/${part}`)));
      this.desk.showAudit(audit, { cells, rows, gaps, facilities });
    } catch (problem) {
      this.desk.say(problem.message, { bad: true });
    }
  }

  // --- two audits ---

  async compare(audit) {
    if (!this.against || this.against.id === audit.id) {
      this.against = this.against ? null : audit;
      replace(this.comparison, this.against ? h("p", { class: "hint" }, t("Choose the audit that {name} is compared with.", { name: audit.name })) : null);
      return this.show();
    }
    const [one, other] = [this.against, audit].sort((a, b) => a.at.localeCompare(b.at));
    this.against = null;
    try {
      replace(this.comparison, this.compared(one, other, await get(`/audits/${one.id}/compare/${other.id}`)));
    } catch (problem) {
      replace(this.comparison, h("p", { class: "inline-error", role: "alert" }, problem.message));
    }
    return this.show();
  }

  compared(one, other, { totals, differs, units }) {
    const row = (name, key, told) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, told(totals[key].before)), h("td", {}, told(totals[key].after)), h("td", {}, key === "covered_residents" || key === "covered_communities" ? signed(totals[key].after - totals[key].before) : ""));
    const turned = units.filter(({ level, before, after }) => level === "community" && before?.covered !== after?.covered);
    return h("div", { class: "table-scroll" },
      h("div", { class: "card-line" }, h("h2", {}, t("Two audits")), h("button", { type: "button", class: "icon-button", title: t("Close"), "aria-label": t("Close"), onclick: () => replace(this.comparison) }, icon("x-lg"))),
      h("table", { class: "compare-table" },
        h("thead", {}, h("tr", {}, h("td"), h("th", { scope: "col" }, one.name), h("th", { scope: "col" }, other.name), h("th", { scope: "col" }, t("Change")))),
        h("tbody", {}, row(t("Covered"), "covered_fraction", share), row(t("Residents covered"), "covered_residents", integer), row(t("Communities covered"), "covered_communities", integer), row(t("Grids"), "covered_grids", integer), row(t("Mean way"), "mean_m", (value) => (value == null ? NONE : metres(value))))),
      differs.length ? h("p", { class: "hint" }, t("Not the same in both:")) : null,
      differs.length ? h("ul", { class: "differs" }, differs.map(({ says }) => h("li", {}, named(says)))) : null,
      turned.length ? h("details", { class: "changed-communities" }, h("summary", {}, t("{n} communities change", { n: integer(turned.length) })), h("ul", {}, turned.map((unit) => h("li", {}, h("button", { type: "button", class: "btn-link", onclick: () => this.desk.map.goTo(unit.code) }, named(unit.name)), h("span", { class: "muted" }, ` ${t(unit.after?.covered ? "now covered" : "no longer covered")}`))))) : h("p", { class: "hint" }, t("No community changes.")));
  }
}

const howFar = ({ done, total, state, stop_asked: stopping }) => ({
  done, total, words: stopping ? t("Stopping") : total && state !== "waiting" ? t("{done} of {total}", { done: integer(done), total: integer(total) }) : stateName(state),
});
