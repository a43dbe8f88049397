// The cases in hand: late first, each with its countdown and the steps that may be taken.

import { h, icon, replace } from "./dom.js";
import { dateTime } from "./format.js";
import { dueWords } from "./live_time.js";
import { note, photos } from "./officer_form.js";
import { named, t } from "./words.js";

const TICK_MS = 15_000;
const NEXT = ["start", "report_back", "settle", "refuse"]; // the steps of somebody in the field, the usual first
const LETS_GO = ["report_back", "settle", "refuse"]; // after these the case is in other hands
const SIGNS = { start: "play-fill", report_back: "check2", settle: "check2-all", refuse: "arrow-return-left", comment: "chat-left-text" };
const URGENT = 1;

export class Tasks {
  /** `desk`: form, outbox, places. */
  constructor(box, desk) {
    Object.assign(this, { box, desk, cases: [], open: null });
    setInterval(() => this.tick(), TICK_MS);
  }

  show(cases) {
    this.cases = cases;
    this.draw();
  }

  draw() {
    const rows = this.cases.map((each) => this.card(each));
    const none = h("div", { class: "empty" }, icon("check2-circle"), h("p", {}, t("Nothing in hand.")));
    replace(this.box, rows.length ? rows : none);
  }

  card(one) {
    const pending = this.desk.outbox.of(one.number);
    const urgent = one.urgency === URGENT;
    const isOpen = this.open === one.number;
    const head = h("button", { type: "button", class: "card-head", "aria-expanded": String(isOpen), onclick: () => this.toggle(one.number) },
      h("span", { class: "card-title" }, urgent ? h("span", { class: "badge-urgent" }, t("Urgent")) : null, h("strong", {}, named(one.matter.name)), due(one)),
      h("span", { class: "card-where" }, icon("geo-alt"), whereWords(one)),
      one.description && !isOpen ? h("span", { class: "card-words" }, one.description) : null);
    return h("article", { class: "card-task", dataset: { number: one.number, late: String(isLate(one)) } }, head, isOpen ? details(one) : null, waits(pending), this.steps(one, pending));
  }

  toggle(number) {
    this.open = this.open === number ? null : number;
    this.draw();
    this.box.querySelector(`[data-number="${number}"] .card-head`)?.focus({ preventScroll: true });
  }

  /** What may be done next, counting what waits to be sent as done. */
  steps(one, pending) {
    const done = new Set(pending.map(({ body }) => body.action));
    if (LETS_GO.some((action) => done.has(action))) return null;
    const may = one.may.filter(({ action }) => !done.has(action));
    const usual = NEXT.map((action) => may.find((step) => step.action === action)).filter(Boolean);
    const comment = may.find(({ action }) => action === "comment");
    const buttons = [...usual, comment].filter(Boolean).map((step, i) => h("button", { type: "button", class: i === 0 ? "big-button is-main" : "big-button", dataset: { action: step.action }, onclick: () => this.take(one, step) }, icon(SIGNS[step.action]), named(step.name)));
    if (this.open === one.number) return h("div", { class: "card-steps" }, buttons);
    const more = h("button", { type: "button", class: "big-button is-more", "aria-label": t("More"), onclick: () => this.toggle(one.number) }, icon("three-dots"));
    return h("div", { class: "card-steps is-folded" }, buttons[0], more);
  }

  take(one, step) {
    if (step.action === "start") return this.keep(one, step, {});
    const needsPhoto = step.needs.includes("photo");
    const label = { report_back: t("What was done"), settle: t("What was done"), refuse: t("Why it goes back") }[step.action] ?? t("Note");
    const fields = { note: note({ label, required: step.needs.includes("note") }) };
    if (step.action !== "refuse") fields.photos = photos({ required: needsPhoto });
    return this.desk.form.open({
      title: named(step.name), about: `${named(one.matter.name)} · ${one.number}`, fields, button: named(step.name), danger: step.action === "refuse",
      send: ({ photos: taken = [], ...given }) => this.keep(one, step, given, taken),
    });
  }

  async keep(one, step, given, taken = []) {
    const { fix } = this.desk.places;
    const waiting = this.desk.outbox.of(one.number).filter(({ kind }) => kind === "step").length;
    await this.desk.outbox.add({
      kind: "step", subject: one.number, path: `/cases/${one.number}/steps`, photos: taken, title: { what: step.name, of: one.matter.name },
      body: { action: step.action, seen_version: one.version + waiting, ...given, ...(fix ? { lon: fix.lon, lat: fix.lat } : {}) },
    });
  }

  /** The server took a step: the case as it is now; gone when it is in other hands. */
  took({ subject, body }, answer) {
    this.cases = LETS_GO.includes(body.action) ? this.cases.filter(({ number }) => number !== subject) : this.cases.map((each) => (each.number === subject ? answer : each));
    this.draw();
    return this.cases;
  }

  tick() {
    for (const one of this.cases) {
      const card = this.box.querySelector(`[data-number="${one.number}"]`);
      card?.setAttribute("data-late", String(isLate(one)));
      card?.querySelector(".due")?.replaceWith(due(one));
    }
  }
}

const isLate = ({ due_at: at }) => at !== null && Date.parse(at) <= Date.now();

const due = (one) => h("span", { class: "due" }, icon(isLate(one) ? "exclamation-triangle-fill" : "clock"), dueWords({ state: one.state.code, due: one.due_at ? Date.parse(one.due_at) : null }));

const whereWords = (one) => one.address || (one.grid ? `${named(one.community?.name)} ${one.grid}` : t("Outside every grid"));

function waits(pending) {
  if (!pending.length) return null;
  return h("ul", { class: "card-waits" }, pending.map(({ state, title }) => h("li", { dataset: { state } }, icon(state === "refused" ? "exclamation-octagon" : "hourglass-split"), state === "refused" ? t("{step}: refused", { step: named(title.what) }) : t("{step}: waits to be sent", { step: named(title.what) }))));
}

function details(one) {
  const facts = [[t("Case number"), one.number], [t("State"), named(one.state.name)], [t("Due"), one.due_at ? dateTime(one.due_at) : t("no limit")], [t("Reported"), dateTime(one.reported_at)]];
  const callers = one.reporters.filter(({ phone }) => phone).map(({ name, phone }) => h("a", { class: "plain-button", href: `tel:${phone}` }, icon("telephone"), `${name ?? ""} ${phone}`));
  return h("div", { class: "card-details" },
    one.description ? h("p", { class: "card-words" }, one.description) : null,
    h("dl", {}, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    callers,
    h("h3", {}, t("How it went")),
    h("ol", { class: "card-history" }, one.steps.map(taken)));
}

function taken({ action, at, note: words, photos: ids }) {
  const shown = ids.map((id, i) => h("a", { href: `/api/v1/photos/${id}.jpg`, target: "_blank" }, h("img", { src: `/api/v1/photos/${id}.jpg`, loading: "lazy", alt: t("Photo {n}", { n: i + 1 }) })));
  return h("li", {}, h("strong", {}, named(action.name)), h("time", {}, dateTime(at)), words ? h("p", {}, words) : null, shown.length ? h("div", { class: "card-photos" }, shown) : null);
}
