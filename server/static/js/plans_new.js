// A new draft, or a copy of one: its names and the areas that it may change.

import { post } from "./api.js";
import { AreaPicker } from "./area_picker.js";
import { h, icon, replace } from "./dom.js";
import { clearRefusals, refusal, showRefusal } from "./refusals.js";
import { named, t } from "./words.js";

export class NewDraft {
  constructor(dialog, own) {
    Object.assign(this, { dialog, own, scope: [] });
    this.form = dialog.querySelector("form");
    this.chips = dialog.querySelector("#scope-chips");
    this.picker = new AreaPicker(dialog.querySelector("#d-area"), own, () => this.add());
    this.form.addEventListener("submit", (event) => this.save(event));
    for (const each of dialog.querySelectorAll("[data-close]")) each.addEventListener("click", () => dialog.close());
  }

  open({ copyOf = null } = {}) {
    this.copyOf = copyOf;
    this.form.reset();
    clearRefusals(this.form);
    this.scope = copyOf ? copyOf.scope : [];
    this.dialog.querySelector("#scope-field").hidden = Boolean(copyOf);
    this.dialog.querySelector("#draft-title").textContent = copyOf ? t("Duplicate a draft") : t("New draft");
    this.dialog.querySelector("#draft-from").textContent = copyOf ? t("With every edit of {plan}", { plan: named(copyOf.name) }) : t("Starts from the plan in force");
    this.dialog.querySelector("#draft-save").textContent = copyOf ? t("Duplicate") : t("Make the draft");
    if (copyOf) {
      this.form.elements.zh.value = t("{name} (copy)", { name: copyOf.name.zh });
      this.form.elements.en.value = t("{name} (copy)", { name: copyOf.name.en });
    }
    this.showScope();
    this.dialog.showModal();
    this.form.elements.zh.focus();
  }

  add() {
    const { chosen } = this.picker;
    if (!chosen) return;
    if (!this.scope.some(({ code }) => code === chosen.code)) this.scope = [...this.scope.filter(({ code }) => !code.startsWith(chosen.code) && !chosen.code.startsWith(code)), chosen];
    this.picker.set(null);
    this.showScope();
  }

  showScope() {
    replace(this.chips, this.scope.map((area) => h("li", { dataset: { code: area.code } }, named(area.name), h("button", { type: "button", class: "icon-button", "aria-label": t("Remove {area}", { area: named(area.name) }), onclick: () => this.drop(area) }, icon("x-lg")))));
  }

  drop(area) {
    this.scope = this.scope.filter((each) => each !== area);
    this.showScope();
  }

  async save(event) {
    event.preventDefault();
    clearRefusals(this.form);
    const { zh, en } = this.form.elements;
    const name = { zh: zh.value.trim() || en.value.trim(), en: en.value.trim() || zh.value.trim() };
    if (!name.zh) {
      showRefusal(this.form, { field: "zh", text: t("A name of 1 to 80 characters is needed.") });
      return;
    }
    if (!this.scope.length) {
      showRefusal(this.form, { text: t("Choose where the draft may change grids.") });
      return;
    }
    try {
      const { id } = await post("/plans", { name, scope: this.scope.map(({ code }) => code), ...(this.copyOf ? { copy_of: this.copyOf.id } : {}) });
      location.assign(`/plans/${id}`);
    } catch (problem) {
      showRefusal(this.form, refusal(problem));
    }
  }
}
