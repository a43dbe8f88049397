// Where next: what is aimed at, how much may be built, where it could stand; the run, and the sites it found with their proof.

import { get, post } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { NONE, dateTime, integer, metres, short } from "./format.js";
import { Progress, RUNNING, aimName, refusalWords, share, signed, stateName } from "./coverage_words.js";
import { named, t } from "./words.js";

const POLL_MS = 600;
const AIMS = ["most", "everyone", "least_walking", "fairest"];
const HINTS = {
  most: "As many more residents as possible are covered by so many new sites.",
  everyone: "The fewest new sites by which everybody who can be covered is.",
  least_walking: "All residents together walk as little as possible to their nearest.",
  fairest: "Whoever walks farthest to the nearest walks as little as possible.",
};
const MOST_CANDIDATES = 1000;
const SECONDS = 20;

export class Sites {
  constructor(element, desk) {
    Object.assign(this, { element, desk, chosen: [], from: "cells" });
    this.body = h("div", { class: "siting", "aria-live": "polite" });
    this.past = h("ul", { class: "siting-list" });
    replace(element, desk.page.rights.sites ? this.form() : null, this.body, h("h2", {}, t("Earlier searches")), this.past);
    document.getElementById("tool-end").addEventListener("click", () => this.endChoosing());
  }

  // --- the wish ---

  form() {
    const number = (id, value, words, more = {}) => h("div", { class: "wish-line" }, h("label", { for: id }, words), h("input", { class: "form-control", id, type: "number", inputmode: "numeric", min: 1, value, ...more }));
    this.hint = h("p", { class: "hint" }, t(HINTS.most));
    const aim = h("select", { class: "form-select", id: "aim", onchange: () => this.showWish() }, AIMS.map((each) => h("option", { value: each }, aimName(each))));
    this.bound = h("select", { class: "form-select", id: "bound", "aria-label": t("At most"), onchange: () => this.showWish() }, h("option", { value: "sites" }, t("sites")), h("option", { value: "budget" }, t("budget")));
    this.candidates = h("select", { class: "form-select", id: "candidates", onchange: () => this.choose(this.candidates.value) },
      h("option", { value: "cells" }, t("made from basic units")), h("option", { value: "clicked" }, t("clicked on the map")), h("option", { value: "file" }, t("from a GeoJSON file")));
    this.file = h("input", { type: "file", id: "candidate-file", accept: ".geojson,.json,application/geo+json", hidden: true, "aria-label": t("GeoJSON file of points"), onchange: () => this.readFile() });
    this.candidateWords = h("p", { class: "hint", id: "candidate-words" });
    this.boundLine = h("div", { class: "wish-line" }, h("label", { for: "how-many" }, t("At most")), h("input", { class: "form-control", id: "how-many", type: "number", inputmode: "numeric", min: 1, max: 1_000_000, value: 5 }), this.bound);
    this.keep = h("input", { class: "form-check-input", type: "checkbox", id: "keep-existing", checked: true });
    this.fault = h("p", { class: "form-error", role: "alert", hidden: true });
    return h("form", { class: "panel-form site-form", id: "site-form", onsubmit: (event) => this.send(event) },
      h("div", { class: "wish-line" }, h("label", { for: "aim" }, t("Aim")), aim), this.hint, this.boundLine,
      h("div", { class: "wish-line" }, h("label", { for: "candidates" }, t("Places")), this.candidates), this.candidateWords, this.file,
      h("label", { class: "wish-check" }, this.keep, " ", t("The facilities of the question stay and count")),
      h("details", { class: "more-wishes" }, h("summary", {}, icon("chevron-right"), t("More")), number("site-capacity", "", t("Residents a site can take"), { max: 100_000_000, placeholder: t("no limit") }), number("most-candidates", MOST_CANDIDATES, t("Places at most"), { max: 5000 }), number("solver-seconds", SECONDS, t("Seconds at most"), { max: 300 })),
      this.fault,
      h("button", { type: "submit", class: "btn btn-primary", id: "find-sites" }, icon("geo"), ` ${t("Find sites")}`));
  }

