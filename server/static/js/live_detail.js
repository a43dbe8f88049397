// One case beside the map: what it is, how it went so far, who reported it, what else is near, and what one may do.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { dateTime, metres, NONE } from "./format.js";
import { Actions } from "./live_actions.js";
import { actorWords } from "./live_names.js";
import { stageOf, STATE_WORDS, URGENCY_WORDS } from "./live_stages.js";
import { asTold } from "./live_store.js";
import { dueWords, minuteWords } from "./live_time.js";
import { named, t } from "./words.js";

const CHANNEL_WORDS = { patrol: "Patrol", citizen: "Citizen", hotline: "Hotline", department: "Department" };
const TIER_WORDS = { now: "At once", soon: "Within a month", later: "Later on" };

export class Detail {
  /** `desk`: {choose(number), close(), changed(case), say(words), showOfficer(number), names, pick}. */
  constructor(element, desk) {
    Object.assign(this, { element, desk, number: null, found: null });
    this.title = element.querySelector(".panel-title");
    this.kind = element.querySelector(".panel-kind");
    this.body = element.querySelector(".panel-body");
    this.parts = { facts: h("div"), doing: h("div", { class: "case-doing" }), rest: h("div") };
    this.actions = new Actions(this.parts.doing, { ...desk, detail: this, took: (answer) => this.took(answer) });
    element.querySelector(".panel-close").addEventListener("click", () => desk.close());
    element.querySelector(".panel-zoom").addEventListener("click", () => this.found && desk.zoomTo(this.found));
  }

  get isOpen() {
    return this.number !== null;
  }

  /** Read a case and show it; what was asked for before is forgotten. */
  async open(number) {
    this.number = number;
    this.found = null;
    this.actions.clear();
    this.element.hidden = false;
    this.title.textContent = number;
    this.kind.textContent = "";
    replace(this.body, h("div", { class: "skeleton tall" }), h("div", { class: "skeleton w-75" }), h("div", { class: "skeleton w-60" }));
    this.body.setAttribute("aria-busy", "true");
    await this.refresh();
  }

  close() {
    this.number = null;
    this.found = null;
    this.actions.clear();
    this.element.hidden = true;
    replace(this.body);
  }

  async refresh() {
    const { number } = this;
    try {
      const found = await get(`/cases/${number}`);
      if (number === this.number) this.show(found);
      return found;
    } catch (problem) {
      if (number === this.number && !this.found) this.fail(problem);
      return null;
    }
  }

