// What if: facilities opened, moved, closed, enlarged on the map; who gains and who loses is counted while one is dragged.

import { post } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { integer } from "./format.js";
import { Scenarios } from "./coverage_scenarios.js";
import { findingWords, refusalWords, share, signed } from "./coverage_words.js";
import { Dragging } from "./coverage_dragging.js";
import { named, t } from "./words.js";

const USUAL_CAPACITY = 100;
const LARGER = 1.5;
const DEGREES_A_STEP = 0.0005; // some 50 m, for the arrow keys

export class WhatIf {
  constructor(element, desk) {
    Object.assign(this, { element, desk, changes: [], chosen: null, compared: "after", asked: 0, shown: 0 });
    this.outcome = h("div", { class: "what-if-sums", "aria-live": "polite" });
    this.list = h("ul", { class: "change-list" });
    this.card = h("div", { class: "facility-card", hidden: true });
    this.scenarios = new Scenarios(desk, { take: (scenario) => this.take(scenario), changes: () => this.changes });
    this.open = h("button", { type: "button", class: "btn btn-primary btn-sm", id: "open-facility", onclick: () => this.beginOpening() }, icon("plus-lg"), ` ${t("Open a facility")}`);
    this.reset = h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", id: "undo-changes", onclick: () => this.set([]) }, t("Take all back"));
    this.keep = h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", id: "keep-scenario", onclick: () => this.scenarios.keep() }, icon("bookmark-plus"), ` ${t("Save as a scenario")}`);
    replace(element,
      h("p", { class: "hint" }, t("Drag a facility on the map, or click it; figures follow while you drag.")),
      h("div", { class: "button-line" }, this.open, this.reset, desk.page.rights.scenarios ? this.keep : null),
      this.card, this.beforeAfter(), this.outcome, this.list, this.scenarios.element);
    this.dragging = new Dragging(desk.map, { may: () => desk.tabs.name === "what-if", moved: (one, place) => this.move(one, place), done: (one) => this.choose(one) });
    document.getElementById("tool-end").addEventListener("click", () => this.endOpening());
    this.tell();
  }

  show() {
    this.scenarios.show();
    this.mark();
  }

  beforeAfter() {
    const choice = (value, words) => h("label", {}, h("input", { type: "radio", name: "compared", value, checked: value === "after", onchange: () => { this.compared = value; this.mark(); } }), h("span", {}, words));
    return h("fieldset", { class: "segments before-after" }, h("legend", { class: "visually-hidden" }, t("Shown on the map")), choice("before", t("As it is")), choice("after", t("With the changes")));
  }

  // --- changes ---

  changeOf(id) {
    return this.changes.find((one) => one.facility === id);
  }

  set(changes) {
    this.changes = changes;
    this.count();
  }

  /** One facility, one change: what is done to it now replaces what was done before. */
  put(change) {
    this.set([...this.changes.filter((one) => one.facility !== change.facility), change]);
  }

  drop(id) {
    this.set(this.changes.filter((one) => one.facility !== id));
    this.choose(null);
  }

  move(one, { lon, lat }) {
    const before = this.changeOf(one.id);
    this.put(one.id < 0 ? { ...before, lon, lat } : { what: "move", facility: one.id, lon, lat });
  }

  beginOpening() {
    document.getElementById("tool-strip").hidden = false;
    document.getElementById("tool-hint").textContent = t("Click where it opens; Enter opens it in the middle of the map.");
    this.desk.map.tool = ({ lng, lat }) => this.openAt({ lon: lng, lat });
    this.desk.map.map.getContainer().focus({ preventScroll: true });
  }

  openAt({ lon, lat }) {
    const facility = Math.min(0, ...this.changes.map((one) => one.facility)) - 1;
    this.put({ what: "open", facility, lon, lat, capacity: USUAL_CAPACITY });
    this.endOpening();
    this.choose({ id: facility, lon, lat });
  }

  leave() {
    this.endOpening();
    this.choose(null);
  }

  endOpening() {
    document.getElementById("tool-strip").hidden = true;
    this.desk.map.tool = null;
  }

  // --- counting: one question in flight, the newest asked next, answers shown in order ---

  async count() {
    this.mark();
    this.wanted = true;
    if (this.flying) return;
    this.flying = true;
    while (this.wanted) {
      this.wanted = false;
      await this.askOnce();
    }
    this.flying = false;
  }

  async askOnce() {
    const changes = this.changes;
    if (!changes.length) return this.take0();
    const began = performance.now();
    try {
      const answer = await post("/coverage/what-if", { question: this.desk.question.value, changes });
      this.answer = { ...answer, ms: performance.now() - began };
      this.problem = null;
    } catch (problem) {
      this.problem = problem;
    }
    this.mark();
    this.tell();
    return undefined;
  }

  take0() {
    this.answer = null;
    this.problem = null;
    this.mark();
    this.tell();
  }

  /** The question changed: the same changes are counted under the new one. */
  recount() {
    if (this.changes.length) this.count();
  }

