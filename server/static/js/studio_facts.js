// What a draft is called, the decision that it rests on, and the workload model that it is judged by.

import { get, patch } from "./api.js";
import { h, replace } from "./dom.js";
import { named, t } from "./words.js";

export class FactsDialog {
  constructor(dialog, desk) {
    Object.assign(this, { dialog, desk });
    this.form = dialog.querySelector("form");
    this.fault = dialog.querySelector(".form-error");
    this.form.addEventListener("submit", (event) => this.save(event));
  }

  async open() {
    const { plan } = this.desk.draft;
    const { zh, en, decision, model } = this.form.elements;
    Object.assign(zh, { value: plan.name.zh });
    Object.assign(en, { value: plan.name.en });
    Object.assign(decision, { value: plan.decision ?? "" });
    this.fault.hidden = true;
    this.dialog.showModal();
    try {
      const { models } = await get("/workload-models");
      replace(model, models.map((each) => h("option", { value: each.id, selected: each.id === plan.workload_model?.id }, `${named(each.name)} · ${t("version {n}", { n: each.version })}`)));
    } catch (problem) {
      this.tell(problem.message);
    }
  }

  async save(event) {
    event.preventDefault();
    const { draft } = this.desk;
    const given = Object.fromEntries(new FormData(this.form));
    const chosen = Number(given.model) || null;
    const isOther = chosen !== null && chosen !== draft.plan.workload_model?.id;
    const name = { zh: given.zh.trim() || given.en.trim(), en: given.en.trim() || given.zh.trim() };
    if (!name.zh) {
      this.tell(t("A name of 1 to 80 characters is needed."));
      return;
    }
    try {
      await patch(`/plans/${draft.id}`, { name, decision: given.decision, ...(isOther ? { workload_model: chosen } : {}), seen_version: draft.version });
      if (isOther) await draft.reload();
      else await draft.readPlan();
      this.dialog.close();
    } catch (problem) {
      this.refuse(problem);
    }
  }

  async refuse(problem) {
    const { draft } = this.desk;
    const type = problem.rest?.type;
    if (type === "urn:wangge:DraftClosed") {
      this.dialog.close();
      await draft.closed();
    } else if (type === "urn:wangge:StaleEdit") {
      await draft.catchUp();
      this.tell(t("Somebody else changed the draft meanwhile; it is on your map now. Save again."));
    } else this.tell(problem.message);
  }

  tell(words) {
    this.fault.textContent = words;
    this.fault.hidden = false;
  }
}
