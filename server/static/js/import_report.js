// What a check found: findings and changed units as tables, filtered by severity and rule.

import { h, replace } from "./dom.js";
import { area, coordinates, integer } from "./format.js";
import { SEVERITIES, amountWords, countWords, severityName, severityWord, unitWords } from "./import_words.js";
import { markOf } from "./import_map.js";
import { PagedTable } from "./paged_table.js";
import { language, named, t } from "./words.js";

const percent = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", { style: "percent", maximumSignificantDigits: 3, signDisplay: "exceptZero" });
const TOTALS = { error: "errors", left_out: "left_out", repaired: "repaired", notice: "notices" };

export class ImportReport {
  constructor(element, { marks, rules, choose, chooseUnit, filtered }) {
    Object.assign(this, { element, marks, rules, choose, chooseUnit, filtered });
    this.hidden = new Set();
    this.summary = element.querySelector(".report-summary");
    this.filters = element.querySelector(".report-filters");
    this.views = { findings: element.querySelector(".findings"), changes: element.querySelector(".changes") };
    this.findings = new PagedTable(this.views.findings, {
      label: t("Findings"), columns: this.findingColumns(), keyOf: ({ id }) => id, choose: (finding) => choose(finding),
      detail: (finding) => this.detail(finding), empty: t("No findings."),
    });
    this.changes = new PagedTable(this.views.changes, {
      label: t("Changed units"), columns: changeColumns(), keyOf: ({ row }) => row, choose: (change) => chooseUnit(change, changeWords(change)), empty: t("No unit changes."),
    });
    this.clear();
  }

  findingColumns() {
    const rank = ({ severity }) => SEVERITIES.indexOf(severity);
    return [
      { key: "rule", label: t("Finding"), order: (f) => this.ruleName(f.rule), cell: (f) => [markOf(f.severity, this.marks), h("span", {}, h("span", { class: "visually-hidden" }, `${severityWord(f.severity)}: `), this.ruleName(f.rule))] },
      { key: "units", label: t("Unit"), order: (f) => unitWords(f), cell: (f) => unitWords(f) },
      { key: "amount", label: t("Amount"), numeric: true, order: (f) => f.amount ?? -1, cell: (f) => amountWords(f.amount, f.unit) },
      { key: "gravity", label: t("Severity"), order: rank, cell: (f) => severityWord(f.severity) },
    ];
  }

  ruleName(rule) {
    return named(this.rules.get(rule)?.name) || rule;
  }

  detail(finding) {
    const place = finding.lon == null ? t("no place on the map") : coordinates({ lng: finding.lon, lat: finding.lat });
    return h("div", { class: "finding-detail" },
      h("p", {}, named(this.rules.get(finding.rule)?.meaning)),
      h("p", { lang: "en" }, finding.message),
      h("p", { class: "muted" }, finding.rows.length ? t("Row {rows}", { rows: finding.rows.join(", ") }) : null, finding.rows.length ? " · " : null, place));
  }

  clear(state) {
    this.report = null;
    for (const view of Object.values(this.views)) view.hidden = true;
    replace(this.filters);
    const running = state === "checking" ? [h("div", { class: "bone w-75" }), h("div", { class: "bone w-60" })] : null;
    replace(this.summary, running ?? h("p", { class: "muted" }, t("There is no report: the file was not checked to the end.")));
  }

  show(report) {
    this.report = report;
    this.rule = "";
    this.hidden.clear();
    this.view = "findings";
    replace(this.summary, this.summaryLine(report));
    replace(this.filters, this.viewSwitch(report), this.chips(report), this.ruleSelect(report));
    this.changes.show(report.changes);
    this.open("findings");
    this.filter();
  }

