// Who did what in this plan, newest first.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { dateTime, integer } from "./format.js";
import { actionWords, editWords } from "./studio_words.js";
import { t } from "./words.js";

const SHOWN = 200;

export class HistoryPanel {
  constructor(element, desk) {
    Object.assign(this, { element, desk });
  }

  async show() {
    const { draft } = this.desk;
    if (this.version === draft.version) return;
    if (!this.element.children.length) replace(this.element, h("div", { class: "skeleton w-75" }), h("div", { class: "skeleton w-60" }));
    try {
      const { steps } = await get(`/plans/${draft.id}/edits`, { after: 0, steps_only: true });
      this.version = draft.version;
      this.list(steps);
    } catch (problem) {
      replace(this.element, h("p", { class: "inline-error", role: "alert" }, problem.message, h("button", { type: "button", class: "btn-link", onclick: () => this.show() }, t("Try again"))));
    }
  }

  list(steps) {
    if (!steps.length) {
      replace(this.element, h("div", { class: "state-box" }, icon("clock-history"), h("p", {}, t("Nothing was changed yet."))));
      return;
    }
    replace(this.element, h("ol", { class: "history", reversed: true }, steps.slice(-SHOWN).reverse().map((step) => this.row(step))));
  }

  row(step) {
    const { draft } = this.desk;
    const grids = (step.grids ?? []).filter((key) => draft.of(key));
    return h(
      "li", { class: step.action === "undo" ? "is-undone" : null },
      h("p", { class: "step-what" }, h("strong", {}, [actionWords(step.action), editWords(step.kind)].filter(Boolean).join(" · ")), step.cells ? h("span", {}, t("{n} cells", { n: integer(step.cells) })) : null),
      h("p", { class: "step-who" }, `${step.author} · ${dateTime(step.at)}`, grids.length ? h("button", { type: "button", class: "btn-link", onclick: () => this.desk.choose(grids.slice(0, 6)) }, t("show")) : null),
    );
  }
}