  /** A saved scenario: its changes and its question come back. */
  async take(scenario) {
    await this.desk.takeQuestion(scenario.question);
    this.set(scenario.changes.map((change) => ({ ...change })));
  }

  mark() {
    const { map } = this.desk;
    const active = this.desk.tabs?.name === "what-if" && this.compared === "after";
    map.points.change(active ? this.changes : []);
    map.showChange(active && this.answer ? this.answer.gained : [], active && this.answer ? this.answer.lost : []);
    this.desk.legend();
  }

  // --- telling ---

  tell() {
    this.reset.disabled = this.keep.disabled = !this.changes.length;
    replace(this.list, this.changes.map((change) => this.line(change)));
    if (this.problem) return replace(this.outcome, h("p", { class: "inline-error", role: "alert" }, refusalWords(this.problem)));
    if (!this.answer) return replace(this.outcome, h("p", { class: "muted" }, t("Nothing is changed yet.")));
    const { before, after, gained_residents: gained, lost_residents: lost, communities, findings = [] } = this.answer;
    const changed = (name, from, to, told) => h("div", {}, h("dt", {}, name), h("dd", {}, `${told(from)} → ${told(to)}`));
    replace(this.outcome,
      h("div", { class: "big-numbers" },
        h("div", { class: "big gain", id: "gained" }, h("span", { class: "big-name" }, t("Residents gained")), h("strong", {}, signed(gained))),
        h("div", { class: "big loss", id: "lost" }, h("span", { class: "big-name" }, t("Residents lost")), h("strong", {}, signed(-lost)))),
      h("dl", { class: "number-list" },
        changed(t("Residents covered"), before.covered_residents, after.covered_residents, integer),
        changed(t("Communities covered"), before.covered_communities, after.covered_communities, integer),
        before.places_per_1000 ? changed(t("Places per 1,000 residents"), before.places_per_1000, after.places_per_1000, (value) => value.toFixed(2)) : null),
      findings.map((finding) => h("p", { class: "finding" }, icon("exclamation-triangle"), h("span", {}, findingWords(finding)))),
      communities.length ? h("details", { class: "changed-communities" }, h("summary", {}, t("{n} communities change", { n: integer(communities.length) })), h("ul", {}, communities.map((one) => this.community(one)))) : null);
    return undefined;
  }

  community(one) {
    return h("li", {}, h("button", { type: "button", class: "btn-link", onclick: () => this.desk.map.goTo(one.code) }, named(one.name)), h("span", { class: "muted" }, ` ${told(one.before)} → ${told(one.after)}`));
  }

  line(change) {
    const words = { open: "opens", move: "moves", close: "closes", resize: "grows to {n} places" }[change.what];
    const name = change.facility < 0 ? t("New facility {n}", { n: -change.facility }) : named(this.desk.map.points.byId?.get(change.facility)?.name);
    return h("li", { dataset: { facility: change.facility } },
      h("button", { type: "button", class: "btn-link", onclick: () => this.choose(this.desk.map.points.standing.find(({ id }) => id === change.facility)) }, name), h("span", {}, ` ${t(words, { n: integer(change.capacity) })}`),
      h("button", { type: "button", class: "icon-button", title: t("Take back"), "aria-label": t("Take back"), onclick: () => this.drop(change.facility) }, icon("arrow-counterclockwise")));
  }

  // --- the facility chosen ---

  choose(one) {
    this.chosen = one ?? null;
    this.desk.map.points.point("chosen", this.chosen);
    this.card.hidden = !one;
    if (!one) return;
    const change = this.changeOf(one.id);
    const act = (words, symbol, done) => h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: done }, icon(symbol), ` ${words}`);
    replace(this.card,
      h("div", { class: "card-line" }, h("strong", {}, named(one.name) || t("New facility")), h("button", { type: "button", class: "icon-button", title: t("Close"), "aria-label": t("Close"), onclick: () => this.choose(null) }, icon("x-lg"))),
      h("div", { class: "button-line" },
        change ? act(t("Take back"), "arrow-counterclockwise", () => this.drop(one.id)) : null,
        one.id > 0 && change?.what !== "close" ? act(t("Close it"), "slash-circle", () => { this.put({ what: "close", facility: one.id }); this.choose(one); }) : null,
        one.id > 0 && one.capacity && !change ? act(t("Enlarge by half"), "arrows-angle-expand", () => { this.put({ what: "resize", facility: one.id, capacity: Math.round(one.capacity * LARGER) }); this.choose(one); }) : null,
        h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", id: "move-by-keys", onkeydown: (event) => this.step(event, one) }, icon("arrows-move"), ` ${t("Move by arrow keys")}`)));
  }

  step(event, one) {
    const by = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (!by) return;
    event.preventDefault();
    const now = this.desk.map.points.standing.find(({ id }) => id === one.id);
    this.move(one, { lon: now.lon + by[0] * DEGREES_A_STEP, lat: now.lat + by[1] * DEGREES_A_STEP });
  }
}

const told = (sums) => (sums.residents ? share(sums.covered_fraction) : t(sums.covered ? "covered" : "not covered"));
