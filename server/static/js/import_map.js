// The map of an import: what would come in, and each finding where it lies. One canvas for all, so that every click arrives.

import { get } from "./api.js";
import { h } from "./dom.js";
import { integer } from "./format.js";
import { SEVERITIES, amountWords, severityName, severityWord, unitWords } from "./import_words.js";
import { drawMark } from "./paint.js";
import { named, t } from "./words.js";

const MARK_RADIUS_PX = 6;
const POINT_RADIUS_PX = 3.5;
const SELECTED_COLOUR = "#101a2b";
const POINT_ZOOM = 15;
const FINE_ZOOM = 13;
const CLOSEST_ZOOM = 18;
const EDGE_PX = 40;
const FLY_S = 0.6;
const POPUP_WIDTH_PX = 300;
const still = window.matchMedia("(prefers-reduced-motion: reduce)");

/** A point drawn by shape and colour, so that severities are told apart without colour too. */
const Mark = L.CircleMarker.extend({
  _updatePath() {
    const { _ctx: context, _drawing: drawing } = this._renderer;
    if (drawing && !this._empty()) drawMark(context, this._point.x, this._point.y, this.options.radius, this.options.mark);
  },
});

export class ImportMap {
  /** `pick(id)` hears which finding was clicked, `pickUnit(row)` which unit. */
  constructor({ map, page, rules, pick, pickUnit }) {
    Object.assign(this, { map, page, rules, pick, pickUnit });
    this.renderer = L.canvas({ pane: "incoming", padding: 0.3, tolerance: 5 });
    this.units = L.layerGroup().addTo(map);
    this.found = L.layerGroup().addTo(map);
    this.selected = L.layerGroup().addTo(map);
    this.shapes = new Map();
    this.unitShapes = new Map();
    map.on("click", () => map.closePopup());
    map.on("zoomend", () => {
      if (this.unitLayer && this.weight !== this.unitWeight()) this.unitLayer.setStyle(({ geometry }) => (geometry.type === "Point" ? {} : { weight: this.unitWeight() }));
      this.weight = this.unitWeight();
    });
  }

  /** Read and draw what the last check left behind; returns how much of the units is drawn: {shown, of, points}. */
  async load(id) {
    const [units, findings] = await Promise.all([get(`/imports/${id}/units`), get(`/imports/${id}/findings`)]);
    this.shapes = new Map(findings.features.map((feature) => [feature.properties.id, feature]));
    this.drawUnits(units);
    return { shown: units.shown, of: units.of, points: units.features[0]?.geometry.type === "Point" };
  }

  clear() {
    for (const group of [this.units, this.found, this.selected]) group.clearLayers();
    this.shapes.clear();
    this.unitShapes.clear();
    this.unitLayer = null;
    this.map.closePopup();
  }

  drawUnits({ features }) {
    const { renderer, page: { unitColour } } = this;
    this.units.clearLayers();
    const layer = L.geoJSON(features, {
      renderer,
      style: ({ geometry }) => (geometry.type === "Point" ? {} : { color: unitColour, weight: this.unitWeight(), fillColor: unitColour, fillOpacity: 0.1 }),
      pointToLayer: (_, latlng) => L.circleMarker(latlng, { renderer, radius: POINT_RADIUS_PX, weight: 1, color: "#ffffff", fillColor: unitColour, fillOpacity: 0.9 }),
      onEachFeature: (feature, each) => {
        this.unitShapes.set(feature.properties.row, each);
        each.on("click", (event) => this.clickUnit(event, feature.properties));
      },
    });
    this.units.addLayer(layer);
    this.unitLayer = layer;
    this.bounds = this.boundsOfMost(layer);
  }

  /** Thin lines from afar, where borders are close to each other. */
  unitWeight() {
    return this.map.getZoom() < FINE_ZOOM ? 0.7 : 1.5;
  }

  /** Where what comes in lies; a few rows far from the city do not shrink everything else to a dot. */
  boundsOfMost(layer) {
    const [west, south, east, north] = this.page.bbox;
    const city = L.latLngBounds([south, west], [north, east]);
    const boxes = layer.getLayers().map((each) => (each.getBounds ? each.getBounds() : L.latLngBounds([each.getLatLng()])));
    const near = boxes.filter((box) => city.intersects(box));
    const kept = near.length * 2 > boxes.length ? near : boxes;
    return kept.length ? kept.reduce((all, box) => all.extend(box), L.latLngBounds(kept[0])) : null;
  }

  /** Draw these findings of the report: first what they cover, then their marks, the gravest on top. */
  drawFindings(findings) {
    this.found.clearLayers();
    const upwards = [...findings].reverse();
    for (const finding of upwards) this.drawShape(finding);
    for (const finding of upwards) this.drawMark(finding);
  }

  drawShape(finding) {
    const feature = this.shapes.get(finding.id);
    if (!feature || feature.geometry.type === "Point") return;
    const [, colour] = this.page.severityMarks[finding.severity];
    this.addFound(finding, L.geoJSON(feature, { renderer: this.renderer, style: { color: colour, weight: 2, fillColor: colour, fillOpacity: 0.4 } }));
  }