  summaryLine(report) {
    const listed = report.findings.length;
    const all = Object.values(TOTALS).reduce((sum, name) => sum + report[name], 0);
    const counts = countWords(report.counts).join(" · ") || t("nothing");
    return [
      h("p", { class: "would" }, report.errors ? t("Nothing can be written while there are errors.") : t("Applying it writes: {counts}", { counts })),
      listed < all ? h("p", { class: "muted" }, t("{n} of {all} findings are listed; of each rule the largest.", { n: integer(listed), all: integer(all) })) : null,
    ];
  }

  viewSwitch(report) {
    if (!report.changes.length) return null;
    const button = (view, label) => h("label", {}, h("input", { type: "radio", name: "view", value: view, checked: view === "findings", onchange: () => this.open(view) }), h("span", {}, label));
    return h("fieldset", { class: "segments" }, h("legend", { class: "visually-hidden" }, t("Show")),
      button("findings", t("Findings ({n})", { n: integer(report.findings.length) })), button("changes", t("Changed units ({n})", { n: integer(report.changed) })));
  }

  chips(report) {
    const there = SEVERITIES.filter((severity) => report[TOTALS[severity]]);
    return h("fieldset", { class: "chips severity-chips" }, h("legend", { class: "visually-hidden" }, t("Severity")), there.map((severity) => {
      const input = h("input", { type: "checkbox", name: "severity", value: severity, checked: true });
      input.addEventListener("change", () => {
        if (input.checked) this.hidden.delete(severity);
        else this.hidden.add(severity);
        this.filter();
      });
      return h("label", {}, input, h("span", {}, markOf(severity, this.marks), severityName(severity), " ", h("b", {}, integer(report[TOTALS[severity]]))));
    }));
  }

  ruleSelect(report) {
    if (report.summary.length < 2) return null;
    const counts = new Map();
    for (const { rule, count } of report.summary) counts.set(rule, (counts.get(rule) ?? 0) + count);
    const select = h("select", { class: "form-select form-select-sm", name: "rule", "aria-label": t("Rule") }, h("option", { value: "" }, t("All rules")),
      [...counts].map(([rule, count]) => h("option", { value: rule }, `${this.ruleName(rule)} (${integer(count)})`)));
    select.addEventListener("change", () => {
      this.rule = select.value;
      this.filter();
    });
    return select;
  }

  open(view) {
    this.view = view;
    for (const [name, each] of Object.entries(this.views)) each.hidden = name !== view;
    for (const each of this.filters.querySelectorAll(".severity-chips, select")) each.hidden = view !== "findings";
  }

  filter() {
    const shown = this.report.findings.filter(({ severity, rule }) => !this.hidden.has(severity) && (!this.rule || rule === this.rule));
    this.findings.show(shown);
    this.filtered(shown);
  }

  select(id) {
    const radio = this.filters.querySelector("input[value=findings]");
    if (radio) radio.checked = true;
    this.open("findings");
    this.findings.select(id);
  }

  /** The gravest finding of a row of the file; false if there is none. */
  selectRow(row) {
    if (!this.report) return false;
    if (this.view !== "findings") return this.changes.select(row);
    const finding = this.findings.listed?.find(({ rows }) => rows.includes(row));
    return Boolean(finding) && this.findings.select(finding.id);
  }
}

function changeColumns() {
  const number = (key, label, of, words) => ({ key, label, numeric: true, order: of, cell: (change) => words(of(change)) });
  return [
    { key: "name", label: t("Unit"), order: ({ name }) => name, cell: ({ name }) => name },
    number("before", t("Before"), ({ before_m2: m2 }) => m2, area),
    number("after", t("After"), ({ after_m2: m2 }) => m2, area),
    number("gained", t("Gained"), ({ gained_m2: m2 }) => m2, area),
    number("lost", t("Lost"), ({ lost_m2: m2 }) => m2, area),
    number("fraction", "%", ({ fraction }) => fraction, (fraction) => percent.format(fraction)),
  ];
}

function changeWords({ name, before_m2: before, after_m2: after, fraction }) {
  return [h("strong", {}, name), h("span", {}, `${area(before)} → ${area(after)}`), h("span", {}, percent.format(fraction))];
}
