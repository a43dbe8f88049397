// Publishing: what is checked, what would happen, from when, on what grounds. The answer says what did happen.

import { get, post } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { integer } from "./format.js";
import { checkWords } from "./studio_words.js";
import { t } from "./words.js";

const SHOWN = 20;

export class PublishDialog {
  constructor(dialog, desk) {
    Object.assign(this, { dialog, desk });
    this.checks = dialog.querySelector(".publish-checks");
    this.happens = dialog.querySelector(".publish-happens");
    this.fault = dialog.querySelector(".form-error");
    this.button = dialog.querySelector("[type=submit]");
    dialog.querySelector("form").addEventListener("submit", (event) => this.publish(event));
    for (const each of dialog.querySelectorAll("[data-close]")) each.addEventListener("click", () => dialog.close());
  }

  async open() {
    this.button.disabled = true;
    this.fault.hidden = true;
    this.dialog.querySelector("[name=since]").value ||= tomorrow();
    replace(this.checks, h("div", { class: "skeleton w-75" }), h("div", { class: "skeleton w-60" }));
    replace(this.happens);
    this.dialog.showModal();
    try {
      this.tell(await get(`/plans/${this.desk.draft.id}/publication`));
    } catch (problem) {
      replace(this.checks);
      this.refuse(problem);
    }
  }

  tell(publication) {
    const { checks = [], findings = [] } = publication;
    const rows = checks.length ? checks : [...Map.groupBy(findings, ({ rule }) => rule)].map(([rule, found]) => ({ rule, ok: found.every(({ severity }) => severity !== "error"), findings: found }));
    replace(this.checks, rows.map((check) => this.check(check)));
    replace(this.happens, this.consequences(publication));
    const blocked = publication.publishable === false || rows.some((check) => (check.ok ?? check.passed) === false && !check.may_override);
    this.button.disabled = blocked;
    this.dialog.querySelector(".publish-override").hidden = !rows.some((check) => check.may_override);
  }

  check({ rule, ok, passed, message, findings = [] }) {
    const good = ok ?? passed ?? findings.length === 0;
    return h(
      "li", { class: good ? "is-good" : "is-bad" }, icon(good ? "check-circle-fill" : "x-octagon-fill"),
      h("div", {}, h("strong", {}, checkWords(rule)), good ? null : h("span", { class: "count" }, integer(findings.length)), message && checkWords(rule) === rule ? h("p", {}, message) : null,
        good ? null : h("ul", {}, findings.slice(0, SHOWN).map((finding) => h("li", {}, h("button", { type: "button", class: "btn-link", onclick: () => this.goTo(finding) }, finding.message))))),
    );
  }

  goTo(finding) {
    this.dialog.close();
    this.desk.goTo(finding);
  }

  consequences({ new_codes: fresh, ended, postings_moved: postings, grids_new: grids }) {
    const said = [
      [t("New grids, with codes by the rule"), fresh?.length ?? grids], [t("Grids that end"), ended?.length ?? ended], [t("Postings carried over"), postings?.length ?? postings],
    ].filter(([, value]) => value != null);
    return said.map(([words, value]) => h("div", {}, h("dt", {}, words), h("dd", {}, integer(value))));
  }

  async publish(event) {
    event.preventDefault();
    const given = new FormData(event.target);
    this.button.disabled = true;
    this.fault.hidden = true;
    const { draft } = this.desk;
    try {
      const published = await post(`/plans/${draft.id}/publish`, {
        since: new Date(`${given.get("since")}T00:00:00+08:00`).toISOString(), decision: given.get("decision"), seen_version: draft.version,
        ...(given.get("override_reason") ? { override_reason: given.get("override_reason") } : {}),
      });
      this.done(published);
    } catch (problem) {
      this.refuse(problem);
    }
  }

  refuse(problem) {
    this.fault.textContent = problem.message;
    this.fault.hidden = false;
    this.button.disabled = false;
    const findings = problem.rest?.findings;
    if (findings?.length) this.tell({ findings });
  }

  done() {
    this.dialog.close();
    location.reload();
  }
}

function tomorrow() {
  const at = new Date(Date.now() + 24 * 3600 * 1000 + 8 * 3600 * 1000);
  return at.toISOString().slice(0, 10);
}
