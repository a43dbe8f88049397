// The page of coverage: the question at the left, the map, and what it comes to beside it. Folium's script calls `start`.

import { get, post } from "./api.js";
import { integer, short } from "./format.js";
import { h, replace } from "./dom.js";
import { Audits } from "./coverage_audits.js";
import { Bands } from "./coverage_bands.js";
import { CoverageMap } from "./coverage_map.js";
import { Matrix } from "./coverage_matrix.js";
import { Outcome } from "./coverage_outcome.js";
import { Question } from "./coverage_question.js";
import { Sites } from "./coverage_sites.js";
import { refusalWords } from "./coverage_words.js";
import { WhatIf } from "./coverage_what_if.js";
import { Labels } from "./labels.js";
import { isPhone } from "./sheet.js";
import { Tabs } from "./studio_tabs.js";
import { t } from "./words.js";

const PAUSE_MS = 450;
const TOLD_MS = 5000;

const element = (id) => document.getElementById(id);

export function start(parts) {
  window.wangge = { ...parts, coverage: new CoveragePage(parts) };
}

class CoveragePage {
  constructor({ map, division, page }) {
    this.page = page;
    this.map = new CoverageMap({
      map, division, page, hovered: (code) => this.outcome?.hover(code), chosen: (code) => this.chosen(code), moved: () => this.outcome?.list(),
      pointed: (facility) => this.pointed(facility),
    });
    new Labels().addTo(map);
    this.outcome = new Outcome(element("panel-reach"), this);
    element("run").addEventListener("click", () => this.run());
    element("keep").addEventListener("click", () => this.audits.keep());
    element("question-fold").addEventListener("click", () => this.foldQuestion());
    element("legend-fold").addEventListener("click", () => this.foldLegend());
    for (const name of ["gaps", "circles"]) element(`show-${name}`).addEventListener("change", () => this.outlines());
    element("show-points").addEventListener("change", () => this.map.points.setShown(element("show-points").checked));
    document.addEventListener("keydown", (event) => this.key(event));
    if (isPhone()) this.foldLegend();
    this.load();
  }

  async load() {
    try {
      const [options, { services }] = await Promise.all([get("/coverage/options"), get("/services")]);
      this.question = new Question(element("ask"), { options, services, changed: () => this.changed() });
      this.whatIf = new WhatIf(element("panel-what-if"), this);
      this.sites = new Sites(element("panel-sites"), this);
      this.audits = new Audits(element("panel-audits"), this);
      this.matrix = new Matrix(element("panel-matrix"), this);
      this.buildTabs();
      element("keep").hidden = !this.page.rights.keep;
      await this.run();
    } catch (problem) {
      this.refuse(problem);
    }
  }

  buildTabs() {
    const panels = { reach: this.outcome, "what-if": this.whatIf, sites: this.sites, audits: this.audits, matrix: this.matrix };
    const shown = Object.fromEntries(Object.entries(panels).map(([name, panel]) => [name, { show: () => this.opened(name, panel) }]));
    this.tabs = { name: "reach" };
    this.tabs = new Tabs(document.querySelector(".answers [role=tablist]"), shown);
  }

  opened(name, panel) {
    this.tabs.name = name;
    for (const other of [this.sites, this.matrix]) if (other !== panel) other.hide();
    if (panel !== this.whatIf) this.whatIf.leave();
    this.whatIf.mark();
    panel.show();
  }

  // --- asking ---

  changed() {
    clearTimeout(this.timer);
    this.audit = null;
    this.timer = setTimeout(() => this.run(), PAUSE_MS);
  }

  /** Put a question into the form and ask it. */
  async takeQuestion(question) {
    this.question.take(question);
    await this.run();
  }

  async run() {
    clearTimeout(this.timer);
    this.question.mark(null);
    if (this.question.faults.length) return this.refuse({ message: t("Mend the marked fields first.") });
    this.request?.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    const asked = this.question.value;
    this.busy(true);
    try {
      const answer = await post("/coverage/reach", asked, { signal });
      this.take(asked, answer);
      this.matrix.forget();
      this.whatIf.recount();
    } catch (problem) {
      if (problem.name !== "AbortError") this.refuse(problem);
    } finally {
      if (!signal.aborted) this.busy(false);
    }
    return undefined;
  }

  busy(is) {
    element("working").hidden = !is;
    element("answers").setAttribute("aria-busy", String(is));
  }

  /** An answer of the API, or what an audit kept in the same form, comes to the map, the legend and the table. */
  take(asked, answer) {
    element("ask-fault").hidden = true;
    element("answers").removeAttribute("data-stale");
    const bands = new Bands({ asked, totals: answer.totals, colours: this.page.colours });
    Object.assign(this, { asked, answer, bands });
    this.map.show({ cells: answer.cells, bands });
    this.map.points.show(answer.facilities.features.map(({ id, geometry, properties }) => ({ id: properties.id ?? id, lon: geometry.coordinates[0], lat: geometry.coordinates[1], ...properties })));
    const how = this.question.howWords(answer.limit_m);
    element("limit-words").textContent = how;
    element("asked-in-words").textContent = `${this.question.whatWords()} · ${how}`;
    this.outcome.take(answer, bands, how);
    this.outlines();
    this.legend();
  }

