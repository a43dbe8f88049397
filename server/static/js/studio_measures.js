// What grids are coloured by: limits of classes, colours, words.

import { area, integer, short } from "./format.js";
import { t } from "./words.js";

const CLASSES = 6;
const HALF = 0.5;

export const MEASURES = ["deviation", "hours", "population", "incidents", "area", "compactness", "changed"];

const ABOUT = {
  deviation: { name: "Workload deviation", unit: "from the mean of the community", value: (p) => p.deviation, words: (v) => percent(v) },
  hours: { name: "Hours", unit: "hours a month", value: (p) => p.hours, words: short },
  population: { name: "Residents", unit: "residents", value: (p) => p.population, words: short },
  incidents: { name: "Incidents", unit: "incidents in the model's period", value: (p) => p.incidents, words: short },
  area: { name: "Area", unit: "", value: (p) => p.area_m2, words: area },
  compactness: { name: "Compactness", unit: "Polsby-Popper, 1 is a circle", value: (p) => p.compactness, words: (v) => (v == null ? "–" : v.toFixed(2)) },
  changed: { name: "Changed", unit: "against the plan it starts from", value: (p) => (p.key < 0 ? 2 : p.changed ? 1 : 0), words: (v) => t(CHANGES[v]) },
};
const CHANGES = ["Unchanged", "Changed", "New"];

/** A signed percentage: +23%, −8%. */
export function percent(fraction) {
  if (fraction == null || !Number.isFinite(fraction)) return "–";
  const rounded = Math.round(fraction * 100);
  return `${rounded > 0 ? "+" : rounded < 0 ? "−" : "±"}${Math.abs(rounded)}%`;
}

export const measureName = (measure) => t(ABOUT[measure].name);
export const measureUnit = (measure) => (ABOUT[measure].unit ? t(ABOUT[measure].unit) : "");
export const valueOf = (measure, properties) => ABOUT[measure].value(properties);
export const valueWords = (measure, value) => ABOUT[measure].words(value);

/** The classes of a measure over these grids: {measure, colours, limits, classOf(properties), counts, ranges}. */
export function classes(measure, grids, { colours, deviationLimits }) {
  const about = ABOUT[measure];
  const values = [...grids].map((grid) => about.value(grid.properties)).filter((value) => value != null);
  const found = measure === "changed" ? changedClasses(colours.changed) : limitedClasses(measure, values, { colours, deviationLimits });
  const counts = new Array(found.colours.length).fill(0);
  const classOf = (properties) => found.classOfValue(about.value(properties));
  for (const value of values) counts[found.classOfValue(value)] += 1;
  return { measure, ...found, classOf, counts };
}

function changedClasses({ same, changed, new: fresh }) {
  return { colours: [same, changed, fresh], classOfValue: (value) => value, ranges: CHANGES.map((word) => t(word)) };
}

function limitedClasses(measure, values, { colours, deviationLimits }) {
  const limits = measure === "deviation" ? deviationLimits : quantiles(values);
  const shown = measure === "deviation" ? colours.deviation : colours[measure].slice(-(limits.length + 1));
  const classOfValue = (value) => {
    if (value == null || Number.isNaN(value)) return null;
    let i = 0;
    while (i < limits.length && value >= limits[i]) i += 1;
    return i;
  };
  return { colours: shown, limits, classOfValue, ranges: ranges(measure, limits) };
}

/** Round limits that share the grids out evenly. */
function quantiles(values) {
  const sorted = values.slice().sort((a, b) => a - b);
  const limits = [];
  for (let i = 1; i < CLASSES; i += 1) limits.push(rounded(sorted[Math.floor((sorted.length * i) / CLASSES)] ?? 0));
  return [...new Set(limits)].filter((limit) => limit > (sorted[0] ?? 0));
}

function rounded(value) {
  if (!value) return 0;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  return Number((Math.round(value / step / HALF) * step * HALF).toPrecision(3));
}

function ranges(measure, limits) {
  const say = (value) => valueWords(measure, value);
  if (!limits.length) return [t("all the same")];
  const middle = limits.slice(1).map((limit, i) => (limit === -limits[i] ? `±${integer(limit * 100)}%` : t("{from} to {to}", { from: say(limits[i]), to: say(limit) })));
  return [t("under {limit}", { limit: say(limits[0]) }), ...middle, t("{limit} and more", { limit: say(limits.at(-1)) })];
}