  fail(problem) {
    this.body.removeAttribute("aria-busy");
    replace(this.body, h("div", { class: "state-box", role: "alert" }, icon("exclamation-triangle"), h("p", {}, problem.message), h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: () => this.open(this.number) }, t("Try again"))));
  }

  /** The stream told something of this case: read it anew, unless it is what we know already. */
  heard({ version }) {
    if (this.found && version > this.found.version) this.refresh();
  }

  /** An answer to a step that was taken here. */
  took(answer) {
    if (answer.number === this.number) this.show(answer);
    this.desk.changed(asTold(answer));
  }

  show(found) {
    const before = this.found;
    this.found = found;
    this.body.removeAttribute("aria-busy");
    this.kind.textContent = `${named(found.matter.category)} · ${found.number}`;
    this.title.textContent = named(found.matter.name);
    replace(this.parts.facts, this.state(found), this.facts(found));
    replace(this.parts.rest, this.near(found), this.photos(found), this.parties(found), this.reporters(found), this.timeline(found));
    if (this.parts.facts.parentNode !== this.body) replace(this.body, this.parts.facts, this.parts.doing, this.parts.rest);
    this.actions.show(found, { since: before });
  }

  state(found) {
    const late = found.due_at && Date.parse(found.due_at) < Date.now();
    const due = dueWords({ state: found.state.code, due: found.due_at ? Date.parse(found.due_at) : null });
    return h("p", { class: "case-head" },
      h("span", { class: `case-sign urgency-${found.urgency} stage-${stageOf(found.state.code)}` }),
      h("strong", {}, stateWords(found.state)), h("span", {}, t(URGENCY_WORDS[found.urgency])),
      found.closed_at ? null : h("span", { class: late ? "case-due is-late" : "case-due" }, due),
      found.supervised ? h("span", { class: "tag tag-urgent" }, t("Supervised")) : null);
  }

  facts(found) {
    const { clock } = found;
    const officer = found.officer && h("button", { type: "button", class: "btn-link", onclick: () => this.desk.showOfficer(found.officer.number) }, named(found.officer.name) || found.officer.number);
    const rows = [
      [t("Place"), [named(found.town?.name), named(found.community?.name), found.address].filter(Boolean).join(" · ") || t("Outside every grid")],
      [t("Commanded by"), named(found.command.name)],
      [t("In hand of"), officer || (found.with_department ? named(found.department.name) : NONE)],
      [t("Department"), named(found.department?.name) || NONE],
      [t("Reported"), `${dateTime(found.reported_at)} · ${t(CHANNEL_WORDS[found.channel] ?? found.channel)}`],
      [t("Due"), found.due_at ? dateTime(found.due_at) : clock?.left_min == null ? NONE : t("{time} left when it goes on", { time: minuteWords(clock.left_min) })],
      ...(found.tier ? [[t("Wish"), t(TIER_WORDS[found.tier])]] : []),
    ];
    return [
      found.description ? h("p", { class: "case-words" }, found.description) : null,
      h("dl", { class: "facts case-facts" }, rows.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value)))),
    ];
  }

  near(found) {
    const links = [];
    if (found.merged_into) links.push(h("p", {}, t("Merged into"), " ", this.link(found.merged_into)));
    if (found.merged?.length) links.push(h("p", {}, t("Merged with it"), " ", found.merged.flatMap((number) => [this.link(number), " "])));
    if (found.near) links.push(h("p", {}, h("button", { type: "button", class: "btn-link", onclick: () => this.actions.start("merge") }, icon("intersect"), " ", t("{n} open cases of the same matter near by", { n: found.near }))));
    return links.length ? h("section", { class: "panel-section" }, links) : null;
  }

  link(number) {
    return h("button", { type: "button", class: "btn-link", onclick: () => this.desk.choose(number) }, number);
  }

  photos(found) {
    const ids = found.steps.flatMap((step) => step.photos ?? []);
    return ids.length ? section(t("Photos"), h("div", { class: "thumbs" }, ids.map((id, i) => thumb(id, i + 1)))) : null;
  }

  parties(found) {
    return found.parties?.length ? section(t("Joined in"), h("ul", {}, found.parties.map((party) => h("li", {}, named(party.name) || party.code || party)))) : null;
  }

  reporters(found) {
    if (!found.reporters?.length) return null;
    return section(t("Reporters"), h("ul", { class: "plain-rows" }, found.reporters.map(({ name, phone, email, rating, words }) => h("li", {},
      h("span", {}, [name, phone, email].filter(Boolean).join(" · ") || t("No name left")), rating ? h("span", { class: "muted" }, "★".repeat(rating)) : null, words ? h("q", {}, words) : null))));
  }

  timeline(found) {
    return section(t("How it went"), h("ol", { class: "case-steps" }, found.steps.toReversed().map((step) => this.step(step))));
  }

  step({ action, at, actor, officer, note, state }) {
    const whom = officer && [" → ", named(officer.name) || officer.number];
    return h("li", {}, h("strong", {}, named(action.name)), whom || "", h("span", { class: "muted" }, ` ${dateTime(at)} · ${actorWords(actor)}`),
      note ? h("p", {}, note) : null, h("span", { class: "visually-hidden" }, stateWords(state)));
  }

  /** How far something is from here, for lists of what is near. */
  static away({ metres: far, minutes }) {
    return [far == null ? null : metres(far), minutes == null ? null : minuteWords(minutes)].filter(Boolean).join(" · ");
  }
}

const stateWords = (state) => (state?.name ? named(state.name) : t(STATE_WORDS[state?.code ?? state] ?? ""));

const section = (title, ...content) => h("section", { class: "panel-section" }, h("h3", {}, title), content);

function thumb(id, n) {
  const address = `/api/v1/photos/${encodeURIComponent(id)}.jpg`;
  return h("a", { href: address, target: "_blank", rel: "noopener" }, h("img", { src: address, alt: t("Photo {n}", { n }), loading: "lazy", width: 96, height: 72 }));
}