  get wish() {
    const value = (id) => document.getElementById(id).value;
    const aim = value("aim");
    const byBudget = this.bound.value === "budget";
    const many = aim === "everyone" ? null : Number(value("how-many"));
    const places = this.from === "cells" ? "cells" : this.chosen.map(({ lon, lat }) => [lon, lat]);
    const costs = this.chosen.some(({ cost }) => cost != null) && this.from !== "cells" ? this.chosen.map(({ cost }) => cost ?? 1) : null;
    return {
      aim, sites: byBudget ? null : many, budget: byBudget ? many : null, candidates: places, costs,
      most_candidates: Number(value("most-candidates")) || MOST_CANDIDATES, keep: this.keep.checked,
      capacity: Number(value("site-capacity")) || null, seconds: Number(value("solver-seconds")) || SECONDS,
    };
  }

  showWish() {
    const aim = document.getElementById("aim").value;
    this.hint.textContent = t(HINTS[aim]);
    this.boundLine.hidden = aim === "everyone";
  }

  /** Where sites could stand: made by the server, clicked one by one, or points of a file. */
  choose(from) {
    this.from = from;
    this.chosen = [];
    this.desk.map.candidates([]);
    this.tellCandidates();
    if (from === "file") this.file.click();
    if (from !== "clicked") return this.endChoosing();
    document.getElementById("tool-strip").hidden = false;
    document.getElementById("tool-hint").textContent = t("Click every place where one could be built.");
    this.desk.map.tool = ({ lng, lat }) => { this.chosen.push({ lon: lng, lat }); this.tellCandidates(); };
    return undefined;
  }

  endChoosing() {
    document.getElementById("tool-strip").hidden = true;
    this.desk.map.tool = null;
  }

  async readFile() {
    const [file] = this.file.files;
    if (!file) return;
    try {
      const { features } = JSON.parse(await file.text());
      const points = features.filter(({ geometry }) => geometry?.type === "Point");
      if (!points.length) throw new TypeError();
      this.chosen = points.map(({ geometry, properties }) => ({ lon: geometry.coordinates[0], lat: geometry.coordinates[1], cost: number(properties?.cost) }));
      this.tellCandidates();
    } catch {
      this.refuse(t("The file holds no points as GeoJSON."));
    }
  }

  tellCandidates() {
    this.desk.map.candidates(this.chosen.map(({ lon, lat }) => [lon, lat]));
    this.candidateWords.textContent = this.from === "cells" ? "" : t("{n} places", { n: integer(this.chosen.length) });
    this.refuse("");
  }

  refuse(text) {
    this.fault.textContent = text;
    this.fault.hidden = !text;
  }

  // --- the run ---

  async send(event) {
    event.preventDefault();
    if (this.from !== "cells" && !this.chosen.length) return this.refuse(t("Choose places first."));
    this.refuse("");
    this.endChoosing();
    this.siting = null;
    this.desk.map.numbered([]); // those of an earlier search are not its answer
    replace(this.body, new Progress().tell({ done: 0, total: 0, words: t("Waiting") }).element);
    try {
      const { id } = await post("/sitings", { question: this.desk.question.value, wish: this.wish });
      await this.follow(id);
    } catch (problem) {
      replace(this.body);
      this.refuse(refusalWords(problem));
    }
    return undefined;
  }

  async follow(id) {
    clearTimeout(this.timer);
    try {
      const siting = await get(`/sitings/${id}`);
      this.siting = siting;
      if (siting.outcome) this.mark(siting.outcome);
      if (RUNNING.has(siting.state)) {
        this.timer = setTimeout(() => this.follow(id), POLL_MS);
        this.tellRunning(siting);
      } else {
        this.running = null;
        this.tell(siting);
        this.list();
      }
    } catch (problem) {
      replace(this.body, h("p", { class: "inline-error", role: "alert" }, problem.message));
    }
  }

  /** How far it is, and the best so far. */
  tellRunning(siting) {
    const words = siting.stop_asked ? t("Stopping") : stateName(siting.state);
    const stop = () => post(`/sitings/${siting.id}/stop`, {}).catch((problem) => this.desk.say(problem.message, { bad: true }));
    if (this.running?.id !== siting.id) {
      this.running = { id: siting.id, progress: new Progress(stop), facts: h("div") };
      replace(this.body, this.running.progress.element, this.running.facts);
    }
    this.running.progress.tell({ done: siting.done, total: siting.total, words });
    replace(this.running.facts, siting.outcome?.sites ? this.facts(siting) : null);
  }

