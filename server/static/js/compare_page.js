// The page that compares two plans: figures and a table on the left, two maps on the right. Folium's script calls `start`.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { area, integer, short } from "./format.js";
import { PairedMaps, change, legendRows, mapButtons, percent } from "./paired_maps.js";
import { named, t } from "./words.js";

const element = (id) => document.getElementById(id);
const STATUS = { changed: "Changed", new: "New", ended: "Ended", attributes: "Kind or name" };
const NARROW = window.matchMedia("(max-width: 767.98px)");
const POLL_MS = 1500;
const ACCEPTED = 202;

export function start(parts) {
  window.wangge = { ...parts, compare: new ComparePage(parts) };
}

class ComparePage {
  constructor({ map, division, page }) {
    this.page = page;
    this.grids = new Map();
    this.rows = new Map();
    this.pair = new PairedMaps({ map, division, page, frame: element("pair"), pick: (key) => this.select(key, { scroll: true }), moved: () => this.filter() });
    this.pair.told = (key, side) => this.tooltip(key, side);
    mapButtons(this.pair);
    replace(element("legend"), legendRows(page.colours));
    element("map-attribution").textContent = page.attribution;
    if (NARROW.matches) {
      document.querySelector("input[name=mode][value=swipe]").click();
      document.querySelector(".pair-legend").open = false;
    }
    element("only-here").addEventListener("change", () => this.filter());
    for (const side of ["a", "b"]) element(`plan-${side}`).addEventListener("change", () => this.load());
    element("turn").addEventListener("click", () => this.turn());
    for (const kind of ["pdf", "xlsx", "gpkg"]) element(`file-${kind}`).addEventListener("click", (event) => this.fetchFile(event));
    this.begin();
  }

  async begin() {
    try {
      const { plans } = await get("/plans");
      this.plans = plans;
      const ids = plans.map(({ id }) => id);
      const after = this.page.b ?? ids[0];
      const before = this.page.a ?? plans.find(({ id }) => id === after)?.parent?.id ?? plans.find(({ id }) => id === after)?.parent ?? ids[1] ?? ids[0];
      this.choices("plan-a", before);
      this.choices("plan-b", after);
      await this.load();
    } catch (problem) {
      this.showFault(problem);
    }
  }

  choices(id, chosen) {
    const known = this.plans.some((plan) => plan.id === chosen) ? this.plans : [{ id: chosen, name: t("Plan {id}", { id: chosen }) }, ...this.plans];
    replace(element(id), known.map((plan) => h("option", { value: plan.id, selected: plan.id === chosen }, planName(plan))));
  }

  turn() {
    const [a, b] = [element("plan-a"), element("plan-b")];
    [a.value, b.value] = [b.value, a.value];
    this.load();
  }

  async load() {
    const [a, b] = [element("plan-a").value, element("plan-b").value];
    history.replaceState(null, "", `?a=${a}&b=${b}`);
    this.request?.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    element("found").setAttribute("aria-busy", "true");
    try {
      const [told, maps] = await Promise.all([get(`/plans/${a}/comparison/${b}`, {}, { signal }), get(`/plans/${a}/comparison/${b}/map`, {}, { signal })]);
      this.show(told, maps);
      element("fault").hidden = true;
    } catch (problem) {
      if (problem.name !== "AbortError") this.showFault(problem);
    } finally {
      if (!signal.aborted) element("found").setAttribute("aria-busy", "false");
    }
  }

  showFault(problem) {
    element("fault").hidden = false;
    replace(element("fault"), problem.detail ?? problem.title, " ", h("button", { type: "button", class: "btn-link", onclick: () => (this.plans ? this.load() : this.begin()) }, t("Try again")));
  }

