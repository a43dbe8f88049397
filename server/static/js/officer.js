// The officer's page for the phone: joins what is kept on it, what waits to be sent, tasks, patrol and reports. Folium's script calls `start`.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { dateTime } from "./format.js";
import { Form, matter, note, photos, place } from "./officer_form.js";
import { keepForDeadSpots } from "./officer_install.js";
import { Outbox } from "./officer_outbox.js";
import { OutboxView } from "./officer_outbox_view.js";
import { Patrol } from "./officer_patrol.js";
import { Places } from "./officer_place.js";
import { Shift } from "./officer_shift.js";
import { Store } from "./officer_store.js";
import { Tasks } from "./officer_tasks.js";
import { t } from "./words.js";

const READ_EVERY_MS = 60_000;
const ANSWER_WITHIN_MS = 15_000;
const element = (id) => document.getElementById(id);

export function start(parts) {
  const desk = new Desk(parts);
  window.wangge = { ...parts, desk };
  desk.open().catch((fault) => {
    desk.say(t("This browser keeps nothing on the phone, so nothing can be sent from a dead spot: {fault}", { fault: fault.message }));
  });
}

class Desk {
  constructor({ map, page }) {
    this.matters = [];
    this.fetched = new Set();
    this.store = new Store(page.login);
    this.form = new Form(element("form"));
    this.places = new Places({ moved: (fix) => this.moved(fix), ended: () => this.shift.show({ on: false }) });
    this.outbox = new Outbox({ store: this.store, changed: () => this.changed(), sent: (entry, answer) => this.sent(entry, answer) });
    this.outboxView = new OutboxView({ bar: element("outbox"), dialog: element("outbox-list"), outbox: this.outbox });
    this.tasks = new Tasks(element("tasks"), this);
    this.patrol = new Patrol(element("places"), { desk: this, map, colours: page.colours, count: element("place-count") });
    this.shift = new Shift(element("shift"), this);
    this.fit(map, page);
    for (const tab of document.querySelectorAll("[data-tab]")) tab.addEventListener("click", () => this.turnTo(tab.dataset.tab));
    element("report").addEventListener("click", () => this.report());
    element("read-again").addEventListener("click", () => this.read());
    document.querySelector('form[action="/logout"]')?.addEventListener("submit", () => { this.store.forgetAnswers(); });
    document.addEventListener("visibilitychange", () => document.hidden || this.read());
    window.addEventListener("online", () => this.read());
    setInterval(() => document.hidden || this.read(), READ_EVERY_MS);
  }

  fit(map, { bbox: [west, south, east, north] }) {
    map.fitBounds([[south, west], [north, east]], { animate: false });
  }

  async open() {
    this.turnTo(location.hash === "#patrol" ? "patrol" : "tasks");
    await this.recall();
    await this.outbox.open();
    await this.read();
    await this.visit(new URLSearchParams(location.search).get("place"));
    await keepForDeadSpots(() => this.form.isOpen).catch((fault) => this.say(t("The phone cannot keep this page for dead spots: {fault}", { fault: fault.message })));
  }

  /** The place whose code was scanned, also where it is not due today. */
  async visit(code) {
    if (!code) return;
    this.turnTo("patrol");
    try {
      if (!this.patrol.has(code)) this.patrol.add(await this.ask(`/places/${encodeURIComponent(code)}`));
      this.patrol.choose(code);
    } catch (problem) {
      this.say(problem.message);
    }
  }

  /** What the server said last: read in a dead spot, and at once everywhere. */
  async recall() {
    const [tasks, patrol, matters] = await Promise.all(["tasks", "patrol", "matters"].map((name) => this.store.kept(name)));
    if (matters) this.matters = matters.value;
    if (tasks) this.showTasks(tasks.value, tasks.at);
    if (patrol) this.patrol.show(patrol.value);
  }

