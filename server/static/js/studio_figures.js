// The panel of figures: of the chosen grids, of their community as bars, or of the whole plan with its worst grids.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { area, integer, short } from "./format.js";
import { AttributesForm } from "./studio_attributes.js";
import { percent } from "./studio_measures.js";
import { PART_NAMES, kindWords, partWords, unitTypeWords } from "./studio_words.js";
import { named, t } from "./words.js";

const MOST_CARDS = 6;
const WORST = 12;
const EXPLAINED = ["inspections", "incidents", "people"];
const LEAST_EXPLAINED_H = 0.05;
const PART_COLOURS = { inspections: "#0072b2", incidents: "#d55e00", people: "#009e73", walking: "#8a6d00", spread: "#c7a84a", fixed: "#8b98a9" };

export class FiguresPanel {
  constructor(element, desk) {
    Object.assign(this, { element, desk });
    this.explained = new Map();
  }

  show() {
    const { selection, draft } = this.desk;
    if (!draft.plan || !draft.grids.size) return;
    const grids = selection.grids.length ? selection.grids : [];
    replace(this.element, grids.length ? this.chosen(grids) : this.whole());
  }

  chosen(grids) {
    const [first] = grids;
    return [
      grids.length > 1 ? this.together(grids) : null,
      ...grids.slice(0, MOST_CARDS).map((grid) => this.card(grid, { open: grids.length === 1 })),
      grids.length > MOST_CARDS ? h("p", { class: "muted" }, t("and {n} more", { n: grids.length - MOST_CARDS })) : null,
      this.communityBars(first.properties.community),
    ];
  }

  together(grids) {
    const sum = (name) => grids.reduce((total, { properties }) => total + (properties[name] ?? 0), 0);
    const { isEditable } = this.desk.draft;
    return h(
      "section", { class: "figure-card" },
      h("h3", {}, t("{n} grids together", { n: grids.length })),
      facts([[t("Hours a month"), short(sum("hours"))], [t("Residents"), integer(sum("population"))], [t("Area"), area(sum("area_m2"))], [t("Cells"), integer(sum("cells"))]]),
      isEditable ? h(
        "div", { class: "card-actions" },
        action(t("Merge"), "union", () => this.desk.edit({ kind: "merge", grids: grids.map(({ key }) => key) })),
        action(t("Lock"), "lock", () => this.lock(grids, true)),
        action(t("Unlock"), "unlock", () => this.lock(grids, false)),
      ) : null,
    );
  }

  card(grid, { open }) {
    const { properties: p } = grid;
    const { isEditable } = this.desk.draft;
    return h(
      "section", { class: "figure-card", dataset: { key: p.key } },
      h(
        "header", { class: "grid-head" },
        h("h3", {}, this.desk.gridWords(p)),
        p.locked ? h("span", { class: "tag" }, icon("lock-fill"), t("Locked")) : null,
        p.pieces > 1 ? h("span", { class: "tag tag-bad" }, t("{n} pieces", { n: p.pieces })) : null,
        h("button", { type: "button", class: "icon-button", title: t("Zoom to it (F)"), "aria-label": t("Zoom to it (F)"), onclick: () => this.desk.zoomTo([grid]) }, icon("crosshair")),
        isEditable ? h("button", { type: "button", class: "icon-button", title: p.locked ? t("Unlock") : t("Lock (K)"), "aria-label": p.locked ? t("Unlock") : t("Lock (K)"), onclick: () => this.lock([grid], !p.locked) }, icon(p.locked ? "unlock" : "lock")) : null,
      ),
      h("p", { class: "grid-place" }, [this.desk.communityName(p.community), p.code || t("new in this plan"), unitTypeWords(p.unit_type), kindWords(p.kind)].join(" · ")),
      h("div", { class: "big-figures" }, big(`${short(p.hours)} ${t("h")}`, t("a month")), big(percent(p.deviation), t("from the community's mean"), this.desk.colourOf(grid)), big(percent(p.deviation_town), t("from the town's mean"))),
      partsBar(p),
      open ? this.explain(p) : null,
      facts([
        [t("Residents"), integer(p.population)], [t("Households"), integer(p.households)], [t("Area"), area(p.area_m2)], [t("Cells"), integer(p.cells)], [t("Incidents"), integer(p.incidents)],
        [t("Compactness"), p.compactness?.toFixed(2) ?? "–"], [t("Posts"), integer(p.staff)], [t("Hours per post"), p.staff ? short(p.hours / p.staff) : "–"],
      ]),
      open && isEditable ? new AttributesForm(grid, this.desk).element : null,
    );
  }

  lock(grids, locked) {
    return this.desk.edit({ kind: "lock", grids: grids.map(({ key }) => key), locked });
  }

  /** Where the hours come from, down to kinds of places and matters: asked for when opened. */
  explain({ key }) {
    const body = h("div", { class: "explained" });
    const details = h("details", { class: "explain" }, h("summary", {}, t("Where do the hours come from?")), body);
    details.addEventListener("toggle", () => details.open && !body.children.length && this.fillExplained(body, key));
    return details;
  }

  async fillExplained(body, key) {
    replace(body, h("div", { class: "skeleton w-75" }));
    try {
      const told = await get(`/plans/${this.desk.draft.id}/grids/${key}/hours`);
      const lines = EXPLAINED.flatMap((part) => told[part] ?? []).filter((line) => line.hours >= LEAST_EXPLAINED_H);
      lines.sort((a, b) => b.hours - a.hours);
      const says = [...lines.map((line) => line.says), told.walking?.says, told.spread?.says].filter(Boolean);
      replace(body, h("ul", { class: "explained-rows" }, says.map((each) => h("li", {}, named(each)))), h("a", { href: "/plans/workload" }, named(told.model.name)));
    } catch (problem) {
      replace(body, h("p", { class: "inline-error" }, problem.message));
    }
  }

