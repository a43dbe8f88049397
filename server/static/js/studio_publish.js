// Publishing: what is checked, what would happen, from when, on what grounds. Done, the page shows the plan as it is then.

import { get, post } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { cityDay, integer, sinceAsked } from "./format.js";
import { ruleWords } from "./studio_words.js";
import { t } from "./words.js";

const SHOWN = 12;
// What a reason on record answers.
const OVERRIDABLE = ["not_supported", "changed_since_heard"];

// What a planner answers for, and the rules that speak of it.
const CHECKS = [
  ["Every spot of ground lies in one grid", ["community_not_filled", "overlap", "empty_grid", "cell_not_whole", "in_pieces", "outside_scope", "nothing_changed"]],
  ["Every grid has its people", ["unstaffed", "nobody_posted"]],
  ["Codes by the rule, none given twice", ["codes_used_up"]],
  ["The residents were heard", ["not_supported", "changed_since_heard", "still_heard", "support_set_aside"]],
  ["The date, and the plan it starts from", ["in_the_past", "too_early", "too_late", "not_the_newest", "both_changed", "not_a_draft"]],
];

export class PublishDialog {
  constructor(dialog, desk) {
    Object.assign(this, { dialog, desk });
    this.checks = dialog.querySelector(".publish-checks");
    this.happens = dialog.querySelector(".publish-happens");
    this.fault = dialog.querySelector(".form-error");
    this.button = dialog.querySelector("[type=submit]");
    this.since = dialog.querySelector("[name=since]");
    this.decision = dialog.querySelector("[name=decision]");
    this.since.addEventListener("change", () => this.inspect());
    dialog.querySelector("form").addEventListener("submit", (event) => this.publish(event));
  }

  open() {
    const { plan, version } = this.desk.draft;
    this.version = version;
    this.since.min = cityDay();
    this.since.value ||= cityDay(1);
    this.decision.value ||= plan.decision ?? "";
    this.dialog.showModal();
    return this.inspect();
  }

  async inspect() {
    this.button.disabled = true;
    this.fault.hidden = true;
    replace(this.checks, h("li", { class: "skeleton w-75" }), h("li", { class: "skeleton w-60" }));
    replace(this.happens);
    try {
      this.tell(await get(`/plans/${this.desk.draft.id}/publication`, sinceAsked(this.since.value)));
    } catch (problem) {
      replace(this.checks);
      this.refuse(problem);
    }
  }

  tell(publication) {
    const { findings, blocked } = publication;
    this.version = publication.version ?? this.version; // what was checked is what is published
    const named = new Set(CHECKS.flatMap(([, rules]) => rules));
    const groups = [...CHECKS, ["Other", [...new Set(findings.map(({ rule }) => rule))].filter((rule) => !named.has(rule))]];
    replace(this.checks, groups.map(([words, rules]) => this.check(t(words), findings.filter(({ rule }) => rules.includes(rule)), words === "Other")));
    replace(this.happens, consequences(publication));
    const unsupported = findings.some(({ rule }) => OVERRIDABLE.includes(rule));
    this.dialog.querySelector(".publish-override").hidden = !unsupported;
    this.button.disabled = blocked && findings.some(({ rule, severity }) => severity === "error" && !OVERRIDABLE.includes(rule));
  }

  check(words, findings, onlyIfAny) {
    if (onlyIfAny && !findings.length) return null;
    const bad = findings.some(({ severity }) => severity === "error");
    return h(
      "li", { class: bad ? "is-bad" : findings.length ? "is-notable" : "is-good" }, icon(bad ? "x-octagon-fill" : findings.length ? "info-circle-fill" : "check-circle-fill"),
      h("div", {}, h("strong", {}, words), findings.length ? h("span", { class: "count" }, ` ${integer(findings.length)}`) : null, findings.length ? h("ul", {}, findings.slice(0, SHOWN).map((finding) => this.finding(finding))) : null),
    );
  }

  finding(finding) {
    const words = ruleWords(finding, (code) => this.desk.nameOfCode(code));
    const there = finding.lon == null && !finding.grids?.length ? words : h("button", { type: "button", class: "btn-link", onclick: () => this.goTo(finding) }, words);
    const mend = finding.rule === "not_the_newest" ? h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: () => this.rebase() }, t("Put this draft on the newest plan")) : null;
    return h("li", {}, there, mend);
  }

  goTo(finding) {
    this.dialog.close();
    this.desk.goTo({ ...finding, grids: (finding.grids ?? []).map((code) => this.desk.keyOfCode(code)).filter((key) => key !== null) });
  }

  async rebase() {
    const { draft } = this.desk;
    try {
      await post(`/plans/${draft.id}/rebase`, { seen_version: draft.version });
      location.reload();
    } catch (problem) {
      this.refuse(problem);
    }
  }

  async publish(event) {
    event.preventDefault();
    const given = new FormData(event.target);
    this.button.disabled = true;
    this.fault.hidden = true;
    const { draft } = this.desk;
    const reason = given.get("override_reason");
    try {
      await post(`/plans/${draft.id}/publish`, { ...sinceAsked(given.get("since")), decision: given.get("decision"), seen_version: this.version, ...(reason ? { override_reason: reason } : {}) });
      this.dialog.close();
      location.reload();
    } catch (problem) {
      if (problem.rest?.type === "urn:wangge:StaleEdit") await this.inspect();
      this.refuse(problem);
    }
  }

  refuse(problem) {
    const { type, findings = [] } = problem.rest ?? {};
    const told = findings.map((finding) => ruleWords(finding, (code) => this.desk.nameOfCode(code))).join(" ") || problem.message;
    this.fault.textContent = type === "urn:wangge:StaleEdit" ? t("The draft was changed meanwhile. It was checked anew: read that, then publish.") : told;
    this.fault.hidden = false;
    this.button.disabled = false;
  }
}

function consequences({ grids, communities, postings, residents_moved: residents }) {
  const said = [
    [t("Communities that change"), communities.length ?? communities], [t("Grids that end"), grids.ended.length], [t("New grids, with codes by the rule"), grids.new.length],
    [t("Residents moved"), residents], [t("People who change grids"), postings.length],
  ];
  return said.map(([words, value]) => h("div", {}, h("dt", {}, words), h("dd", {}, integer(value))));
}
