// The map of hours: grids coloured by what they come to, or by how much that changes.

import { integer } from "./format.js";
import { labelsOf } from "./labels.js";
import { gridName, t } from "./words.js";

const OTHER_GRID = "#eceff2";
const UNPICKED = "#f3f5f7";
const EDGE_PX = 24;
const ROUND_TO_H = 10;
const TOOLTIP_GAP_PX = 14;

export class WorkloadMap {
  /** `choose(grid)` hears which grid was clicked, `moved()` that another part of the city is in view. */
  constructor({ map, division, page, choose, moved }) {
    Object.assign(this, { map, division, page });
    this.grids = new Map();
    this.places = new Map();
    this.picked = null;
    labelsOf("grid").then((found) => { this.places = found; moved(); }, () => {});
    labelsOf("community").then((found) => { this.communities = found; }, () => {});
    L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 110 }).addTo(map);
    map.on("click", ({ latlng }) => { const grid = this.at(latlng); if (grid) choose(grid); });
    map.on("mousemove", (event) => this.hover(event));
    map.on("mouseout movestart", () => this.hover(null));
    map.on("moveend", moved);
    document.getElementById("zoom-in").addEventListener("click", () => map.zoomIn());
    document.getElementById("zoom-out").addEventListener("click", () => map.zoomOut());
    document.getElementById("zoom-area").addEventListener("click", () => this.fit(this.box));
    document.getElementById("map-attribution").textContent = page.attribution;
    new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
    map.getContainer().setAttribute("role", "application");
    map.getContainer().setAttribute("aria-label", t("Map. Arrow keys move, plus and minus zoom."));
  }

  async fit(box) {
    this.box = box ?? this.box ?? this.page.bbox;
    const [west, south, east, north] = this.box;
    this.map.fitBounds([[south, west], [north, east]], { padding: [EDGE_PX, EDGE_PX + 30], animate: false });
  }

  /** Colour the grids of a preview by `hours` or by `change`. Classes of hours stay those of the version in use. */
  show(grids, colour) {
    this.grids = new Map(grids.map((grid) => [grid.code, grid]));
    this.picked = null;
    this.classes = colour === "hours" ? this.byHours(grids) : this.byChange(grids);
    this.paint();
  }

  byHours(grids) {
    const colours = this.page.colours.hours;
    const sorted = grids.map((grid) => grid.hours_before).sort((a, b) => a - b);
    const limits = colours.slice(1).map((_, i) => round(sorted[Math.floor(((i + 1) * sorted.length) / colours.length)] ?? 0));
    return classes(grids, colours, limits, (grid) => grid.hours);
  }

  byChange(grids) {
    return classes(grids, this.page.colours.change, this.page.changeLimits, changeOf);
  }

  pick(picked) {
    this.picked = picked;
    this.paint();
  }

  paint() {
    const { classOf, colours } = this.classes;
    this.division.setFill("grid", (code) => {
      const grid = this.grids.get(code);
      if (!grid) return OTHER_GRID;
      const at = classOf(grid);
      return this.picked === null || this.picked === at ? colours[at] : UNPICKED;
    }, { opacity: 0.85 });
  }

  select(grid) {
    this.division.setHighlight("selected", grid && { layer: "grid", code: grid.code });
    const place = grid && this.places.get(grid.code);
    if (place && !this.map.getBounds().contains([place.lat, place.lon])) this.map.panTo([place.lat, place.lon]);
  }

  at(latlng) {
    return this.grids.get(this.division.unitAt(latlng, "grid")?.code) ?? null;
  }

  nameOf(grid) {
    return gridName({ code: grid.code, name: grid.code }, this.communities?.get(grid.community));
  }

  hover(event) {
    const grid = event && this.at(event.latlng);
    const tooltip = document.getElementById("map-tooltip");
    this.division.setHighlight("hover", grid && { layer: "grid", code: grid.code });
    tooltip.hidden = !grid;
    if (!grid) return;
    tooltip.textContent = `${this.nameOf(grid)} · ${t("{before} → {after} h", { before: integer(grid.hours_before), after: integer(grid.hours) })}`;
    tooltip.style.transform = `translate(${event.containerPoint.x + TOOLTIP_GAP_PX}px, ${event.containerPoint.y + TOOLTIP_GAP_PX}px)`;
  }

  /** The grids of the preview whose middle is in view, with their names. */
  shown() {
    const bounds = this.map.getBounds();
    const inView = [...this.grids.values()].filter((grid) => {
      const place = this.places.get(grid.code);
      return !place || bounds.contains([place.lat, place.lon]);
    });
    return inView.map((grid) => ({ ...grid, name: this.nameOf(grid) }));
  }
}

export const changeOf = (grid) => (grid.hours_before > 0 ? grid.hours / grid.hours_before - 1 : 0);

const round = (value) => Math.round(value / ROUND_TO_H) * ROUND_TO_H;

function classes(grids, colours, limits, valueOf) {
  const classOf = (grid) => limits.filter((limit) => valueOf(grid) >= limit).length;
  const counts = colours.map(() => 0);
  for (const grid of grids) counts[classOf(grid)] += 1;
  return { colours, limits, classOf, counts };
}
