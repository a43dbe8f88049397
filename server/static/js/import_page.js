// The page of one import: its steps on the left, the map on the right. Folium's script calls `start`.

import { get, post, remove } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { integer } from "./format.js";
import { ImportForm, fileFacts } from "./import_form.js";
import { ImportMap, legendRows } from "./import_map.js";
import { ImportReport } from "./import_report.js";
import { RUNNING, countWords, stateName, stepName } from "./import_words.js";
import { t } from "./words.js";

const POLL_MS = 700;
const STEPS = ["file", "columns", "report", "apply"];

export function start(parts) {
  window.wangge = { ...parts, import: new ImportPage(parts) };
}

const element = (id) => document.getElementById(id);

class ImportPage {
  constructor({ map, division, page }) {
    Object.assign(this, { map, division, page });
    this.rules = new Map();
    this.units = null;
    this.drawn = null;
    this.importMap = new ImportMap({ map, page, rules: this.rules, pick: (id) => this.pick(id), pickUnit: (row) => this.report.selectRow(row) });
    this.form = new ImportForm(element("settings"), { hasCity: page.hasCity, changed: () => this.showChanged() });
    this.report = new ImportReport(element("step-report"), {
      marks: page.severityMarks,
      rules: this.rules,
      choose: (finding) => this.importMap.show(finding),
      chooseUnit: (change, words) => this.importMap.showUnit(change.row, words),
      filtered: (findings) => this.importMap.drawFindings(findings),
    });
    this.buildMap();
    this.buildActions();
    this.importMap.fitCity();
    this.load();
  }

  // --- building ---

  buildMap() {
    const { map } = this;
    L.control.scale({ imperial: false, position: "bottomright", maxWidth: 110 }).addTo(map);
    element("zoom-in").addEventListener("click", () => map.zoomIn());
    element("zoom-out").addEventListener("click", () => map.zoomOut());
    element("zoom-all").addEventListener("click", () => this.importMap.fitAll());
    element("map-attribution").textContent = this.page.attribution;
    new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
    map.getContainer().setAttribute("role", "application");
    map.getContainer().setAttribute("aria-label", t("Map. Arrow keys move, plus and minus zoom."));
  }

  buildActions() {
    for (const tab of document.querySelectorAll("[role=tab]")) {
      tab.addEventListener("click", () => this.open(tab.dataset.step));
      tab.addEventListener("keydown", (event) => this.tabKey(event, tab.dataset.step));
    }
    for (const name of ["check-again", "cancel-run"]) element(name).addEventListener("click", () => this.act(name));
    element("settings").addEventListener("submit", (event) => event.preventDefault());
    element("settings").addEventListener("change", (event) => ["layer", "encoding"].includes(event.target.name) && this.form.lookAgain());
    element("apply").addEventListener("click", () => this.confirmApply());
    element("abandon").addEventListener("click", () => element("abandon-dialog").showModal());
    for (const dialog of document.querySelectorAll("dialog")) {
      dialog.addEventListener("close", () => dialog.returnValue === "yes" && this.act(dialog.dataset.act));
    }
    document.addEventListener("visibilitychange", () => !document.hidden && this.isRunning && this.load());
    window.addEventListener("hashchange", () => this.open(location.hash.slice(1)));
  }

