// Two maps that show one place: before and after, side by side or one over the other with a bar to swipe.

import { h } from "./dom.js";
import { integer } from "./format.js";
import { t } from "./words.js";

const EDGE_PX = 30;
const CLOSEST_ZOOM = 16;
const FINE_ZOOM = 13;
const STEP_PERCENT = 4;
const SIDES = ["before", "after"];
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

export class PairedMaps {
  /** `map` is the first of the two; `frame` holds both; `pick(key, latlng)` hears which grid was clicked, `moved()` that the view is another. */
  constructor({ map, division, page, frame, pick, moved }) {
    Object.assign(this, { page, frame, pick, moved });
    this.maps = { before: map, after: this.secondMap(map, division) };
    this.layers = { before: new Map(), after: new Map() };
    this.groups = {};
    for (const side of SIDES) {
      const each = this.maps[side];
      this.groups[side] = L.layerGroup().addTo(each);
      this.groups[`${side}-picked`] = L.layerGroup().addTo(each);
      each.getContainer().setAttribute("role", "application");
      each.getContainer().setAttribute("aria-label", t("Map. Arrow keys move, plus and minus zoom."));
      each.on("move zoomend", () => this.follow(side));
      each.on("moveend", () => this.moved?.());
      each.on("zoomend", () => this.restyle());
    }
    L.control.scale({ imperial: false, position: "bottomright", maxWidth: 110 }).addTo(this.maps.after);
    new ResizeObserver(() => this.resize()).observe(frame);
    this.buildSwipe();
  }

  secondMap(first, division) {
    const second = L.map("map-after", { ...first.options, layers: [], center: first.getCenter(), zoom: first.getZoom(), zoomControl: false, attributionControl: false });
    first.eachLayer((layer) => {
      if (layer instanceof L.TileLayer) L.tileLayer(layer._url, { ...layer.options, pane: "tilePane" }).addTo(second);
    });
    if (division) L.vectorTiles({ ...division.options }).addTo(second);
    return second;
  }

  follow(side) {
    if (this.following) return;
    this.following = true;
    const other = this.maps[side === "before" ? "after" : "before"];
    other.setView(this.maps[side].getCenter(), this.maps[side].getZoom(), { animate: false });
    this.following = false;
  }

  resize() {
    for (const side of SIDES) this.maps[side].invalidateSize({ pan: false });
    this.follow("before");
  }

  // --- one over the other ---

  setMode(mode) {
    this.frame.dataset.mode = mode;
    this.resize();
  }

