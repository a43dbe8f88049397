// What one may do with a case: a button each, and a small form for those that need something. The server says what may be done.

import { post } from "./api.js";
import { h, replace } from "./dom.js";
import { FIELDS, values } from "./live_action_fields.js";
import { KEY_OF } from "./live_keys.js";
import { actorWords } from "./live_names.js";
import { stageOf } from "./live_stages.js";
import { OfficerList } from "./live_officer_list.js";
import { named, t } from "./words.js";

const USUAL = ["accept", "dispatch", "verify", "close", "rework", "resume", "reopen", "split", "escalate", "send_down", "merge"];

export class Actions {
  /** `desk` as of the detail, and `took(answer)`. */
  constructor(element, desk) {
    Object.assign(this, { element, desk, found: null, form: null });
    this.buttons = h("div");
    this.room = h("div");
    this.told = h("p", { class: "act-told", role: "alert", hidden: true });
    replace(element, this.buttons, this.told, this.room);
  }

  clear() {
    this.found = null;
    this.shut();
    this.tell("");
    replace(this.buttons);
  }

  shut() {
    if (this.doing === "relocate") this.desk.pick(null);
    Object.assign(this, { form: null, doing: null, officers: null });
    replace(this.room);
  }

  tell(words) {
    this.told.textContent = words;
    this.told.hidden = !words;
  }

  may(action) {
    return this.found?.may.find((each) => each.action === action) ?? null;
  }

  /** A case was read: offer what may be done now. A form that is open stays, unless its step is no longer possible. */
  show(found, { since } = {}) {
    this.found = found;
    const list = [...found.may].sort((a, b) => rank(a.action) - rank(b.action));
    const [usual, seldom] = [list.filter(({ action }) => USUAL.includes(action)), list.filter(({ action }) => !USUAL.includes(action))];
    const isOpen = this.buttons.querySelector("details")?.open;
    replace(this.buttons, h("div", { class: "act-buttons" }, usual.map((step, i) => this.button(step, i === 0 && stageOf(found.state.code) !== "in_hand"))),
      seldom.length ? h("details", { class: "act-more", open: isOpen }, h("summary", {}, t("More")), h("div", { class: "act-buttons" }, seldom.map((step) => this.button(step, false)))) : null);
    if (!this.doing) return;
    if (since && since.version < found.version) this.tell(meanwhile(found, since.version));
    if (!this.may(this.doing)) this.shut();
  }

  button({ action, name }, isNext) {
    const key = KEY_OF[action];
    const style = isNext ? "btn-primary" : "btn-outline-secondary";
    return h("button", { type: "button", class: `btn btn-sm ${style}`, dataset: { action }, "aria-keyshortcuts": key ?? null, onclick: () => this.start(action) }, named(name), key ? h("kbd", {}, key) : null);
  }

  /** Take a step at once, or open its form. Returns false if it may not be taken. */
  start(action) {
    const step = this.may(action);
    if (!step) return false;
    this.tell("");
    const needed = fieldsOf(step);
    if (needed.length) this.open(step, needed);
    else this.send(step, {});
    return true;
  }

  open(step, needed) {
    this.shut();
    this.doing = step.action;
    this.key = makeKey();
    const fields = needed.map((name) => FIELDS[name]({ found: this.found, step, desk: this.desk, required: step.needs.includes(name) || name === "whom" }));
    this.form = h("form", { class: "act-form", "aria-label": named(step.name) }, h("h3", {}, named(step.name)), fields.map((field) => field.element),
      h("div", { class: "act-ends" }, h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: () => this.cancel() }, t("Cancel")), h("button", { type: "submit", class: "btn btn-primary btn-sm" }, named(step.name))));
    this.fields = fields;
    this.officers = fields.find((field) => field instanceof OfficerList) ?? null;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(step, values(fields));
    });
    if (this.officers) this.officers.chosen = () => this.send(step, values(fields));
    replace(this.room, this.form);
    (this.form.querySelector("[data-first]") ?? this.form.querySelector("textarea, input, select"))?.focus({ preventScroll: true });
    this.form.scrollIntoView({ block: "nearest" });
  }

  cancel() {
    this.shut();
    this.tell("");
    this.desk.focusQueue();
  }

  /** A digit while officers are listed: the one at that place. */
  digit(n) {
    return this.officers?.choose(n) ?? false;
  }

  async send(step, given) {
    if (this.isSending) return;
    this.isSending = true;
    this.disable(true);
    const { number, version } = this.found;
    try {
      const answer = await post(`/cases/${number}/steps`, { action: step.action, seen_version: version, key: this.key ?? makeKey(), ...given });
      this.shut();
      this.tell("");
      this.desk.say(t("{number}: {step}", { number, step: named(step.name) }));
      this.desk.took(answer);
    } catch (problem) {
      await this.refused(problem, step);
    } finally {
      this.isSending = false;
      this.disable(false);
    }
  }

  disable(off) {
    for (const button of this.element.querySelectorAll("button")) button.disabled = off;
  }

  /** Somebody was quicker, or the officer has more in hand than was seen: show how it is now, and leave the choice. */
  async refused(problem, step) {
    const kind = String(problem.rest?.type ?? "").replace("urn:wangge:", "");
    const { version } = this.found;
    this.key = makeKey();
    if (kind === "StaleCase" || kind === "StepRefused") await this.desk.detail.refresh();
    if (kind === "OfficerTaken") await this.officers?.read();
    if (kind === "StaleCase") this.tell(meanwhile(this.found, version) || problem.message);
    else if (kind === "OfficerTaken") this.tell(t("This officer was given something else meanwhile. The list is as of now."));
    else this.tell(problem.message);
    if (kind === "StaleCase" && !this.may(step.action)) this.shut();
  }
}

/** What others did to a case since a version. */
function meanwhile(found, version) {
  const steps = found.steps.filter((step) => step.version > version);
  const words = steps.map(({ action, actor }) => t("{who}: {step}", { who: actorWords(actor), step: named(action.name) }));
  return words.length ? t("Changed meanwhile. {steps}", { steps: words.join(", ") }) : "";
}

/** Fields of a form: what the step needs, and for some what may come along. */
function fieldsOf({ action, needs }) {
  const extra = { escalate: ["area"], send_down: ["area", "note?"], suspend: ["until"], resume: [], comment: [], dispatch: ["note?"] }[action] ?? [];
  const order = ["whom", "lead", "area", "place", "matter", "urgency", "parties", "hours", "until", "note", "note?", "photo"];
  return [...new Set([...needs, ...extra])].filter((name) => order.includes(name)).sort((a, b) => order.indexOf(a) - order.indexOf(b));
}

function rank(action) {
  const at = USUAL.indexOf(action);
  return at < 0 ? USUAL.length : at;
}

/** A step sent twice for want of an answer is taken once. */
function makeKey() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