  drawMark(finding) {
    if (finding.lon == null) return;
    const [shape, colour] = this.page.severityMarks[finding.severity];
    this.addFound(finding, new Mark([finding.lat, finding.lon], { renderer: this.renderer, radius: MARK_RADIUS_PX, mark: { shape, colour } }));
  }

  addFound(finding, layer) {
    layer.on("click", (event) => {
      L.DomEvent.stop(event);
      this.pick(finding.id);
    });
    this.found.addLayer(layer);
  }

  /** Go to a finding, outline it and say what it is. */
  show(finding) {
    this.selected.clearLayers();
    this.map.closePopup();
    const feature = this.shapes.get(finding.id);
    if (!feature && finding.lon == null) return;
    const outline = feature && feature.geometry.type !== "Point" ? L.geoJSON(feature, { renderer: this.renderer, interactive: false, style: { color: SELECTED_COLOUR, weight: 3.5, fill: false } }) : null;
    if (outline) this.selected.addLayer(outline);
    const at = finding.lon == null ? outline.getBounds().getCenter() : L.latLng(finding.lat, finding.lon);
    this.selected.addLayer(L.circleMarker(at, { renderer: this.renderer, interactive: false, radius: MARK_RADIUS_PX + 6, color: SELECTED_COLOUR, weight: 2.5, fill: false }));
    this.goTo(outline ? outline.getBounds() : null, at);
    this.say(at, this.findingWords(finding));
  }

  goTo(bounds, at) {
    const animate = !still.matches;
    if (bounds?.isValid()) this.map.flyToBounds(bounds, { padding: [EDGE_PX, EDGE_PX], maxZoom: CLOSEST_ZOOM, animate, duration: FLY_S });
    else this.map.flyTo(at, Math.max(this.map.getZoom(), POINT_ZOOM), { animate, duration: FLY_S });
  }

  showUnit(row, words) {
    const layer = this.unitShapes.get(row);
    if (!layer) return;
    this.selected.clearLayers();
    const bounds = layer.getBounds ? layer.getBounds() : L.latLngBounds([layer.getLatLng()]);
    if (layer.getBounds) this.selected.addLayer(L.geoJSON(layer.feature, { renderer: this.renderer, interactive: false, style: { color: SELECTED_COLOUR, weight: 3.5, fill: false } }));
    this.goTo(layer.getBounds ? bounds : null, bounds.getCenter());
    this.say(bounds.getCenter(), words);
  }

  clickUnit(event, { row, label }) {
    L.DomEvent.stop(event);
    if (this.pickUnit(row)) return;
    this.say(event.latlng, [h("strong", {}, label), h("span", {}, t("Row {rows}", { rows: row }))]);
  }

  findingWords(finding) {
    return [
      h("strong", {}, named(this.rules.get(finding.rule)?.name) || finding.rule),
      h("span", {}, severityWord(finding.severity)),
      unitWords(finding) ? h("span", {}, unitWords(finding)) : null,
      finding.amount == null || !finding.unit ? null : h("span", {}, amountWords(finding.amount, finding.unit)),
    ];
  }

  /** A pop-up of nodes: whatever a file calls its units stays text. */
  say(latlng, nodes) {
    const content = h("div", { class: "popup-words" }, nodes);
    L.popup({ maxWidth: POPUP_WIDTH_PX, closeButton: false, offset: [0, -6], autoPan: false }).setLatLng(latlng).setContent(content).openOn(this.map);
  }

  fitAll() {
    const [west, south, east, north] = this.page.bbox;
    const bounds = this.bounds?.isValid() ? this.bounds : L.latLngBounds([south, west], [north, east]);
    this.map.fitBounds(bounds, { padding: [EDGE_PX / 2, EDGE_PX / 2], maxZoom: POINT_ZOOM });
  }

  fitCity() {
    const [west, south, east, north] = this.page.bbox;
    this.map.fitBounds([[south, west], [north, east]]);
  }
}

/** The shape of a severity as a small picture for lists and legends. */
export function markOf(severity, marks) {
  const [shape, colour] = marks[severity];
  return h("span", { class: `symbol symbol-${shape}`, style: { "--mark": colour }, "aria-hidden": "true" });
}

export function legendRows({ marks, counts, units }) {
  const rows = SEVERITIES.filter((severity) => counts[severity]).map((severity) => h("li", {}, markOf(severity, marks), severityName(severity), h("span", { class: "count" }, integer(counts[severity]))));
  if (units) {
    const said = units.shown < units.of ? t("{shown} of {of}", { shown: integer(units.shown), of: integer(units.of) }) : integer(units.of);
    rows.push(h("li", {}, h("span", { class: units.points ? "swatch-point" : "swatch-unit", "aria-hidden": "true" }), t("From the file"), h("span", { class: "count" }, said)));
  }
  return rows;
}
