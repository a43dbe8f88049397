// What is decided about plans that are no drafts any more: an earlier one comes into force again, one to come does not.

import { post } from "./api.js";
import { cityDay, sinceAsked } from "./format.js";
import { refusal } from "./refusals.js";
import { ruleWords } from "./studio_words.js";
import { named, t } from "./words.js";

export class PlanActs {
  /** `done` is called when the server has done it. */
  constructor(dialog, { done }) {
    Object.assign(this, { dialog, done });
    this.form = dialog.querySelector("form");
    this.fault = dialog.querySelector(".form-error");
    this.form.addEventListener("submit", (event) => this.act(event));
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  }

  restore(plan) {
    this.open({
      title: t("Put in force again"), text: t("{plan}: its grids come into force again as a plan of their own, with the codes that they had.", { plan: named(plan.name) }),
      label: t("Decision: number and grounds"), yes: t("Put in force again"), path: `/plans/${plan.id}/restore`, isDated: true, body: ({ since, grounds }) => ({ ...sinceAsked(since), decision: grounds }),
    });
  }

  cancel(plan) {
    this.open({
      title: t("Cancel this plan?"), text: t("{plan} does not come into force; it is a draft again.", { plan: named(plan.name) }),
      label: t("Reason"), yes: t("Do not let it come into force"), path: `/plans/${plan.id}/cancel`, isDated: false, body: ({ grounds }) => ({ reason: grounds }),
    });
  }

  open(asked) {
    this.asked = asked;
    this.form.reset();
    this.fault.hidden = true;
    const say = (selector, words) => { this.dialog.querySelector(selector).textContent = words; };
    say("h2", asked.title);
    say(".act-words", asked.text);
    say("[for=act-grounds]", asked.label);
    say("[type=submit]", asked.yes);
    const { since } = this.form.elements;
    this.dialog.querySelector(".act-since").hidden = !asked.isDated;
    Object.assign(since, { required: asked.isDated, min: cityDay(), value: asked.isDated ? cityDay(1) : "" });
    this.dialog.showModal();
  }

  async act(event) {
    event.preventDefault();
    const button = this.dialog.querySelector("[type=submit]");
    button.disabled = true;
    button.textContent = t("Working");
    this.fault.hidden = true;
    try {
      await post(this.asked.path, this.asked.body(Object.fromEntries(new FormData(this.form))));
      this.dialog.close();
      await this.done();
    } catch (problem) {
      this.refuse(problem);
    }
    button.disabled = false;
    button.textContent = this.asked.yes;
  }

  refuse(problem) {
    const findings = problem.rest?.findings ?? [];
    this.fault.textContent = findings.map((finding) => ruleWords(finding, String)).join(" ") || refusal(problem).text;
    this.fault.hidden = false;
  }
}