  show() {
    if (this.siting?.outcome) this.mark(this.siting.outcome);
    this.list();
  }

  hide() {
    this.endChoosing();
    this.desk.map.numbered([]);
    this.desk.map.candidates([]);
  }

  async list() {
    try {
      const { sitings } = await get("/sitings");
      replace(this.past, sitings.length ? sitings.map((one) => h("li", {}, h("button", { type: "button", class: "btn-link", onclick: () => this.follow(one.id) }, aimName(one.wish.aim), h("small", {}, [stateName(one.state), one.author, dateTime(one.at)].join(" · "))))) : h("li", { class: "muted" }, t("Nothing was searched yet.")));
    } catch (problem) {
      replace(this.past, h("li", { class: "inline-error", role: "alert" }, problem.message));
    }
  }

  // --- what was found ---

  tell({ wish, state, problem, outcome }) {
    if (problem) return replace(this.body, h("p", { class: "inline-error", role: "alert" }, problem));
    if (!outcome?.sites) return replace(this.body, h("p", { class: "muted" }, t("Nothing was found before it was stopped.")));
    this.mark(outcome);
    const { sites } = outcome;
    replace(this.body,
      state === "stopped" ? h("p", { class: "hint" }, t("It was stopped; this is the best until then.")) : null,
      outcome.note ? h("p", { class: "finding" }, icon("info-circle"), h("span", {}, named(outcome.note))) : null,
      this.facts({ wish, outcome }),
      sites.length ? h("ol", { class: "site-list" }, sites.map((site) => h("li", {}, h("button", { type: "button", class: "btn-link", onclick: () => this.desk.map.map.setView([site.lat, site.lon], 15) }, siteWords(site))))) : null,
      sites.length && wish.keep ? h("button", { type: "button", class: "btn btn-primary btn-sm", id: "take-sites", onclick: () => this.takeAsScenario(sites, wish) }, icon("signpost-split"), ` ${t("Take as a scenario")}`) : null);
    return undefined;
  }

  facts({ wish, outcome }) {
    const facts = [
      [t("Sites"), integer(outcome.sites.length)],
      [aimName(wish.aim), valueWords(outcome)],
      ...(outcome.before && outcome.after ? [[t("Residents covered"), `${integer(outcome.before.covered_residents)} → ${integer(outcome.after.covered_residents)}`]] : []),
      [t("Proof"), outcome.proven || outcome.gap === 0 ? t("proven best") : outcome.gap == null ? t("no bound is known") : t("at most {gap} from the best", { gap: share(outcome.gap) })],
      [t("Solver"), [outcome.solver, outcome.seconds == null ? null : `${short(Math.round(outcome.seconds * 10) / 10)} s`].filter(Boolean).join(" · ")],
    ];
    return h("dl", { class: "number-list", id: "siting-facts" }, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  }

  mark({ sites = [] }) {
    if (this.desk.tabs.name !== "sites") return;
    this.desk.map.numbered(sites.map((site, i) => ({ ...site, order: site.order ?? i + 1, words: siteWords(site) })));
  }

  async takeAsScenario(sites, wish) {
    await this.desk.takeQuestion(this.siting.question);
    this.desk.whatIf.set(sites.map((site, i) => ({ what: "open", facility: -(i + 1), lon: site.lon, lat: site.lat, capacity: wish.capacity ?? null })));
    this.desk.tabs.open("what-if");
  }
}

const siteWords = (site) => (site.gained_residents == null ? t("Site at {lon}, {lat}", { lon: site.lon.toFixed(4), lat: site.lat.toFixed(4) }) : t("{change} residents", { change: signed(site.gained_residents) }));

function valueWords({ value, unit }) {
  if (value == null) return NONE;
  if (unit === "metres") return metres(value);
  if (unit === "residents") return t("{n} residents", { n: integer(value) });
  if (unit === "sites") return t("{n} sites", { n: integer(value) });
  if (unit === "cost") return t("costs of {n}", { n: integer(value) });
  return t("{n} metres walked by all", { n: short(value) });
}

const number = (value) => (Number.isFinite(Number(value)) && value !== null && value !== "" ? Number(value) : null);
