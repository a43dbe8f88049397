// Why an edit was refused, at its place on the map, with what would do instead.

import { h, icon, replace } from "./dom.js";
import { drawPin } from "./studio_paint.js";
import { ruleWords } from "./studio_words.js";
import { t } from "./words.js";

export class Refusal {
  constructor(element, desk) {
    Object.assign(this, { element, desk, findings: [] });
  }

  show(problem) {
    this.findings = problem.rest?.findings ?? [];
    const told = this.findings.length ? this.findings : [{ message: problem.message }];
    replace(
      this.element,
      icon("slash-circle"),
      h("div", { class: "refusal-words" }, h("strong", {}, t("Not done")), told.slice(0, 3).map((finding) => this.row(finding))),
      h("button", { type: "button", class: "icon-button", "aria-label": t("Close this window"), onclick: () => this.clear() }, icon("x-lg")),
    );
    this.element.hidden = false;
    const place = this.findings.find(({ lon }) => lon != null);
    if (place && !this.desk.isInView([place.lon, place.lat])) this.desk.panTo([place.lon, place.lat]);
    this.desk.drawing.redraw();
  }

  row(finding) {
    const words = ruleWords(finding, (key) => this.desk.nameOf(key), (code) => this.desk.communityName(code));
    return h("p", {}, words, finding.repair ? h("button", { type: "button", class: "btn btn-primary btn-sm", onclick: () => this.repair(finding.repair) }, this.repairWords(finding.repair)) : null);
  }

  repairWords({ cells, grids }) {
    if (cells?.length) return t("Move {n} cells, so that it stays whole", { n: cells.length });
    if (grids?.length) return t("Merge instead");
    return t("Do this instead");
  }

  repair(body) {
    this.clear();
    return this.desk.edit(body);
  }

  clear() {
    const had = !this.element.hidden;
    this.findings = [];
    this.element.hidden = true;
    replace(this.element);
    this.desk.drawing?.redraw();
    return had;
  }

  paint(pen, view) {
    for (const { lon, lat } of this.findings) if (lon != null) drawPin(pen, view, this.desk.ground.at([lon, lat]));
  }
}
