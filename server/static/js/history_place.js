// The grids of one place through time, with who decided and on what grounds, and its incidents by month on today's grid.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { area, date, integer, NONE } from "./format.js";
import { gridName, named, t } from "./words.js";

const MONTHS = 24;

export class PlaceHistory {
  constructor(map, { colour, showPlan }) {
    Object.assign(this, { map, colour, showPlan });
    this.panel = document.getElementById("place");
    this.list = document.getElementById("place-grids");
    this.chart = document.getElementById("place-chart");
    this.plan = null;
    this.grids = [];
    this.turn = 0;
    this.outline = L.geoJSON(null, { pane: "chosen", interactive: false, style: { color: colour, weight: 3, fill: false } }).addTo(map);
    this.marker = null;
    this.panel.querySelector(".panel-close").addEventListener("click", () => this.close());
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  async open(latlng) {
    const turn = ++this.turn;
    this.mark(latlng);
    this.panel.hidden = false;
    document.querySelector(".history-page").classList.add("has-place");
    this.uncover(latlng);
    document.getElementById("place-title").textContent = t("Loading");
    replace(this.chart);
    replace(this.list, h("li", { class: "skeleton w-75" }));
    try {
      const { grids } = await get("/history", { lon: latlng.lng.toFixed(7), lat: latlng.lat.toFixed(7) });
      if (turn === this.turn) this.tell(grids.toReversed());
    } catch (problem) {
      if (turn === this.turn) this.say(problem.message);
    }
  }

  close() {
    this.turn += 1;
    this.panel.hidden = true;
    document.querySelector(".history-page").classList.remove("has-place");
    this.outline.clearLayers();
    this.marker?.remove();
    this.grids = [];
    this.map.getContainer().focus({ preventScroll: true });
  }

  planShown(id) {
    this.plan = id;
    this.outlineShown();
  }

  mark(latlng) {
    this.marker?.remove();
    this.marker = L.circleMarker(latlng, { pane: "chosen", radius: 5, color: "#fff", weight: 2, fillColor: "#c2371b", fillOpacity: 1, interactive: false }).addTo(this.map);
  }

  /** Move the map so that the panel does not lie over the place. */
  uncover(latlng) {
    const { x, y } = this.map.latLngToContainerPoint(latlng);
    const here = this.map.getContainer().getBoundingClientRect();
    const panel = this.panel.getBoundingClientRect();
    const isUnder = here.left + x > panel.left && here.top + y > panel.top;
    if (!isUnder) return;
    if (panel.width >= here.width) this.map.panBy([0, y - (panel.top - here.top) / 2]);
    else this.map.panBy([x - (panel.left - here.left) / 2, 0]);
  }

  say(words) {
    document.getElementById("place-title").textContent = words;
    replace(this.list);
    this.outline.clearLayers();
  }

  tell(grids) {
    this.grids = grids;
    if (!grids.length) {
      this.say(t("No grid was ever here."));
      return;
    }
    document.getElementById("place-title").textContent = gridName({ code: grids[0].code, name: grids[0].name }, grids[0].community);
    replace(this.list, grids.map((grid) => this.row(grid)));
    this.outlineShown();
    this.count(grids[0]);
    this.panel.querySelector(".panel-body").focus({ preventScroll: true });
  }

  row(grid) {
    const { plan, valid } = grid;
    const fact = (term, value) => (value ? [h("dt", {}, term), h("dd", {}, value)] : []);
    const until = valid.to ? date(valid.to) : t("until further notice");
    return h(
      "li",
      { dataset: { plan: plan.id, from: valid.from } },
      h("button", { type: "button", onclick: () => this.showPlan(plan.id) }, h("strong", {}, grid.code), h("span", {}, `${date(valid.from)} – ${until}`)),
      h(
        "dl",
        {},
        fact(t("Plan"), named(plan.name)),
        fact(t("Decision"), plan.decision || NONE),
        fact(t("Drawn by"), plan.author),
        fact(t("Published by"), plan.published_by),
        fact(t("Residents"), `${integer(grid.population)} · ${area(grid.area_m2)}`),
        fact(t("Came from"), grid.origins.map((origin) => `${origin.code} (${Math.round(origin.area_fraction * 100)} %)`).join(", ")),
        fact(t("Edits here"), grid.edits.map((edit) => `#${edit.seq} ${edit.kind} · ${edit.author}`).join(", ")),
        grid.consultations.map((asked) => fact(t("Consultation"), this.support(asked))).flat(),
      ),
    );
  }

  support({ supporting, voices, override_reason: reason }) {
    const said = t("{n} of {all} in favour", { n: integer(supporting), all: integer(voices) });
    return reason ? `${said} · ${t("set aside: {reason}", { reason })}` : said;
  }

  /** Outline the grid that the place has under the plan on the map. */
  outlineShown() {
    this.outline.clearLayers();
    const rows = [...this.list.children];
    const moment = this.momentOf(this.plan);
    const index = this.grids.findIndex(({ valid }) => moment && valid.from <= moment && (!valid.to || moment < valid.to));
    rows.forEach((row, i) => row.classList.toggle("is-shown", i === index));
    if (index >= 0) this.outline.addData(this.grids[index].geometry);
  }

  momentOf(plan) {
    return window.wangge?.history.plans.find((each) => each.id === plan)?.valid.from ?? null;
  }

  /** Incidents per month of the last two years, placed anew in the grid that the place has now. */
  async count(grid) {
    const turn = this.turn;
    const now = new Date();
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - MONTHS + 1, 1));
    const to = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
    const day = (moment) => moment.toISOString().slice(0, 10);
    try {
      const found = await get("/series", { measure: "incidents", by: "grid", area: grid.community.code, from: day(from), to: day(to), step: "month" });
      const row = found.series.find(({ code }) => code === grid.code);
      if (turn === this.turn && row) this.draw(found, row.values);
    } catch (problem) {
      if (turn === this.turn) replace(this.chart, h("p", { class: "fault" }, icon("exclamation-triangle"), problem.message));
    }
  }

  draw({ steps }, values) {
    const most = Math.max(1, ...values);
    const month = (i) => steps[i].slice(0, 7);
    const bar = (value, i) => h("li", { title: `${month(i)}: ${integer(value)}` }, h("span", { style: { height: `${(100 * value) / most}%` } }));
    const total = values.reduce((sum, value) => sum + value, 0);
    replace(
      this.chart,
      h("h3", {}, t("Incidents in 24 months: {n}", { n: integer(total) })),
      h("p", {}, t("Every incident placed anew in today's grid.")),
      h("ol", { class: "bars", role: "img", "aria-label": t("Incidents in 24 months: {n}", { n: integer(total) }) }, values.map(bar)),
      h("div", { class: "bar-ends" }, h("span", {}, month(0)), h("span", {}, month(steps.length - 1))),
    );
  }
}