  tabKey(event, step) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = STEPS[(STEPS.indexOf(step) + by + STEPS.length) % STEPS.length];
    this.open(next);
    element(`tab-${next}`).focus();
  }

  /** Show a step; without a known name the one that the state asks for. */
  open(step) {
    const wanted = STEPS.includes(step) ? step : this.stepOf();
    for (const each of STEPS) {
      element(`step-${each}`).hidden = each !== wanted;
      const tab = element(`tab-${each}`);
      tab.setAttribute("aria-selected", String(each === wanted));
      tab.tabIndex = each === wanted ? 0 : -1;
    }
    document.querySelector(".step-bodies").scrollTop = 0;
    if (STEPS.includes(step)) history.replaceState(null, "", `#${step}`);
  }

  stepOf() {
    const { state } = this.job;
    if (state === "applied" || state === "applying") return "apply";
    if (state === "checked" || (state === "checking" && this.job.outcome)) return "report";
    return state === "failed" || state === "cancelled" ? "columns" : "file";
  }

  // --- the import as the server knows it ---

  get isRunning() {
    return RUNNING.includes(this.job?.state);
  }

  async load() {
    clearTimeout(this.next);
    try {
      const first = !this.job?.file;
      const told = await get(`/imports/${this.page.id}`, first ? {} : { file: false });
      await this.take(first ? told : { ...told, file: this.job.file });
      element("page-fault").hidden = true;
    } catch (problem) {
      this.showFault(problem);
    }
    if (this.isRunning && !document.hidden) this.next = setTimeout(() => this.load(), POLL_MS);
  }

  async take(job) {
    const before = this.job?.state;
    this.job = job;
    this.showHead();
    this.showRun();
    if (!before) {
      replace(element("file-facts"), fileFacts(job));
      this.form.show(job);
    }
    if (before !== job.state) await this.enter(before);
    this.showChanged();
  }

  /** The import has come into another state. */
  async enter(before) {
    const { state, outcome } = this.job;
    if (RUNNING.includes(before)) element("said").textContent = stateName(state);
    if (outcome && !this.isRunning && state !== "failed" && state !== "cancelled") await this.showReport();
    else if (!outcome || state === "checking") this.clearReport();
    this.showApply();
    this.showProblem();
    this.open(before ? "" : location.hash.slice(1));
    if (before) history.replaceState(null, "", location.pathname);
  }

  async showReport() {
    const report = await get(`/imports/${this.page.id}/report`);
    this.rules.clear();
    for (const each of report.summary) this.rules.set(each.rule, each);
    if (this.drawn !== this.job.changed_at) {
      this.units = await this.importMap.load(this.page.id);
      this.drawn = this.job.changed_at;
      this.importMap.fitAll();
    }
    this.report.show(report);
    this.showLegend(report);
  }

  clearReport() {
    this.importMap.clear();
    this.report.clear(this.job.state);
    replace(element("legend-rows"));
    element("legend").hidden = true;
  }

  // --- showing ---

  showHead() {
    const { state, outcome } = this.job;
    const blocked = state === "checked" && outcome.errors > 0;
    const badge = element("state");
    badge.className = `state-badge state-${blocked ? "blocked" : state}`;
    badge.textContent = blocked ? t("Blocked") : stateName(state);
    const judged = Boolean(outcome) && ["checked", "applying", "applied"].includes(state);
    const done = { file: true, columns: judged, report: judged && !blocked, apply: state === "applied" };
    for (const step of STEPS) element(`tab-${step}`).dataset.done = String(done[step]);
    element("tab-report").dataset.bad = String(blocked);
    element("abandon").hidden = this.isRunning || state === "applied";
  }

  showRun() {
    const { step, done, total, cancel_asked: asked } = this.job.progress;
    element("run").hidden = !this.isRunning;
    if (!this.isRunning) return;
    const name = asked ? t("Stopping") : stepName(step);
    if (element("run-step").textContent !== name) element("run-step").textContent = name;
    element("run-count").textContent = total && done ? t("{done} of {total}", { done: integer(done), total: integer(total) }) : integerOrNothing(done || total);
    const bar = element("run-bar");
    bar.classList.toggle("is-endless", !(total && done));
    if (total && done) bar.setAttribute("aria-valuenow", String(Math.round((100 * done) / total)));
    else bar.removeAttribute("aria-valuenow");
    bar.firstElementChild.style.width = total && done ? `${(100 * done) / total}%` : "";
    element("cancel-run").disabled = asked;
  }

  showProblem() {
    const { state, problem } = this.job;
    const box = element("problem");
    box.hidden = !["failed", "cancelled"].includes(state);
    if (state === "failed") replace(box, icon("x-octagon"), h("div", {}, h("strong", {}, t("It did not work; nothing was written.")), h("p", { lang: "en" }, problem), h("p", { class: "muted" }, t("Change the settings below and check again, or mend the file and bring it in anew."))));
    if (state === "cancelled") replace(box, icon("slash-circle"), h("div", {}, h("strong", {}, t("Cancelled; nothing was written.")), h("p", { class: "muted" }, t("Check again whenever you like, or abandon the import."))));
  }

  showLegend(report) {
    const counts = { error: report.errors, left_out: report.left_out, repaired: report.repaired, notice: report.notices };
    replace(element("legend-rows"), legendRows({ marks: this.page.severityMarks, counts, units: this.units }));
    element("legend").hidden = false;
  }

  showChanged() {
    const open = !["applied", "applying", "checking"].includes(this.job?.state);
    const again = open && (this.form.isChanged || ["failed", "cancelled"].includes(this.job?.state));
    element("changed").hidden = !again;
    element("changed-words").textContent = this.form.isChanged ? t("Settings were changed; the report is of the ones before.") : t("Not checked yet.");
    for (const control of element("settings").elements) control.disabled = !open;
    this.showApply();
  }

  showApply() {
    const { state, outcome } = this.job;
    const errors = outcome?.errors ?? 0;
    const counts = countWords(outcome?.counts);
    const nothing = outcome && !Object.values(outcome.counts).some((n) => n > 0);
    element("apply").disabled = state !== "checked" || errors > 0 || this.form.isChanged || nothing;
    element("apply").hidden = state === "applied";
    replace(element("apply-words"), applyWords({ state, errors, counts, nothing, changed: this.form.isChanged, outcome, openReport: () => this.open("report") }));
  }

  showFault(problem) {
    element("page-fault").hidden = false;
    replace(element("page-fault"), icon("exclamation-triangle"), h("span", {}, problem.message), h("button", { type: "button", class: "btn-link", onclick: () => this.load() }, t("Try again")));
  }

  pick(id) {
    this.open("report");
    this.report.select(id);
  }

  // --- acting ---

  confirmApply() {
    element("apply-counts").textContent = countWords(this.job.outcome.counts).join(" · ");
    element("apply-dialog").showModal();
  }

  async act(name) {
    const at = `/imports/${this.page.id}`;
    try {
      if (name === "abandon") {
        await remove(at);
        location.assign("/imports");
        return;
      }
      const settings = this.form.settings();
      const calls = { "check-again": () => post(`${at}/check`, settings), apply: () => post(`${at}/apply`, {}), "cancel-run": () => post(`${at}/cancel`, {}) };
      const told = await calls[name]();
      if (name === "check-again") this.form.saved = JSON.stringify(settings);
      await this.take({ ...told, file: this.job.file });
      this.load();
    } catch (problem) {
      this.showFault(problem);
    }
  }
}