  /** Ask anew. A step that waits to be sent is not overtaken: what the server says does not know of it yet. */
  async read() {
    if (this.reading) return;
    this.reading = true;
    element("read-again").classList.add("is-busy");
    try {
      await this.shift.read();
      await Promise.all([this.readTasks(), this.readPatrol(), this.readMatters()]);
      this.outbox.line = "open";
      if (this.outbox.waiting.length) this.outbox.flush();
    } catch (problem) {
      if (problem.status === 401) this.outbox.line = "logged_out";
      else if (problem.status === 0) this.outbox.line = "broken";
      else this.say(problem.message);
    } finally {
      this.reading = false;
      element("read-again").classList.remove("is-busy");
      this.outboxView.draw();
    }
  }

  ask(path, query) {
    return get(path, query, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  }

  async readTasks() {
    const { cases } = await this.ask("/me/tasks");
    await this.store.keep("tasks", cases);
    this.showTasks(cases, Date.now());
    this.fetchPhotos(cases);
  }

  /** The photos of the tasks are looked at in a dead spot too: fetched once, the worker keeps them. */
  fetchPhotos(cases) {
    for (const id of cases.flatMap(({ steps }) => steps.flatMap(({ photos: ids }) => ids))) {
      if (this.fetched.has(id)) continue;
      this.fetched.add(id);
      fetch(`/api/v1/photos/${id}.jpg`).catch(() => this.fetched.delete(id));
    }
  }

  showTasks(cases, at) {
    element("as-of").textContent = t("As of {time}", { time: dateTime(new Date(at).toISOString()) });
    element("task-count").textContent = cases.length || "";
    this.tasks.show(cases);
  }

  /** The way begins where the officer stands: once that is known, the order is asked for from there. */
  moved(fix) {
    this.patrol.moved(fix);
    if (this.orderedFrom) return;
    this.orderedFrom = fix;
    this.readPatrol().catch(() => { this.orderedFrom = null; });
  }

  async readPatrol() {
    const { fix } = this.places;
    const patrol = await this.ask("/me/patrol", fix ? { lon: fix.lon, lat: fix.lat } : {});
    await this.store.keep("patrol", patrol);
    this.patrol.show(patrol);
  }

  async readMatters() {
    if (this.mattersRead) return;
    const { matters } = await this.ask("/matters");
    this.matters = matters;
    this.mattersRead = true;
    await this.store.keep("matters", matters);
  }

  changed() {
    this.outboxView.draw();
    this.tasks.draw();
    this.patrol.draw();
  }

  async sent(entry, answer) {
    if (entry.kind === "step") {
      const cases = this.tasks.took(entry, answer);
      element("task-count").textContent = cases.length || "";
      await this.store.keep("tasks", cases);
    } else if (entry.kind === "inspection") {
      await this.store.keep("patrol", this.patrol.took(entry));
      if (answer.number) this.say(t("Taken in as {number}.", { number: answer.number }));
      if (answer.number) await this.read();
    } else {
      this.say(t("Taken in as {number}.", { number: answer.number }));
    }
  }

  report() {
    this.form.open({
      title: t("Report something here"), fields: { place: place(this.places), matter: matter(this.matters), note: note({ label: t("What you see"), required: false }), photos: photos() }, button: t("Report it"),
      send: ({ photos: taken, note: words, ...given }) => this.outbox.add({
        kind: "report", subject: `report ${Date.now()}`, path: "/incidents", photos: taken, title: { what: t("Report it"), of: this.matters.find(({ code }) => code === given.matter).name },
        body: { channel: "patrol", ...given, ...(words ? { description: words } : {}) },
      }),
    });
  }

  turnTo(tab) {
    for (const each of document.querySelectorAll("[data-tab]")) each.setAttribute("aria-current", String(each.dataset.tab === tab));
    for (const page of document.querySelectorAll("[data-page]")) page.hidden = page.dataset.page !== tab;
    history.replaceState(null, "", tab === "tasks" ? location.pathname : `#${tab}`);
    if (tab === "patrol") this.patrol.fit();
  }

  say(words) {
    const box = element("told");
    replace(box, h("span", {}, words), h("button", { type: "button", class: "round-button", "aria-label": t("Put away"), onclick: () => { box.hidden = true; } }, icon("x-lg")));
    box.hidden = false;
  }
}
