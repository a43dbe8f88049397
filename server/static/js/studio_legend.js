// The legend of the studio: which measure colours the grids, its classes with limits and counts; a class can be picked out.

import { h, replace } from "./dom.js";
import { MEASURES, measureName, measureUnit } from "./studio_measures.js";
import { t } from "./words.js";

export class StudioLegend {
  /** `chosen(measure)` and `pick(class | null)` are told what the reader wants. */
  constructor(element, { chosen, pick }) {
    Object.assign(this, { element, chosen, pick, picked: null });
    this.select = h("select", { class: "form-select", id: "measure", "aria-label": t("Colour by") }, MEASURES.map((measure) => h("option", { value: measure }, measureName(measure))));
    this.select.addEventListener("change", () => {
      this.picked = null;
      this.chosen(this.select.value);
    });
    this.unit = h("span", { class: "legend-unit" });
    this.rows = h("ul", { class: "legend-rows" });
    replace(element, h("div", { class: "legend-head" }, this.select, this.unit), this.rows);
  }

  show({ measure, colours, ranges, counts }) {
    this.select.value = measure;
    this.element.dataset.measure = measure;
    this.unit.textContent = measureUnit(measure);
    replace(this.rows, colours.map((colour, i) => this.row(i, { colour, range: ranges[i], count: counts[i] })).reverse());
  }

  row(i, { colour, range, count }) {
    const pressed = this.picked === i;
    return h("li", {}, h(
      "button",
      { type: "button", class: "legend-row", "aria-pressed": String(pressed), title: t("Show this class only"), onclick: () => this.toggle(i) },
      h("span", { class: "swatch", style: { background: colour } }),
      h("span", { class: "range" }, range),
      h("span", { class: "count" }, count),
    ));
  }

  toggle(i) {
    this.picked = this.picked === i ? null : i;
    this.pick(this.picked);
  }
}