  show(told, maps) {
    this.told = told;
    const base = `/api/v1/plans/${told.before.id}/comparison/${told.after.id}`;
    element("file-pdf").href = `${base}/report.pdf?language=${this.page.language}`;
    element("file-xlsx").href = `${base}/report.xlsx`;
    element("file-gpkg").href = `${base}/changes.gpkg`;
    element("name-before").textContent = named(told.before.name);
    element("name-after").textContent = named(told.after.name);
    for (const [side, plan] of [["a", told.before], ["b", told.after]]) {
      const chosen = element(`plan-${side}`).selectedOptions[0];
      if (Number(chosen?.value) === plan.id) chosen.textContent = planName(plan);
    }
    element("same").hidden = !told.summary.same;
    element("found").hidden = told.summary.same;
    this.grids = new Map(told.grids.map((grid) => [grid.key, grid]));
    this.pair.draw(maps);
    this.pair.fitAll();
    this.showFigures(told);
    replace(element("sentences"), told.sentences.map((sentence) => h("p", {}, named(sentence))));
    this.fillTable(told.grids);
  }

  showFigures({ summary, period }) {
    const { moved } = summary;
    const rows = [
      [t("Grids"), change(summary.grids.before, summary.grids.after), t("{changed} changed, {fresh} new, {ended} ended", { changed: integer(summary.grids_changed), fresh: integer(summary.grids_new), ended: integer(summary.grids_ended) })],
      [t("Residents who change grid"), integer(moved.population), t("{n} basic units, {area}", { n: integer(moved.cells), area: area(moved.area_m2) })],
      [t("Hours a month that pass"), short(Math.round(moved.hours)), t("{n} incidents from {from} to {to}", { n: integer(moved.incidents), from: period.from, to: dayBefore(period.to) })],
      [t("Officers who must move"), integer(summary.staff_moved), t("{n} more with a changed grid", { n: integer(summary.staff_concerned) })],
      [t("Variation where redrawn"), change(summary.variation_touched.before, summary.variation_touched.after, (value) => value.toFixed(3)), t("mean over {n} communities", { n: integer(summary.communities) })],
      [t("Largest deviation"), change(summary.deviation.before, summary.deviation.after, (value) => `${Math.round(100 * value)} %`), t("of a grid from its community's mean")],
    ];
    replace(element("key-figures"), rows.map(([name, value, more]) => h("div", {}, h("dt", {}, name), h("dd", {}, value), h("dd", { class: "more-said" }, more))));
  }

  // --- the table ---