const integerOrNothing = (n) => (n ? integer(n) : "");

function applyWords({ state, errors, counts, nothing, changed, outcome, openReport }) {
  if (state === "applied") {
    return [h("div", { class: "done-box" }, icon("check-circle-fill"), h("div", {}, h("strong", {}, t("Written to the city")), list(countWords(outcome.written)), h("a", { href: "/" }, t("See it on the overview"))))];
  }
  if (state === "applying") return [h("p", {}, t("Being written; everything or nothing."))];
  if (!outcome || state !== "checked") return [h("p", { class: "muted" }, t("First the file must pass its check."))];
  if (errors) {
    return [h("div", { class: "blocked-box" }, icon("exclamation-octagon"), h("div", {}, h("strong", {}, t("{n} errors block the import.", { n: integer(errors) })), h("p", {}, t("Mend them in the file and bring it in anew, or change the columns and options and check again.")), h("button", { type: "button", class: "btn-link", onclick: openReport }, t("Show the errors"))))];
  }
  if (changed) return [h("p", {}, t("Settings were changed: check again before you apply."))];
  if (nothing) return [h("p", {}, t("There is nothing to write: everything is there already or was left out."))];
  return [h("p", {}, t("This will be written:")), list(counts)];
}

const list = (words) => h("ul", { class: "counts" }, words.map((word) => h("li", {}, word)));
