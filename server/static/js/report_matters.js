// What it is, by picture: first what is reported most often, then everything by category.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { named, t } from "./words.js";

const OFTEN = 7;
const box = document.getElementById("matters");

export class Matters {
  constructor({ kind, changed }) {
    this.kind = kind;
    this.changed = changed;
    this.chosen = null;
    this.load();
  }

  async load() {
    try {
      const { categories, often } = await get("/public/matters", { kind: this.kind });
      this.categories = categories;
      this.known = new Map(categories.flatMap(({ matters }) => matters.map((matter) => [matter.code, matter])));
      this.often = often.slice(0, OFTEN);
      this.showFirst();
    } catch (problem) {
      replace(box, h("p", { class: "fault tiles-head" }, problem.detail ?? problem.title, " ", h("button", { type: "button", class: "btn-link", onclick: () => this.load() }, t("Try again"))));
    }
  }

  showFirst() {
    if (this.often.length < 4) return this.showCategories();
    const more = h("button", { type: "button", class: "tile is-more", onclick: () => this.showCategories() }, icon("grid"), h("span", {}, t("All matters")));
    replace(box, h("p", { class: "tiles-head muted" }, t("Often reported")), this.often.map((code) => this.tile(this.known.get(code))), more);
    return undefined;
  }

  showCategories() {
    const tiles = this.categories.map((category) => h("button", { type: "button", class: "tile", onclick: () => this.showMatters(category) }, icon(category.icon ?? "question-circle"), h("span", {}, named(category.name))));
    const back = this.often.length < 4 ? null : h("p", { class: "tiles-head" }, this.backTo(() => this.showFirst(), t("Often reported")));
    replace(box, back, tiles);
  }

  showMatters(category) {
    replace(box, h("p", { class: "tiles-head" }, this.backTo(() => this.showCategories(), named(category.name))), category.matters.map((matter) => this.tile(matter)));
    box.querySelector(".tile")?.focus({ preventScroll: true });
  }

  backTo(show, words) {
    return h("button", { type: "button", class: "btn-link", onclick: show, "aria-label": `${t("Back")}: ${words}` }, icon("arrow-left"), " ", words);
  }

  tile(matter) {
    return h("button", { type: "button", class: "tile", role: "radio", "aria-checked": "false", dataset: { code: matter.code }, onclick: () => this.choose(matter) }, icon(matter.icon ?? "question-circle"), h("span", {}, named(matter.name)));
  }

  choose(matter) {
    this.chosen = matter;
    const again = h("button", { type: "button", class: "btn-link", onclick: () => this.unchoose() }, t("change"));
    replace(box, h("div", { class: "chosen", role: "radio", "aria-checked": "true", dataset: { code: matter.code } }, icon(matter.icon ?? "question-circle"), h("span", {}, named(matter.name)), again));
    this.changed();
  }

  unchoose() {
    this.chosen = null;
    this.showFirst();
    this.changed();
  }
}
