// One grid's hours, taken apart in sentences that can be read aloud.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { integer, short } from "./format.js";
import { named, t } from "./words.js";

const PERCENT = 100;

export class GridAccount {
  /** `closed()` hears that the reader is done with it. */
  constructor(element, closed) {
    this.element = element;
    this.closed = closed;
  }

  async show(plan, grid) {
    this.element.hidden = false;
    this.asked = grid.key;
    this.fill(grid, h("div", { class: "skeleton w-75" }));
    try {
      const told = await get(`/plans/${plan}/grids/${grid.key}/hours`);
      if (this.asked === grid.key) this.fill(grid, ...this.told(told));
    } catch (problem) {
      this.fill(grid, h("p", { class: "form-error", role: "alert" }, problem.message));
    }
  }

  fill(grid, ...children) {
    const close = h("button", { type: "button", class: "icon-button", "aria-label": t("Back to all grids"), title: t("Back to all grids"), onclick: () => this.close() }, icon("x-lg"));
    replace(this.element, h("div", { class: "account-head" }, h("h2", { tabindex: "-1" }, grid.name ?? grid.code), close), ...children);
    this.element.querySelector("h2").focus({ preventScroll: true });
  }

  close() {
    this.asked = null;
    this.element.hidden = true;
    this.closed();
  }

  told(account) {
    const lines = {
      inspections: account.inspections, incidents: account.incidents, people: account.people,
      walking: [account.walking], spread: [account.spread], fixed: [account.fixed],
    };
    return [
      h("p", { class: "account-total" }, integer(account.hours), h("small", {}, ` ${t("hours a month")} · ${t("{n} posts", { n: short(account.posts) })}`)),
      h("p", { class: "muted" }, t("By version {n} of the model, as it is saved", { n: account.model.version })),
      ...account.parts.map((part) => this.part(part, lines[part.part], account.hours)),
      account.stale.length > 0 && h("p", { class: "stale" }, t("Something came in since the hours were counted: {n} h more by today's counts.", { n: short(account.uncounted) })),
    ];
  }

  part({ name, hours }, lines, all) {
    return h(
      "section", { class: "part" },
      h("div", { class: "part-line" }, h("span", {}, named(name)), h("span", {}, t("{n} h", { n: short(Math.round(hours * 10) / 10) }))),
      h("div", { class: "part-bar", "aria-hidden": "true" }, h("span", { style: { width: `${(PERCENT * hours) / all}%` } })),
      h("ul", {}, lines.map((line) => h("li", {}, named(line.says)))),
    );
  }
}
