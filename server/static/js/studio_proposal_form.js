// What the machine is asked for: where, how many grids, how fair against how few moves, what no grid may straddle.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { integer } from "./format.js";
import { t } from "./words.js";

const USUAL = { dial: 15, compactness: 5, tolerance: 15 };
const ROUNDEST = 0.6; // what borders cost at most: grids are round then

export class ProposalForm {
  /** `ask(wish)` gets the body of the API's request. */
  constructor(desk, ask) {
    Object.assign(this, { desk, ask, barriers: [] });
    this.scope = h("select", { class: "form-select", id: "proposal-scope" });
    this.mode = choices("mode", [["rebalance", t("Keep the number of grids")], ["change_k", t("As many grids as the hours ask for")], ["scratch", t("Draw all anew")]]);
    this.wanted = h("p", { class: "hint", "aria-live": "polite" });
    this.barrierList = h("ul", { class: "barriers" });
    this.element = h(
      "form", { class: "panel-form proposal-form", onsubmit: (event) => this.send(event) },
      h("label", { class: "form-label", for: "proposal-scope" }, t("Where")), this.scope,
      h("fieldset", { class: "choices" }, h("legend", { class: "form-label" }, t("Number of grids")), this.mode), this.wanted,
      slider("dial", { from: t("Fewest cells change hands"), to: t("Fairest") }),
      slider("compactness", { from: t("Any form"), to: t("Compact forms") }),
      h("label", { class: "form-label", for: "tolerance" }, t("Within this of the mean is fair enough")),
      h("select", { class: "form-select", id: "tolerance", name: "tolerance" }, [5, 10, 15, 20].map((each) => h("option", { value: each, selected: each === USUAL.tolerance }, `±${each}%`))),
      h("div", { class: "barrier-line" }, h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: () => desk.takeTool("barrier") }, icon("slash-lg"), ` ${t("Draw a barrier")}`), h("span", { class: "hint" }, t("Rivers and main roads that no grid should straddle."))),
      this.barrierList,
      h("button", { type: "submit", class: "btn btn-primary" }, icon("cpu"), ` ${t("Propose")}`),
    );
    this.scope.addEventListener("change", () => this.tellWanted());
    this.element.addEventListener("change", (event) => event.target.name === "mode" && this.tellWanted());
  }

  /** The chosen grid's community and town come first: that is what a planner looks at. */
  refresh() {
    const before = this.scope.value;
    const { community } = this.desk.selection;
    const options = [];
    if (community) {
      options.push([community, this.desk.communityName(community)]);
      const town = this.desk.townOf(community);
      if (town) options.push([town.code, this.desk.townName(town.code)]);
    }
    const { scope } = this.desk.draft.plan;
    options.push([scope.map(({ code }) => code).join(" "), t("All of the plan: {area}", { area: scope.map((area) => this.desk.areaWords(area)).join(", ") })]);
    for (const town of this.desk.towns()) options.push([town.code, this.desk.townName(town.code)]);
    const unique = [...new Map(options.reverse()).entries()].reverse();
    replace(this.scope, unique.map(([code, words]) => h("option", { value: code }, words)));
    if (unique.some(([code]) => code === before)) this.scope.value = before;
  }

  get chosenMode() {
    return new FormData(this.element).get("mode");
  }

  async tellWanted() {
    this.wanted.textContent = "";
    if (this.chosenMode !== "change_k") return;
    try {
      const { communities = [] } = await get(`/plans/${this.desk.draft.id}/grids-wanted`, this.scope.value.includes(" ") ? {} : { area: this.scope.value });
      const sum = (name) => communities.reduce((total, each) => total + (each[name] ?? 0), 0);
      this.wanted.textContent = t("{before} grids now, {after} by the hours; {n} communities would get another number.", { before: integer(sum("grids")), after: integer(sum("wanted")), n: integer(communities.filter((each) => each.grids !== each.wanted).length) });
    } catch (problem) {
      this.wanted.textContent = problem.message;
    }
  }

  addBarrier(line) {
    this.barriers.push(line);
    this.tellBarriers();
  }

  tellBarriers() {
    replace(this.barrierList, this.barriers.map((line, i) => h("li", {}, t("Barrier {n}", { n: i + 1 }), h("button", { type: "button", class: "icon-button", "aria-label": t("Remove barrier {n}", { n: i + 1 }), onclick: () => this.removeBarrier(i) }, icon("x-lg")))));
    this.desk.drawing.redraw();
  }

  removeBarrier(i) {
    this.barriers.splice(i, 1);
    this.tellBarriers();
  }

  send(event) {
    event.preventDefault();
    const given = new FormData(this.element);
    const mode = given.get("mode");
    return this.ask({
      scope: this.scope.value.split(" "),
      mode,
      ...(mode === "change_k" ? { grids: "by_hours" } : {}),
      tolerance: Number(given.get("tolerance")) / 100,
      dial: Number(given.get("dial")) / 100,
      compactness: (ROUNDEST * Number(given.get("compactness"))) / 100,
      barriers: this.barriers.map((coordinates) => ({ kind: "line", coordinates })),
    });
  }
}

const choices = (name, options) => options.map(([value, words], i) => h("label", {}, h("input", { type: "radio", class: "form-check-input", name, value, checked: i === 0 }), ` ${words}`));

const slider = (name, { from, to }) => h(
  "div", { class: "dial" },
  h("input", { type: "range", class: "form-range", name, min: 0, max: 100, step: 5, value: USUAL[name], "aria-label": `${from} – ${to}` }),
  h("div", { class: "dial-ends" }, h("span", {}, from), h("span", {}, to)),
);
