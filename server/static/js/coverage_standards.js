// What a facility of a kind must have: how many fail it and which, and for planners the numbers themselves.

import { get, put } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { area, integer } from "./format.js";
import { named, t } from "./words.js";

const FIELDS = [["floor_area_m2", "Floor area from (m²)"], ["m2_per_resident", "m² per resident from"], ["residents_per_place", "Residents per place at most"]];
const CLOSE_ZOOM = 15;

export class Standards {
  constructor(desk) {
    this.desk = desk;
    this.list = h("ul", { class: "standard-list" });
    this.element = h("section", { class: "standards" }, h("h2", {}, t("Standards of facilities")), this.list, desk.page.rights.standards ? this.form() : null);
  }

  async show() {
    try {
      const [{ standards }, { facilities }] = await Promise.all([get("/facility-standards"), get("/facility-standards/fails")]);
      replace(this.list, standards.length ? standards.map((one) => this.line(one, facilities.filter(({ kind }) => kind === one.kind.code))) : h("li", { class: "muted" }, t("No kind has a standard.")));
    } catch (problem) {
      replace(this.list, h("li", { class: "inline-error", role: "alert" }, problem.message));
    }
  }

  line(one, failing) {
    const asked = FIELDS.filter(([field]) => one[field] != null).map(([field, words]) => `${t(words)}: ${integer(one[field]) === "0" ? one[field] : integer(one[field])}`).join(" · ");
    return h("li", {},
      h("div", { class: "card-line" }, h("strong", {}, named(one.kind.name)), this.desk.page.rights.standards ? h("button", { type: "button", class: "icon-button", title: t("Change the standard"), "aria-label": t("Change the standard"), onclick: () => this.edit(one) }, icon("pencil")) : null),
      h("p", { class: "muted" }, asked, h("br"), one.source),
      failing.length
        ? h("details", {}, h("summary", {}, t("{n} of {all} have less floor area", { n: integer(one.too_small), all: integer(one.facilities) })), h("ul", {}, failing.map((each) => this.facility(each))))
        : h("p", { class: "is-covered" }, t("All {n} have the floor area.", { n: integer(one.facilities - one.unmeasured) })),
      one.unmeasured ? h("p", { class: "muted" }, t("Of {n} nobody knows it.", { n: integer(one.unmeasured) })) : null);
  }

  facility(one) {
    const [lon, lat] = one.center;
    return h("li", {}, h("button", { type: "button", class: "btn-link", onclick: () => this.desk.map.map.setView([lat, lon], CLOSE_ZOOM, { animate: false }) }, named(one.name)), h("span", { class: "muted" }, ` ${area(one.floor_area_m2)}`));
  }

  // --- for planners ---

  form() {
    const { kinds } = this.desk.question.options;
    this.kind = h("select", { class: "form-select", id: "standard-kind" }, kinds.map((kind) => h("option", { value: kind.code }, named(kind.name))));
    this.fields = new Map(FIELDS.map(([field]) => [field, h("input", { class: "form-control", id: `standard-${field}`, type: "number", inputmode: "decimal", min: 0, step: "any" })]));
    this.source = h("input", { class: "form-control", id: "standard-source", maxlength: 300, required: true });
    this.fault = h("p", { class: "form-error", role: "alert", hidden: true });
    this.editor = h("details", { class: "more-wishes" }, h("summary", {}, icon("chevron-right"), t("Set a standard")),
      h("form", { onsubmit: (event) => this.save(event) },
        h("div", { class: "wish-line" }, h("label", { for: "standard-kind" }, t("Kind")), this.kind),
        FIELDS.map(([field, words]) => h("div", { class: "wish-line" }, h("label", { for: `standard-${field}` }, t(words)), this.fields.get(field))),
        h("div", { class: "wish-line" }, h("label", { for: "standard-source" }, t("Which rule says so")), this.source),
        h("p", { class: "hint" }, t("With no number the kind has no standard any more.")), this.fault,
        h("button", { type: "submit", class: "btn btn-primary btn-sm", id: "save-standard" }, t("Save"))));
    return this.editor;
  }

  edit(one) {
    this.editor.open = true;
    this.kind.value = one.kind.code;
    for (const [field, input] of this.fields) input.value = one[field] ?? "";
    this.source.value = one.source;
    this.kind.focus();
  }

  async save(event) {
    event.preventDefault();
    const numbers = Object.fromEntries([...this.fields].map(([field, input]) => [field, input.value === "" ? null : Number(input.value)]));
    try {
      await put(`/facility-standards/${encodeURIComponent(this.kind.value)}`, { ...numbers, source: this.source.value.trim() });
      this.fault.hidden = true;
      this.editor.open = false;
      await this.show();
      this.desk.say(t("Saved."));
    } catch (problem) {
      this.fault.textContent = problem.rest?.errors?.[0]?.message ?? problem.message;
      this.fault.hidden = false;
    }
  }
}
