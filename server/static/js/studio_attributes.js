// Kind, type and own name of one grid, changed in place.

import { h } from "./dom.js";
import { KIND_CODES, UNIT_TYPE_CODES, codeOf, kindWords, unitTypeWords } from "./studio_words.js";
import { t } from "./words.js";

export class AttributesForm {
  constructor(grid, desk) {
    const { properties: p } = grid;
    const id = (name) => `grid-${name}-${p.key}`;
    this.element = h(
      "details", { class: "explain" }, h("summary", {}, t("Change kind, type or name")),
      h(
        "form", { class: "attributes", onsubmit: (event) => this.save(event, grid, desk) },
        field(t("Kind"), id("kind"), select("kind", id("kind"), KIND_CODES, codeOf(p.kind), kindWords)),
        field(t("Type of grid"), id("type"), select("unit_type", id("type"), UNIT_TYPE_CODES, codeOf(p.unit_type), unitTypeWords)),
        field(t("Chinese name"), id("zh"), h("input", { class: "form-control", id: id("zh"), name: "zh", maxlength: 80, value: p.name?.zh ?? "" })),
        field(t("English name"), id("en"), h("input", { class: "form-control", id: id("en"), name: "en", maxlength: 80, value: p.name?.en ?? "" })),
        h("button", { type: "submit", class: "btn btn-primary btn-sm" }, t("Save")),
      ),
    );
  }

  save(event, { key }, desk) {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.target));
    const name = given.zh || given.en ? { zh: given.zh || given.en, en: given.en || given.zh } : null;
    return desk.edit({ kind: "attributes", grid: key, grid_kind: given.kind, unit_type: given.unit_type, name });
  }
}

const field = (words, id, input) => h("div", { class: "attribute" }, h("label", { class: "form-label", for: id }, words), input);

const select = (name, id, codes, chosen, say) => h("select", { class: "form-select", name, id }, codes.map((code) => h("option", { value: code, selected: code === chosen }, say(code))));
