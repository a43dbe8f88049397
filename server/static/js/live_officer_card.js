// One officer beside the map: who, where last, and the cases in hand.

import { h, icon, replace } from "./dom.js";
import { NONE } from "./format.js";
import { stageOf } from "./live_stages.js";
import { ago, dueWords } from "./live_time.js";
import { named, t } from "./words.js";

export class OfficerCard {
  /** `desk`: {officers, store, names, choose(number), closeOfficer(), zoomTo(place)}. */
  constructor(element, desk) {
    Object.assign(this, { element, desk, number: null });
    this.body = element.querySelector(".panel-body");
    element.querySelector(".panel-close").addEventListener("click", () => desk.closeOfficer());
    element.querySelector(".panel-zoom").addEventListener("click", () => {
      const officer = desk.officers.get(this.number);
      if (officer?.lon != null) desk.zoomTo(officer);
    });
  }

  open(number) {
    this.number = number;
    this.element.hidden = false;
    this.show();
  }

  close() {
    this.number = null;
    this.element.hidden = true;
    replace(this.body);
  }

  show() {
    if (this.number === null) return;
    const { officers, store, names } = this.desk;
    const officer = officers.get(this.number);
    const numbers = officers.inHand.get(this.number) ?? [];
    this.element.querySelector(".panel-kind").textContent = this.number;
    this.element.querySelector(".panel-title").textContent = named(officer?.name) || this.number;
    const facts = officer
      ? [[t("Duty"), named(officer.duty.name)], [t("Last place"), officer.at ? ago(Date.parse(officer.at)) : NONE], [t("Posted"), [named(officer.area?.name), officer.grid].filter(Boolean).join(" · ") || NONE], [t("Cases in hand"), String(numbers.length)]]
      : [[t("On shift"), t("no")], [t("Cases in hand"), String(numbers.length)]];
    const rows = numbers.map((number) => store.get(number)).filter(Boolean).map((one) => h("li", {}, h("button", { type: "button", class: "btn-link", onclick: () => this.desk.choose(one.number) },
      h("span", { class: `case-sign urgency-${one.urgency} stage-${stageOf(one.state)}` }), " ", names.matter(one.matter)), h("span", { class: "muted" }, dueWords(one))));
    replace(this.body, h("dl", { class: "facts" }, facts.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value)))),
      rows.length ? h("ul", { class: "plain-rows" }, rows) : h("p", { class: "empty" }, icon("check2"), " ", t("Nothing in hand.")));
  }
}
