// What is not well with the plan: broken grids, ground in no grid, grids far from the mean. A click goes there.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { integer } from "./format.js";
import { checkWords, ruleWords } from "./studio_words.js";
import { t } from "./words.js";

const THRESHOLDS = [10, 15, 20, 30, 50];
const USUAL = 20;
const SHOWN = 100;

export class FindingsPanel {
  constructor(element, desk) {
    Object.assign(this, { element, desk });
    this.select = h("select", { class: "form-select", id: "threshold" }, THRESHOLDS.map((each) => h("option", { value: each, selected: each === USUAL }, `±${each}%`)));
    this.select.addEventListener("change", () => this.show({ again: true }));
    this.list = h("div", { class: "finding-list", "aria-live": "polite" });
    replace(element, h("div", { class: "panel-form" }, h("label", { class: "form-label", for: "threshold" }, t("Grids farther from the mean than")), this.select, h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: () => this.show({ again: true }) }, icon("arrow-repeat"), ` ${t("Check again")}`)), this.list);
  }

  async show({ again = false } = {}) {
    const { draft } = this.desk;
    if (!again && this.version === draft.version) return;
    if (!this.list.children.length) replace(this.list, h("div", { class: "skeleton w-75" }), h("div", { class: "skeleton w-60" }));
    this.list.setAttribute("aria-busy", "true");
    try {
      const { findings } = await get(`/plans/${draft.id}/check`, { deviation: Number(this.select.value) / 100 });
      this.version = draft.version;
      this.tell(findings);
    } catch (problem) {
      replace(this.list, h("p", { class: "inline-error", role: "alert" }, problem.message, h("button", { type: "button", class: "btn-link", onclick: () => this.show({ again: true }) }, t("Try again"))));
    }
    this.list.removeAttribute("aria-busy");
  }

  tell(findings) {
    if (!findings.length) {
      replace(this.list, h("div", { class: "state-box" }, icon("check-circle"), h("p", {}, t("Nothing was found: whole, without gaps, and even."))));
      return;
    }
    const far = ({ grids }) => Math.abs(this.desk.draft.of(grids?.[0])?.properties.deviation ?? 0);
    const byRule = Map.groupBy(findings.toSorted((a, b) => far(b) - far(a)), ({ rule }) => rule);
    replace(this.list, [...byRule].map(([rule, found]) => this.group(rule, found)));
  }

  group(rule, found) {
    const severe = found[0].severity === "error";
    return h(
      "section", { class: "finding-group" },
      h("h3", {}, icon(severe ? "exclamation-octagon-fill" : "info-circle"), checkWords(rule), h("span", { class: "count" }, integer(found.length))),
      h("ul", {}, found.slice(0, SHOWN).map((finding) => h("li", {}, h("button", { type: "button", class: "finding", onclick: () => this.desk.goTo(finding) }, this.words(finding))))),
      found.length > SHOWN ? h("p", { class: "muted" }, t("and {n} more", { n: integer(found.length - SHOWN) })) : null,
    );
  }

  words(finding) {
    const grids = (finding.grids ?? []).map((key) => this.desk.nameOf(key)).join(", ");
    return [h("strong", {}, grids || ruleWords(finding, (key) => this.desk.nameOf(key))), h("span", {}, grids ? this.desk.deviationWords(finding) : "")];
  }
}