  /** What an audit kept, shown as if it had just been asked; its question stands in the form. */
  showAudit(audit, { cells, rows, gaps, facilities }) {
    this.question.take(audit.question);
    this.take(audit.question, { totals: audit.totals, limit_m: audit.inputs.limit_m, findings: audit.totals.findings ?? [], cells, rows, gaps, facilities });
    this.audit = audit;
    this.tabs.open("reach");
    this.say(t("{name}, as it was kept. Change the question to ask anew.", { name: audit.name }));
  }

  refuse(problem) {
    element("answers").toggleAttribute("data-stale", true);
    this.question?.mark(problem.rest?.field ?? problem.rest?.errors?.[0]?.field);
    element("ask-fault").textContent = refusalWords(problem);
    element("ask-fault").hidden = false;
    element("answers").setAttribute("aria-busy", "false");
  }

  get saidQuestion() {
    return element("asked-in-words").textContent;
  }

  get suggestedName() {
    return this.question.whatWords();
  }

  // --- on the map ---

  async outlines() {
    this.map.outline("gaps", element("show-gaps").checked ? this.answer?.gaps : null);
    if (this.circled !== this.asked) this.map.outline("circles", null); // those of another question would mislead
    if (!element("show-circles").checked || !this.asked) return this.map.outline("circles", null);
    element("working").hidden = false;
    try {
      const { asked } = this;
      const circles = await post("/coverage/circles", asked);
      if (asked !== this.asked || !element("show-circles").checked) return undefined;
      this.circled = asked;
      this.map.outline("circles", circles);
    } catch (problem) {
      this.say(problem.message, { bad: true });
    } finally {
      element("working").hidden = element("answers").getAttribute("aria-busy") !== "true";
    }
    return undefined;
  }

  legend() {
    if (!this.answer) return;
    const { colours } = this.page;
    const communities = Boolean(this.map.reached);
    element("legend-title").textContent = communities ? t("Reaches the service") : t("Way to the nearest");
    if (communities) return this.plainLegend([[colours.reached, t("reached"), this.map.reached.size], [colours.unreached, t("not reached"), null]]);
    const rows = this.bands.colours.map((_, band) => this.bands.isListed(band) && this.legendRow(band)).filter(Boolean);
    const changes = [["gained", t("gained")], ["lost", t("lost")]].filter(([name]) => this.map[name].size).map(([name, words]) => plainRow(colours[name], words, integer(this.whatIf.answer?.[`${name}_residents`])));
    replace(element("legend"), h("li", { class: "legend-head" }, h("span", {}, this.asked.method === "walk" ? t("on foot") : t("straight line")), h("span", { class: "count" }, t("residents"))), rows, plainRow(colours.empty, t("nobody lives there")), changes);
    return undefined;
  }

  plainLegend(rows) {
    replace(element("legend"), rows.map(([colour, words, n]) => plainRow(colour, words, n == null ? "" : integer(n))));
  }

  legendRow(band) {
    const pressed = this.map.picked === band;
    const pick = () => { this.map.pick(pressed ? null : band); this.legend(); };
    const residents = this.bands.residents[band];
    return h("li", {}, h("button", { type: "button", class: "legend-row", "aria-pressed": String(pressed), title: t("Show this class only"), onclick: pick }, swatch(this.bands.colours[band]), h("span", { class: "range" }, this.bands.words(band)), h("span", { class: "count" }, residents === null ? "" : short(residents))));
  }

  chosen(code) {
    this.map.division.setHighlight("selected", { layer: "community", code });
    if (this.tabs?.name === "reach") this.outcome.choose(code);
  }

  /** A facility was clicked: it may be changed where changes are made. */
  pointed(facility) {
    if (this.tabs?.name !== "what-if") return false;
    this.whatIf.choose(facility);
    return true;
  }

  key(event) {
    const typing = event.target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
    if (event.key === "Escape" && this.map.tool) this.whatIf.endOpening();
    else if (event.key === "Enter" && this.map.tool && event.target === this.map.map.getContainer()) this.map.tool(this.map.map.getCenter());
    else if (event.key === "Enter" && typing && event.target.form?.id === "ask") this.run();
  }

  foldQuestion() {
    const open = element("question-panel").classList.toggle("is-open");
    element("question-fold").setAttribute("aria-expanded", String(open));
  }

  foldLegend() {
    const open = element("legend-fold").getAttribute("aria-expanded") !== "true";
    element("legend-fold").setAttribute("aria-expanded", String(open));
    element("legend-body").hidden = !open;
  }

  say(text, { bad = false } = {}) {
    clearTimeout(this.told);
    element("told").textContent = text;
    element("told").classList.toggle("is-bad", bad);
    element("told").hidden = false;
    this.told = setTimeout(() => { element("told").hidden = true; }, TOLD_MS);
  }
}

const swatch = (colour) => h("span", { class: "swatch", style: { background: colour } });

const plainRow = (colour, words, n = "") => h("li", { class: "legend-row" }, swatch(colour), h("span", { class: "range" }, words), h("span", { class: "count" }, n));