  buildSwipe() {
    const bar = this.frame.querySelector(".swipe");
    const set = (percent) => {
      const at = Math.min(100, Math.max(0, percent));
      this.frame.style.setProperty("--at", `${at}%`);
      bar.setAttribute("aria-valuenow", String(Math.round(at)));
    };
    const drag = (event) => {
      const box = this.frame.getBoundingClientRect();
      set((100 * (event.clientX - box.left)) / box.width);
    };
    bar.addEventListener("pointerdown", (event) => {
      bar.setPointerCapture(event.pointerId);
      bar.addEventListener("pointermove", drag);
    });
    bar.addEventListener("pointerup", () => bar.removeEventListener("pointermove", drag));
    bar.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -STEP_PERCENT, ArrowRight: STEP_PERCENT }[event.key];
      if (!by) return;
      event.preventDefault();
      set(Number(bar.getAttribute("aria-valuenow")) + by);
    });
    set(50);
  }

  // --- what is drawn ---

  draw({ before, after, ground, bbox }) {
    this.bbox = bbox;
    this.drawn = { before, after };
    for (const [side, grids] of [["before", before], ["after", after]]) {
      this.groups[side].clearLayers();
      this.groups[`${side}-picked`].clearLayers();
      this.layers[side].clear();
      const renderer = (this.renderer ??= {})[side] ??= L.canvas({ padding: 0.3 });
      this.drawGround(side, ground, renderer);
      this.drawGrids(side, grids, renderer);
    }
    this.restyle();
  }

  drawGround(side, ground, renderer) {
    const fillColor = this.page.colours[side === "before" ? "leaves" : "arrives"];
    this.groups[side].addLayer(L.geoJSON(ground, { renderer, interactive: false, style: { stroke: false, fillColor, fillOpacity: 0.55 } }));
  }

  drawGrids(side, grids, renderer) {
    const layer = L.geoJSON(grids, {
      renderer,
      style: { fillOpacity: 0, weight: 1 },
      onEachFeature: ({ properties }, each) => {
        this.layers[side].set(properties.key, each);
        each.on("click", (event) => {
          L.DomEvent.stop(event);
          this.pick?.(properties.key, event.latlng, side);
        });
        if (this.told) each.bindTooltip(() => this.told(properties.key, side), { sticky: true, className: "pair-tooltip" });
      },
    });
    this.groups[side].addLayer(layer);
  }

  restyle() {
    const near = this.maps.before.getZoom() >= FINE_ZOOM;
    if (this.near === near && this.styled === this.drawn) return;
    Object.assign(this, { near, styled: this.drawn });
    const { colours } = this.page;
    for (const side of SIDES) {
      for (const layer of this.layers[side].values()) {
        const { changed } = layer.feature.properties;
        layer.setStyle({ color: changed ? colours.changed : colours.same, weight: (changed ? 1.8 : 0.9) * (near ? 1 : 0.5) });
      }
    }
  }

  /** Outline a grid on both maps; where it is in one plan only, on that one. */
  mark(key, { go = false } = {}) {
    const boxes = [];
    for (const side of SIDES) {
      const picked = this.groups[`${side}-picked`];
      picked.clearLayers();
      const layer = this.layers[side].get(key);
      if (!layer) continue;
      boxes.push(layer.getBounds());
      picked.addLayer(L.geoJSON(layer.feature, { renderer: this.renderer[side], interactive: false, style: { color: this.page.colours.selected, weight: 4, fill: false } }));
    }
    if (go && boxes.length) this.goTo(boxes.reduce((all, box) => all.extend(box), L.latLngBounds(boxes[0])));
  }

  goTo(bounds) {
    this.maps.before.fitBounds(bounds, { padding: [EDGE_PX, EDGE_PX], maxZoom: CLOSEST_ZOOM, animate: !still.matches });
  }

  fitAll() {
    const [west, south, east, north] = this.bbox ?? this.page.bbox;
    this.maps.before.fitBounds([[south, west], [north, east]], { padding: [EDGE_PX, EDGE_PX], maxZoom: CLOSEST_ZOOM, animate: false });
  }

  /** Keys of the grids that either map shows now. */
  visible() {
    const view = this.maps.before.getBounds();
    const shown = new Set();
    for (const side of SIDES) for (const [key, layer] of this.layers[side]) if (view.intersects(layer.getBounds())) shown.add(key);
    return shown;
  }

  /** The grid of a place on one side: its properties, or null outside of what is drawn. */
  gridAt(side, { lng, lat }) {
    const found = this.drawn?.[side].features.find(({ geometry }) => isInside(geometry, lng, lat));
    return found?.properties ?? null;
  }
}

function isInside({ type, coordinates }, lng, lat) {
  const polygons = type === "Polygon" ? [coordinates] : coordinates;
  return polygons.some((rings) => rings.reduce((inside, ring) => inside !== crosses(ring, lng, lat), false));
}

/** Whether a line from the place to the east crosses a ring an odd number of times. */
function crosses(ring, lng, lat) {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [x, y] = ring[i];
    const [u, v] = ring[j];
    if (y > lat !== v > lat && lng < ((u - x) * (lat - y)) / (v - y) + x) odd = !odd;
  }
  return odd;
}

export function mapButtons(pair) {
  const on = (id, act) => document.getElementById(id).addEventListener("click", act);
  on("zoom-in", () => pair.maps.before.zoomIn());
  on("zoom-out", () => pair.maps.before.zoomOut());
  on("zoom-all", () => pair.fitAll());
  for (const input of document.querySelectorAll("input[name=mode]")) input.addEventListener("change", () => pair.setMode(input.value));
}

export function legendRows(colours) {
  const area = (colour, words) => h("li", {}, h("span", { class: "legend-area", style: { "--fill": colour }, "aria-hidden": "true" }), words);
  const line = (colour, width, words) => h("li", {}, h("span", { class: "legend-line", style: { "--line-colour": colour, "--line-width": width }, "aria-hidden": "true" }), words);
  return [
    area(colours.leaves, t("Ground that passes to another grid, as it is before")),
    area(colours.arrives, t("The same ground, as it is after")),
    line(colours.changed, "2.5px", t("Grid that changes, comes or ends")),
    line(colours.same, "1px", t("Grid that stays as it is")),
  ];
}

/** Before and after as two figures with an arrow; one that is missing is a dash. */
export function change(before, after, format = integer) {
  return `${before == null ? "–" : format(before)} → ${after == null ? "–" : format(after)}`;
}

export const percent = (fraction) => (fraction == null ? "–" : `${fraction > 0 ? "+" : fraction < 0 ? "−" : ""}${Math.abs(Math.round(100 * fraction))} %`);

export const share = (fraction) => (fraction == null ? "–" : `${Math.round(100 * fraction)} %`);
