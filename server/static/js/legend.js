// The legend: classes with their ranges and how many units fall in each. A class can be picked out.

import { dateTime, short } from "./format.js";
import { h, replace } from "./dom.js";
import { named, t } from "./words.js";

export class Legend {
  /** `onPick(classNumber | null)` is called when the reader picks out a class, or lets go. */
  constructor(element, onPick) {
    this.element = element;
    this.onPick = onPick;
    this.picked = null;
  }

  showLoading() {
    this.element.setAttribute("aria-busy", "true");
    if (!this.element.children.length) replace(this.element, h("div", { class: "skeleton skeleton-legend" }));
  }

  showError(problem, retry) {
    this.element.removeAttribute("aria-busy");
    replace(
      this.element,
      h("div", { class: "inline-error", role: "alert" }, h("span", {}, problem.message), h("button", { type: "button", class: "btn-link", onclick: retry }, t("Try again"))),
    );
  }

  show(figures, colours, { units }) {
    this.picked = null;
    this.element.removeAttribute("aria-busy");
    Object.assign(this.element.dataset, { measure: figures.measure, level: figures.level });
    const noData = units - figures.counts.reduce((sum, n) => sum + n, 0);
    const rows = figures.counts.map((count, i) => this.row(i, colours[i], rangeOf(figures, i), count));
    if (noData > 0) rows.push(h("li", { class: "legend-row legend-nodata" }, h("span", { class: "swatch swatch-nodata" }), h("span", { class: "range" }, t("No data")), h("span", { class: "count" }, noData)));
    replace(
      this.element,
      h("div", { class: "legend-head" }, h("span", {}, named(figures.unit)), h("span", { class: "count" }, t(COUNTED[figures.level]))),
      h("ul", { class: "legend-rows" }, rows),
      h("div", { class: "legend-strip", "aria-hidden": "true" }, short(figures.breaks[0]), colours.map((colour) => h("span", { style: { background: colour } })), `${short(figures.breaks.at(-1))} ${named(figures.unit)}`),
      h("p", { class: "as-of" }, t("As of {time}", { time: dateTime(figures.asOf) })),
    );
  }

  row(i, colour, range, count) {
    const button = h(
      "button",
      { type: "button", class: "legend-row", "aria-pressed": "false", title: t("Show this class only"), onclick: () => this.pick(i) },
      h("span", { class: "swatch", style: { background: colour } }),
      h("span", { class: "range" }, range),
      h("span", { class: "count" }, count),
    );
    return h("li", {}, button);
  }

  pick(i) {
    this.picked = this.picked === i ? null : i;
    this.element.querySelectorAll("button.legend-row").forEach((button, n) => button.setAttribute("aria-pressed", String(n === this.picked)));
    this.element.classList.toggle("has-pick", this.picked !== null);
    this.onPick(this.picked);
  }
}

const COUNTED = { town: "Towns", community: "Communities", grid: "Grids" };

/** The range of a class. Whole numbers leave no doubt about the edge: 5–9, 10–14. */
function rangeOf({ breaks, values }, i) {
  const from = breaks[i];
  const to = breaks[i + 1] ?? from;
  const isLast = i >= breaks.length - 2;
  const isWhole = Object.values(values).every((value) => value == null || Number.isInteger(value));
  if (isWhole) {
    const low = Math.ceil(from);
    const high = isLast ? Math.floor(to) : Math.ceil(to) - 1;
    return low >= high ? short(low) : `${short(low)} – ${short(high)}`;
  }
  return `${short(from)} – ${short(to)}`;
}