  /** Each grid of a community as a bar, with the mean: where it is unfair, at a glance. */
  communityBars(code) {
    const grids = (this.desk.draft.communities.get(code) ?? []).slice().sort((a, b) => b.properties.hours - a.properties.hours);
    if (grids.length < 2) return null;
    const mean = grids.reduce((sum, { properties }) => sum + properties.hours, 0) / grids.length;
    const most = Math.max(grids[0].properties.hours, mean) * 1.02;
    this.most = most;
    const bars = grids.map((grid) => h(
      "button", { type: "button", class: "grid-bar", dataset: { bar: grid.key }, "aria-pressed": String(this.desk.selection.has(grid.key)), onclick: (event) => (event.shiftKey ? this.desk.selection.toggle(grid.key) : this.desk.selection.set([grid.key])) },
      h("span", { class: "bar-label" }, grid.properties.label),
      h("span", { class: "bar-track" }, h("span", { class: "bar-fill", style: { width: `${(100 * grid.properties.hours) / most}%`, background: this.desk.colourOf(grid, "deviation") } }), h("span", { class: "bar-mean", style: { left: `${(100 * mean) / most}%` } })),
      h("span", { class: "bar-value" }, `${short(Math.round(grid.properties.hours))} ${t("h")}`),
      h("span", { class: "bar-deviation" }, percent(grid.properties.deviation)),
    ));
    return h("section", { class: "figure-card" }, h("h3", {}, t("{community}: {n} grids, mean {hours} h", { community: this.desk.communityName(code), n: grids.length, hours: short(Math.round(mean)) })), h("div", { class: "grid-bars" }, bars));
  }

  /** The bars as a stroke would leave them, before the server has counted. */
  showEffect(effects) {
    for (const { key, hours, after } of effects) {
      const bar = this.element.querySelector(`[data-bar="${key}"]`);
      if (!bar) continue;
      bar.classList.add("is-guess");
      bar.querySelector(".bar-fill").style.width = `${Math.min(100, (100 * hours) / this.most)}%`;
      bar.querySelector(".bar-value").textContent = `${short(Math.round(hours))} ${t("h")}`;
      bar.querySelector(".bar-deviation").textContent = percent(after);
    }
  }

  // --- nothing chosen ---

  whole() {
    const { plan, grids } = this.desk.draft;
    const { summary: s = {} } = plan;
    const ordered = [...grids.values()].sort((a, b) => b.properties.deviation - a.properties.deviation);
    return [
      h("section", { class: "figure-card" }, h("h3", {}, t("The plan as it is now")), facts([
        [t("Grids"), beforeAfter(s.grids_before, s.grids ?? grids.size, integer)],
        [t("Unevenness"), beforeAfter(s.variation_mean_before, s.variation_mean, (v) => (v == null ? "–" : v.toFixed(3)))],
        [t("Farthest from its mean"), percent(s.deviation_max)],
        [t("Hours a month"), short(s.hours)],
        [t("Cells moved"), integer(s.cells_moved ?? 0)], [t("Residents moved"), integer(s.residents_moved ?? 0)], [t("Cells cut"), integer(s.cells_cut ?? 0)],
      ]), h("p", { class: "hint" }, t("Unevenness is the mean over the communities of how hours vary between their grids; 0 is perfectly even."))),
      this.worst(t("Most overloaded"), ordered.slice(0, WORST)),
      this.worst(t("Least loaded"), ordered.slice(-WORST).reverse()),
    ];
  }

  worst(title, grids) {
    const rows = grids.map((grid) => h(
      "button", { type: "button", class: "worst-row", onclick: () => this.desk.choose([grid.key]) },
      h("span", { class: "swatch", style: { background: this.desk.colourOf(grid, "deviation") } }), h("span", { class: "worst-name" }, this.desk.gridWords(grid.properties)),
      h("span", { class: "bar-value" }, `${short(Math.round(grid.properties.hours))} ${t("h")}`), h("span", { class: "bar-deviation" }, percent(grid.properties.deviation)),
    ));
    return h("section", { class: "figure-card" }, h("h3", {}, title), h("div", { class: "grid-bars" }, rows));
  }
}

const facts = (pairs) => h("dl", { class: "facts facts-2" }, pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));

const big = (value, words, colour) => h("div", { class: "big-figure" }, h("strong", {}, colour ? h("span", { class: "swatch", style: { background: colour } }) : null, value), h("span", {}, words));

const action = (words, symbol, onclick) => h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick }, icon(symbol), ` ${words}`);

export function beforeAfter(before, after, say) {
  if (before == null || before === after) return say(after);
  return h("span", {}, h("span", { class: "muted" }, `${say(before)} → `), say(after));
}

/** Hours by part as one bar, with its words below. */
function partsBar({ parts = {}, hours }) {
  const shown = PART_NAMES.filter((part) => parts[part] > 0);
  return h(
    "div", { class: "parts" },
    h("div", { class: "parts-bar", role: "img", "aria-label": shown.map((part) => `${partWords(part)} ${short(parts[part])} ${t("h")}`).join(", ") }, shown.map((part) => h("span", { style: { width: `${(100 * parts[part]) / hours}%`, background: PART_COLOURS[part] } }))),
    h("ul", { class: "parts-legend" }, shown.map((part) => h("li", {}, h("span", { class: "swatch-dot", style: { background: PART_COLOURS[part] } }), partWords(part), h("strong", {}, short(Math.round(parts[part]))))))
  );
}