  fillTable(grids) {
    const head = [t("Grid"), t("Residents"), t("Hours / month"), t("Deviation"), t("Units gained"), t("Units lost")];
    const sorted = [...grids].sort((x, y) => weight(y) - weight(x));
    this.rows = new Map(sorted.map((grid) => [grid.key, this.row(grid)]));
    replace(element("changes"), h("thead", {}, h("tr", {}, head.map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, [...this.rows.values()]));
    this.selected = null;
    this.filter();
  }

  row(grid) {
    const { before, after } = grid;
    const place = named(grid.community.name);
    const open = () => this.select(grid.key, { go: true });
    return h(
      "tr",
      { class: `status-${grid.status}`, onclick: open, onpointerenter: () => this.pair.mark(grid.key), onpointerleave: () => this.pair.mark(this.selected) },
      h("th", { scope: "row" }, h("button", { type: "button", class: "row-open" }, named(grid.name) || grid.label), h("span", { class: `tag tag-${grid.status}` }, t(STATUS[grid.status])), h("small", { title: named(grid.town.name) }, place)),
      h("td", {}, change(before?.population, after?.population)),
      h("td", {}, change(before?.hours, after?.hours, (value) => integer(Math.round(value)))),
      h("td", {}, change(before?.deviation, after?.deviation, percent)),
      h("td", {}, grid.gained.cells ? `+${integer(grid.gained.cells)}` : "–"),
      h("td", {}, grid.lost.cells ? `−${integer(grid.lost.cells)}` : "–"),
    );
  }

  select(key, { go = false, scroll = false } = {}) {
    document.querySelector(".row-detail")?.remove();
    this.rows.get(this.selected)?.removeAttribute("aria-selected");
    const row = this.rows.get(key);
    if (!row) {
      this.selected = null;
      return this.pair.mark(key);
    }
    this.selected = key;
    row.setAttribute("aria-selected", "true");
    row.hidden = false;
    row.after(this.detail(this.grids.get(key)));
    this.pair.mark(key, { go });
    if (scroll) row.scrollIntoView({ block: "nearest" });
    return undefined;
  }

  detail(grid) {
    const ends = (list, words) => list.map((end) => h("li", {}, t(words, { grid: end.label }), " ", h("span", { class: "muted" }, amountWords(end))));
    const attributes = Object.entries(grid.attributes ?? {}).map(([name, { before, after }]) => h("li", {}, `${t(ATTRIBUTES[name])}: ${change(before, after, (value) => value)}`));
    return h("tr", { class: "row-detail" }, h("td", { colspan: 6 }, h("p", {}, h("code", {}, grid.code || grid.label), " ", staffWords(grid)), h("ul", {}, ends(grid.from, "Gained from {grid}:"), ends(grid.to, "Lost to {grid}:"), attributes)));
  }

  /** Show only the rows of grids that the map shows, if that is asked for. */
  filter() {
    const wanted = element("only-here").checked ? this.pair.visible() : null;
    let shown = 0;
    for (const [key, row] of this.rows) {
      row.hidden = wanted !== null && !wanted.has(key);
      if (!row.hidden) shown += 1;
    }
    element("changed-count").textContent = shown === this.rows.size ? integer(shown) : t("{shown} of {of}", { shown: integer(shown), of: integer(this.rows.size) });
  }

  tooltip(key, side) {
    const grid = this.grids.get(key);
    const drawn = this.pair.layers[side].get(key).feature.properties;
    if (!grid) return h("div", {}, h("strong", {}, drawn.label), h("span", {}, t("Stays as it is")));
    const state = grid[side];
    return h("div", {}, h("strong", {}, `${named(grid.name) || grid.label} · ${t(STATUS[grid.status])}`), state ? h("span", {}, t("{residents} residents, {hours} h a month", { residents: integer(state.population), hours: integer(Math.round(state.hours)) })) : null);
  }

  // --- files ---

  /** A file may take a while to be made: ask until it is there. */
  async fetchFile(event) {
    event.preventDefault();
    const link = event.currentTarget;
    const said = element("file-said");
    said.textContent = t("The file is being made …");
    try {
      for (;;) {
        const answer = await fetch(link.href, { headers: { Accept: "*/*" } });
        if (answer.status !== ACCEPTED) {
          if (!answer.ok) throw new Error((await answer.json()).detail);
          await save(answer);
          said.textContent = "";
          return;
        }
        const { done, total } = await answer.json();
        said.textContent = t("The file is being made: {done} of {total}", { done, total });
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    } catch (error) {
      replace(said, icon("exclamation-circle"), " ", error.message);
    }
  }
}

const ATTRIBUTES = { kind: "Kind", unit_type: "Unit type", name_zh: "Chinese name", name_en: "English name" };

const weight = (grid) => grid.gained.population + grid.lost.population;

function planName(plan) {
  const state = plan.state?.name ?? plan.state;
  return [named(plan.name), state && named(state)].filter(Boolean).join(" · ");
}

function amountWords({ cells, population, households, hours, incidents }) {
  return t("{cells} basic units, {residents} residents in {households} households, {hours} h a month, {incidents} incidents", {
    cells: integer(cells), residents: integer(population), households: integer(households), hours: integer(Math.round(hours)), incidents: integer(incidents),
  });
}

function staffWords({ before, after }) {
  return h("span", { class: "muted" }, `${t("Staff")} ${change(before?.staff, after?.staff)} · ${t("Incidents")} ${change(before?.incidents, after?.incidents)}`);
}

function dayBefore(iso) {
  return new Date(Date.parse(iso) - 86_400_000).toISOString().slice(0, 10);
}

async function save(answer) {
  const name = /filename=\W([\w.-]+)/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "comparison";
  const url = URL.createObjectURL(await answer.blob());
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(url);
}
