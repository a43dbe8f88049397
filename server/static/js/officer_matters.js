// What was found, by picture: first its category, then the matter.

import { h, icon, replace } from "./dom.js";
import { named, t } from "./words.js";

export class Matters {
  /** `known` are the matters as the server lists them; in a dead spot, as it listed them last. */
  constructor(known) {
    this.known = known;
    this.chosen = null;
    this.told = h("p", { class: "field-told", role: "alert" });
    this.box = h("div", { class: "tiles", role: "group", "aria-label": t("Matter") });
    this.element = h("div", { class: "field" }, h("span", { class: "field-name" }, t("Matter")), this.box, this.told);
    this.showCategories();
  }

  showCategories() {
    const categories = Map.groupBy(this.known, ({ category }) => named(category));
    replace(this.box, [...categories].map(([name, matters]) => tile(matters[0].icon, name, () => this.showMatters(name, matters))));
  }

  showMatters(name, matters) {
    const back = h("button", { type: "button", class: "tiles-back", onclick: () => this.showCategories() }, icon("arrow-left"), name);
    replace(this.box, back, matters.map((each) => tile(each.icon, named(each.name), () => this.choose(each))));
    back.focus({ preventScroll: true });
  }

  choose(matter) {
    this.chosen = matter;
    this.told.textContent = "";
    const change = h("button", { type: "button", class: "plain-button", onclick: () => this.unchoose() }, t("Choose again"));
    replace(this.box, h("div", { class: "chosen", dataset: { code: matter.code } }, icon(matter.icon ?? "question-circle"), h("strong", {}, named(matter.name)), change));
  }

  unchoose() {
    this.chosen = null;
    this.showCategories();
  }

  check() {
    this.told.textContent = this.chosen ? "" : t("Choose what it is.");
    return this.chosen !== null;
  }
}

const tile = (sign, words, onclick) => h("button", { type: "button", class: "tile", onclick }, icon(sign ?? "question-circle"), h("span", {}, words));
