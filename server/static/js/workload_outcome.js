// What the weights come to, beside the map: sums, legend, histogram, and the grids in view.

import { NONE, integer, short } from "./format.js";
import { h, replace } from "./dom.js";
import { changeOf } from "./workload_map.js";
import { t } from "./words.js";

const BINS = 24;
const WIDTH = 300;
const HEIGHT = 100;
const MOST_ROWS = 200;
const LEAST_CHANGE = 0.0005;
const PERCENT = 100;

const percent = (fraction) => `${fraction > 0 ? "+" : fraction < 0 ? "−" : ""}${short(Math.abs(Math.round(fraction * PERCENT * 10) / 10))} %`;

export class Outcome {
  /** `open(grid)` asks for one grid's account, `pick(class | null)` shows one class of the legend alone. */
  constructor(root, { page, open, pick }) {
    Object.assign(this, { root, page, open, pick });
  }

  show({ grids, summary, postHours }, classes, colour) {
    this.showSums(summary, postHours);
    this.showLegend(classes, colour);
    this.showHistogram(grids);
  }

  showSums({ before, after, grids }, postHours) {
    const change = before.hours ? after.hours / before.hours - 1 : 0;
    const rows = [
      [t("Hours a month"), integer(after.hours), Math.abs(change) < LEAST_CHANGE ? t("as now") : t("{change} against now", { change: percent(change) })],
      [t("Posts that this is"), integer(after.hours / postHours), t("{n} a grid", { n: short(after.hours / postHours / grids) })],
      [t("Grids"), integer(grids), ""],
      [t("Unevenness within communities"), `${integer(after.variation_mean * PERCENT)} %`, t("now {n} %", { n: integer(before.variation_mean * PERCENT) })],
    ];
    replace(document.getElementById("sums"), rows.map(([name, value, more]) => h("div", {}, h("dt", {}, name), h("dd", {}, value, h("small", {}, more)))));
  }

  showLegend({ colours, limits, counts }, colour) {
    const unit = colour === "hours" ? t("hours a month") : t("change against now");
    const words = (i) => range(i, limits, colour);
    const rows = colours.map((each, i) => {
      const button = h(
        "button",
        { type: "button", class: "legend-row", "aria-pressed": "false", title: t("Show this class only"), onclick: () => this.pickClass(i) },
        h("span", { class: "swatch", style: { background: each } }), h("span", { class: "range" }, words(i)), h("span", { class: "count" }, integer(counts[i])),
      );
      return h("li", {}, button);
    });
    this.picked = null;
    const legend = document.getElementById("legend");
    legend.classList.remove("has-pick");
    replace(legend, h("div", { class: "legend-head" }, h("span", {}, unit), h("span", {}, t("Grids"))), h("ul", { class: "legend-rows" }, rows));
  }

  pickClass(i) {
    this.picked = this.picked === i ? null : i;
    const legend = document.getElementById("legend");
    legend.querySelectorAll("button").forEach((button, n) => button.setAttribute("aria-pressed", String(n === this.picked)));
    legend.classList.toggle("has-pick", this.picked !== null);
    this.pick(this.picked);
  }

  /** Bars of how many grids have so many hours: those now as an outline, the new ones filled. */
  showHistogram(grids) {
    const most = Math.max(1, ...grids.flatMap((grid) => [grid.hours, grid.hours_before]));
    const bins = (field) => {
      const counts = new Array(BINS).fill(0);
      for (const grid of grids) counts[Math.min(BINS - 1, Math.floor((grid[field] / most) * BINS))] += 1;
      return counts;
    };
    const [now, then] = [bins("hours_before"), bins("hours")];
    const tallest = Math.max(1, ...now, ...then);
    const svg = h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": t("Hours per grid") },
      h("path", { class: "bar-new", d: outline(then, tallest) }), h("path", { class: "bar-now", d: outline(now, tallest) }));
    replace(
      document.getElementById("histogram"), svg,
      h("div", { class: "axis" }, h("span", {}, "0"), h("span", {}, integer(most / 2)), h("span", {}, t("{n} h", { n: integer(most) }))),
      h("div", { class: "key" }, h("span", { class: "key-now" }, t("now")), h("span", { class: "key-new" }, t("with these weights"))),
    );
  }

  /** The table follows the map: the grids in view, those that change most first. */
  follow(grids) {
    const sorted = [...grids].sort((a, b) => movedBy(b) - movedBy(a) || b.hours - a.hours);
    document.getElementById("grid-count").textContent = grids.length > MOST_ROWS ? t("{shown} of {of}", { shown: MOST_ROWS, of: integer(grids.length) }) : integer(grids.length);
    replace(document.getElementById("grid-rows"), sorted.slice(0, MOST_ROWS).map((grid) => this.row(grid)));
  }

  row(grid) {
    const change = changeOf(grid);
    const kind = change > LEAST_CHANGE ? "change-up" : change < -LEAST_CHANGE ? "change-down" : "";
    return h(
      "tr", { dataset: { code: grid.code } },
      h("td", {}, h("button", { type: "button", class: "row-open", title: t("Why so many hours"), onclick: () => this.open(grid) }, grid.name)),
      h("td", {}, integer(grid.hours_before)), h("td", {}, integer(grid.hours)), h("td", { class: kind }, kind ? percent(change) : NONE),
    );
  }
}

/** Whole hours of change: less is not worth an order. */
const movedBy = (grid) => Math.round(Math.abs(grid.hours - grid.hours_before));

function range(i, limits, colour) {
  const told = (value) => (colour === "hours" ? integer(value) : percent(value));
  if (i === 0) return t("below {n}", { n: told(limits[0]) });
  if (i === limits.length) return t("{n} and more", { n: told(limits.at(-1)) });
  return `${told(limits[i - 1])} – ${told(limits[i])}`;
}

function outline(counts, tallest) {
  const width = WIDTH / BINS;
  const steps = counts.map((n, i) => `H${(i * width).toFixed(1)}V${(HEIGHT - (n / tallest) * (HEIGHT - 4)).toFixed(1)}H${((i + 1) * width).toFixed(1)}`);
  return `M0 ${HEIGHT}${steps.join("")}V${HEIGHT}Z`;
}
