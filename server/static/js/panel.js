// The detail panel: everything known of one grid, area or facility.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { NONE, area, date, dateTime, density, integer, metres, openingHours, short } from "./format.js";
import { isClosed, isUrgent } from "./states.js";
import { gridName, named, t } from "./words.js";

const PATHS = { grid: "/grids/", area: "/areas/", facility: "/facilities/" };
const LEVEL_WORDS = { city: "City", town: "Town", community: "Community", grid: "Grid" };
const SHOWN_CHILDREN = 12;

export class Panel {
  /** `actions`: select(unit), hover(unit | null), close(), standing(unit) → Promise of {figures, colour, rank, of} or null. */
  constructor(element, actions) {
    this.element = element;
    this.body = element.querySelector(".panel-body");
    this.title = element.querySelector(".panel-title");
    this.kind = element.querySelector(".panel-kind");
    this.actions = actions;
    element.querySelector(".panel-close").addEventListener("click", () => actions.close());
    element.querySelector(".panel-zoom").addEventListener("click", () => this.shown && actions.zoomTo(this.shown));
    element.querySelector(".panel-link").addEventListener("click", (event) => copyLink(event.currentTarget));
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Show a unit; resolves to what the server knows of it, or null if that failed. */
  async open(unit) {
    this.request?.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    this.reveal();
    this.showLoading(unit);
    try {
      const found = await get(`${PATHS[unit.type]}${encodeURIComponent(unit.code)}`, {}, { signal });
      if (signal.aborted) return null;
      this.show(unit, found);
      return found;
    } catch (problem) {
      if (problem.name !== "AbortError") this.showError(unit, problem);
      return null;
    }
  }

  close() {
    this.request?.abort();
    this.element.hidden = true;
    this.shown = null;
    document.body.classList.remove("has-panel");
  }

  reveal() {
    this.element.hidden = false;
    document.body.classList.add("has-panel");
  }

  showLoading(unit) {
    this.shown = null;
    this.element.dataset.unit = "";
    this.element.setAttribute("aria-busy", "true");
    this.kind.textContent = unit.type === "area" ? t("Area") : t(unit.type === "grid" ? "Grid" : "Facility");
    this.title.textContent = unit.code;
    replace(this.body, ["w-60", "tall", "w-90", "w-75", "tall", "w-60"].map((size) => h("div", { class: `skeleton ${size}` })));
  }

  showError(unit, problem) {
    this.element.removeAttribute("aria-busy");
    replace(
      this.body,
      h(
        "div",
        { class: "state-box", role: "alert" },
        icon("exclamation-triangle"),
        h("p", { class: "state-title" }, problem.title ?? t("The server could not answer.")),
        problem.detail && problem.detail !== problem.title ? h("p", {}, problem.detail) : null,
        problem.status === 401
          ? h("a", { class: "btn btn-primary btn-sm", href: `/login?next=${encodeURIComponent(location.pathname + location.hash)}` }, t("Log in again"))
          : problem.status !== 404 && h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: () => this.actions.select(unit) }, t("Try again")),
      ),
    );
  }

  showMessage({ kind, title, symbolName = "info-circle", lines, action }) {
    this.request?.abort();
    this.reveal();
    this.shown = null;
    this.element.removeAttribute("aria-busy");
    this.kind.textContent = kind;
    this.title.textContent = title;
    replace(this.body, h("div", { class: "state-box" }, icon(symbolName), lines.map((line) => h("p", {}, line)), action));
  }

  show(unit, found) {
    this.shown = { unit, found };
    this.element.removeAttribute("aria-busy");
    this.element.dataset.unit = `${unit.type}:${found.code ?? found.id}`;
    this.title.textContent = unit.type === "grid" ? gridName(found, found.community) : named(found.name);
    const parts = { grid: () => this.grid(found), area: () => this.area(found), facility: () => this.facility(found) }[unit.type]();
    replace(this.body, parts, this.footnote(found));
    this.body.scrollTop = 0;
    this.showStanding(unit, found);
  }

  grid(grid) {
    this.kind.textContent = [t("Grid"), named(grid.unit_type?.name)].filter(Boolean).join(" · ");
    return [
      this.trail([{ ...grid.town, type: "area" }, { ...grid.community, type: "area" }]),
      h("p", { class: "code-line" }, h("code", {}, grid.code), validity(grid.valid)),
      h("div", { class: "standing" }),
      facts([
        [t("Residents"), integer(grid.population)],
        [t("Households"), integer(grid.households)],
        [t("Density"), density(grid.population, grid.area_m2)],
        [t("Area"), area(grid.area_m2)],
        [t("Staff"), integer(grid.staff)],
        [t("Residents per staff"), grid.staff ? integer(grid.population / grid.staff) : NONE],
        [t("Basic units"), integer(grid.cells)],
      ]),
      incidentFacts(grid.incidents),
      ...(grid.within_reach
        ? [this.officers(grid.officers ?? []), this.recent(grid.recent_incidents ?? [])]
        : [h("p", { class: "empty" }, t("Officers and incidents are shown to the people of this area."))]),
    ];
  }

  area(unit) {
    this.kind.textContent = t(LEVEL_WORDS[unit.level] ?? "Area");
    const official = unit.population_official;
    return [
      unit.parent ? this.trail([{ ...unit.parent, type: "area" }]) : null,
      h("p", { class: "code-line" }, h("code", {}, unit.code)),
      h("div", { class: "standing" }),
      facts([
        [t("Residents"), integer(unit.population)],
        official == null ? null : [t("2020 census"), integer(official)],
        [t("Households"), integer(unit.households)],
        [t("Density"), density(unit.population, unit.area_m2)],
        [t("Area"), area(unit.area_m2)],
        unit.level === "community" || !unit.communities ? null : [t("Communities"), integer(unit.communities)],
        [t("Grids"), integer(unit.grids)],
        [t("Staff"), integer(unit.staff)],
        [t("Residents per staff"), unit.staff ? integer(unit.population / unit.staff) : NONE],
      ]),
      incidentFacts(unit.incidents),
      this.children(unit.children ?? [], unit),
    ];
  }

  facility(facility) {
    this.kind.textContent = [t("Facility"), named(facility.kind?.name)].filter(Boolean).join(" · ");
    const places = [facility.community && { ...facility.community, type: "area" }, facility.grid && { code: facility.grid.code, name: gridName(facility.grid, facility.community), type: "grid" }];
    return [
      this.trail(places.filter(Boolean)),
      facts([
        [t("Level"), named(facility.level?.name) || NONE],
        [t("Floor area"), facility.floor_area_m2 == null ? NONE : area(facility.floor_area_m2)],
        [t("Capacity"), integer(facility.capacity)],
        [t("Opening hours"), openingHours(facility.opening_hours)],
        [t("Coordinates"), facility.center ? facility.center.map((each) => each.toFixed(5)).join(", ") : NONE],
      ]),
    ];
  }

  trail(units) {
    const links = units.map((unit) => h("li", {}, this.unitLink({ type: unit.type, code: unit.code }, named(unit.name))));
    return h("nav", { "aria-label": t("Belongs to") }, h("ol", { class: "trail" }, links));
  }

  unitLink(unit, text) {
    return h("button", { type: "button", class: "btn-link", onclick: () => this.actions.select(unit, { move: true }) }, text);
  }

  officers(officers) {
    if (!officers.length) return section(t("Officers"), 0, h("p", { class: "empty" }, t("Nobody is posted here.")));
    const rows = officers.map((officer) =>
      h("li", {}, h("span", { class: "person" }, named(officer.name)), h("span", { class: "tag" }, named(officer.duty?.name)), h("span", { class: "role" }, named(officer.role?.name))),
    );
    return section(t("Officers"), officers.length, h("ul", { class: "officers" }, rows));
  }

  recent(incidents) {
    if (!incidents.length) return section(t("Recent incidents"), null, h("p", { class: "empty" }, t("No incidents in this period.")));
    const rows = incidents.map((incident) =>
      h(
        "li",
        {},
        h("div", { class: "incident-line" }, h("span", { class: "matter" }, named(incident.matter)), isUrgent(incident.urgency) ? h("span", { class: "tag tag-urgent" }, t("Urgent")) : null, h("span", { class: `tag ${isClosed(incident.state) ? "" : "tag-open"}` }, named(incident.state?.name))),
        h("div", { class: "incident-meta" }, h("code", {}, incident.number), h("time", { datetime: incident.reported_at }, dateTime(incident.reported_at))),
      ),
    );
    return section(t("Recent incidents"), null, h("ul", { class: "incidents" }, rows));
  }

  children(children, parent) {
    if (!children.length) return null;
    const sorted = [...children].sort((a, b) => (b.population ?? 0) - (a.population ?? 0));
    const most = Math.max(1, ...sorted.map((child) => child.population ?? 0));
    const level = sorted[0].level;
    const list = h("ul", { class: "children" }, sorted.slice(0, SHOWN_CHILDREN).map((child) => this.child(child, most, parent)));
    const rest = sorted.slice(SHOWN_CHILDREN);
    const more = rest.length
      ? h("button", { type: "button", class: "btn-link show-all", onclick: (event) => { list.append(...rest.map((child) => this.child(child, most, parent))); event.currentTarget.remove(); } }, t("Show all {n}", { n: sorted.length }))
      : null;
    return section(t({ town: "Towns", community: "Communities", grid: "Grids" }[level] ?? "Parts"), children.length, h("p", { class: "section-note" }, t("By residents")), list, more);
  }

  child(child, most, parent) {
    const unit = { type: child.level === "grid" ? "grid" : "area", code: child.code, level: child.level };
    return h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "child", onclick: () => this.actions.select(unit, { move: true }), onpointerenter: () => this.actions.hover(unit), onpointerleave: () => this.actions.hover(null) },
        h("span", { class: "child-name" }, child.level === "grid" ? gridName(child, parent) : named(child.name)),
        h("span", { class: "child-value" }, integer(child.population)),
        h("span", { class: "bar", style: { "--share": `${(100 * (child.population ?? 0)) / most}%` } }),
      ),
    );
  }

  footnote(found) {
    return found.synthetic ? h("p", { class: "footnote" }, icon("info-circle"), t("Synthetic data. Not a record of real people or places.")) : null;
  }

  /** The unit's value of the measure shown on the map, its class and its place among all. */
  async showStanding(unit, found) {
    const box = this.body.querySelector(".standing");
    if (!box) return;
    const standing = await this.actions.standing(unit, found).catch(() => null);
    if (!standing || !box.isConnected) return;
    replace(
      box,
      h("span", { class: "swatch", style: { background: standing.colour } }),
      h("span", { class: "standing-value" }, short(standing.value), " ", h("small", {}, named(standing.unit))),
      h("span", { class: "standing-rank" }, t("No. {rank} of {of}", { rank: integer(standing.rank), of: integer(standing.of) })),
    );
  }

  refreshStanding() {
    if (this.shown) this.showStanding(this.shown.unit, this.shown.found);
  }
}

function section(title, count, ...content) {
  return h("section", { class: "panel-section" }, h("h3", {}, title, count ? h("span", { class: "count" }, integer(count)) : null), content);
}

function facts(pairs) {
  return h("dl", { class: "facts" }, pairs.filter(Boolean).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function incidentFacts(incidents) {
  if (!incidents) return null;
  const figure = (name, value, more = "") => h("div", { class: more }, h("dt", {}, name), h("dd", {}, integer(value)));
  return section(
    t("Incidents"),
    null,
    h("dl", { class: "facts facts-3" }, figure(t("Open"), incidents.open, incidents.open ? "is-open" : ""), figure(t("30 days"), incidents.days_30), figure(t("365 days"), incidents.days_365)),
  );
}

function validity(valid) {
  if (!valid?.from) return null;
  return h("span", { class: "validity" }, valid.to ? t("Valid {from} to {to}", { from: date(valid.from), to: date(valid.to) }) : t("In force since {from}", { from: date(valid.from) }));
}

async function copyLink(button) {
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {
    return;
  }
  button.classList.add("is-done");
  setTimeout(() => button.classList.remove("is-done"), 1500);
}

export const distanceWords = metres;
