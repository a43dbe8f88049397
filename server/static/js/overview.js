// The overview page: joins map, legend, layer tree, search and panel. Folium's script calls `start`.

import { post } from "./api.js";
import { h, replace } from "./dom.js";
import { figures, forgetFigures, rankOf } from "./figures.js";
import { coordinates, short } from "./format.js";
import { fitBox, uncover } from "./free_view.js";
import { forgetGridLabels, Labels, labelsOf } from "./labels.js";
import { LayerTree } from "./layer_tree.js";
import { Legend } from "./legend.js";
import { Panel, distanceWords } from "./panel.js";
import { watchPlan } from "./plan_watch.js";
import { Search } from "./search.js";
import { Sheet, isPhone } from "./sheet.js";
import { readView, writeView } from "./view_state.js";
import { gridName, language, named, t } from "./words.js";

const OTHER_CLASS = "#eef0f3";
const POINT_ZOOM = 16;
const ADDRESS_PAUSE_MS = 120;
const MEASURES = ["population", "density", "staff", "incidents", "area"];
const LEVELS = ["auto", "town", "community", "grid"];

/** Towns from afar, communities nearer, grids where each has room. */
export function levelAt(zoom) {
  if (zoom < 11) return "town";
  return zoom < 13 ? "community" : "grid";
}

export function start({ map, division, points, page }) {
  const overview = new Overview({ map, division, points, page });
  window.wangge = { map, division, points, overview };
}

class Overview {
  constructor(parts) {
    Object.assign(this, parts);
    const view = readView();
    this.measure = MEASURES.includes(view.measure) ? view.measure : MEASURES[0];
    this.level = LEVELS.includes(view.level) ? view.level : "auto";
    this.selected = null;
    this.buildMap();
    this.buildCards();
    this.buildKeys();
    this.restore(view);
    this.zoomed();
    this.lookAtPlan = watchPlan((plan) => this.planChanged(plan));
  }

  /** Another plan came into force while the page was open. */
  planChanged(plan) {
    forgetFigures();
    forgetGridLabels();
    this.labels.forget("grid");
    this.division.reloadSource("grids");
    this.division.reloadSource("cells");
    this.colour();
    document.querySelector(".status-plan").textContent = plan ? named(plan.name) : "";
  }

  // --- building ---

  buildMap() {
    const { map } = this;
    this.labels = new Labels().addTo(map);
    L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 110 }).addTo(map);
    this.communityNames = new Map();
    labelsOf("community").then((found) => { this.communityNames = found; }, () => {});
    this.tooltip = document.getElementById("map-tooltip");
    this.marker = null;
    map.on("click", (event) => this.click(event.latlng));
    map.on("mousemove", (event) => this.move(event));
    map.on("mouseout", () => this.leave());
    map.on("movestart", () => this.hideTooltip());
    map.on("zoomend", () => this.zoomed());
    map.on("moveend", () => {
      this.remember();
      this.repoint();
    });
    this.division.on("sourceerror", () => this.showTileError());
    this.points.on("sourceerror", () => this.showTileError());
    document.getElementById("zoom-in").addEventListener("click", () => map.zoomIn());
    document.getElementById("zoom-out").addEventListener("click", () => map.zoomOut());
    document.getElementById("zoom-city").addEventListener("click", () => this.fit(this.page.bbox));
    new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
    document.getElementById("map-attribution").textContent = this.page.basemap.attribution;
    const container = map.getContainer();
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", t("Map. Arrow keys move, plus and minus zoom, Enter opens the unit in the middle."));
  }

  buildCards() {
    this.legend = new Legend(document.getElementById("legend"), (picked) => this.fill(picked));
    this.tree = new LayerTree(document.getElementById("layer-tree"), this);
    this.panel = new Panel(document.getElementById("detail"), {
      select: (unit, options) => this.select(unit, options),
      hover: (unit) => this.division.setHighlight("hover", unit && { layer: unit.level, code: unit.code }),
      close: () => this.deselect(),
      zoomTo: ({ found }) => this.zoomTo(found),
      standing: (unit, found) => this.standing(unit, found),
    });
    this.search = new Search(document.getElementById("search"), (result) => this.choose(result));
    this.cardSheet = new Sheet(document.getElementById("card"), { height: "peek" });
    this.panelSheet = new Sheet(document.getElementById("detail"));
    for (const input of document.querySelectorAll("input[name=measure], input[name=level]")) {
      input.checked = input.value === this[input.name];
      input.addEventListener("change", () => this.change(input.name, input.value));
    }
    this.opacity = document.getElementById("fill-opacity");
    this.opacity.addEventListener("input", () => this.figures && this.fill(this.picked));
    const card = document.getElementById("card");
    document.getElementById("card-toggle").addEventListener("click", (event) => {
      const folded = card.classList.toggle("is-folded");
      event.currentTarget.setAttribute("aria-expanded", String(!folded));
    });
    document.getElementById("toast-retry").addEventListener("click", () => this.retryTiles());
  }

  buildKeys() {
    document.addEventListener("keydown", (event) => {
      const typing = event.target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
      if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        this.search.focus();
      } else if (event.key === "Escape" && this.panel.isOpen) this.deselect();
    });
    this.map.getContainer().addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === this.map.getContainer()) this.click(this.map.getCenter());
    });
    window.addEventListener("hashchange", () => this.follow(readView()));
  }

  restore(view) {
    if (view.zoom) this.map.setView([view.lat, view.lng], view.zoom, { animate: false });
    else this.fit(this.page.bbox, { animate: false });
    if (view.unit) this.select(view.unit, { move: !view.zoom });
  }

  /** The reader changed the address by hand, or went back. */
  follow(view) {
    for (const [name, values] of [["measure", MEASURES], ["level", LEVELS]]) {
      const value = values.includes(view[name]) ? view[name] : values[0];
      document.querySelector(`input[name=${name}][value=${value}]`).checked = true;
      this[name] = value;
    }
    if (this.selected && !view.unit) this.deselect();
    this.restore(view);
    this.colour();
  }

  // --- colouring ---

  change(name, value) {
    this[name] = value;
    this.colour();
    this.remember();
  }

  get shownLevel() {
    return this.level === "auto" ? levelAt(this.map.getZoom()) : this.level;
  }

  async colour() {
    const { shownLevel: level, measure } = this;
    const turn = (this.turn = (this.turn ?? 0) + 1);
    document.getElementById("shown-level").textContent = t({ town: "By town", community: "By community", grid: "By grid" }[level]);
    this.legend.showLoading();
    try {
      const [found, labels] = await Promise.all([figures(level, measure), labelsOf(level)]);
      if (turn !== this.turn) return;
      this.figures = found;
      this.colours = this.page.ramps[measure][Math.max(2, found.classes)].slice(-found.classes);
      this.legend.show(found, this.colours, { units: labels.size });
      this.fill(null);
      this.repoint();
      this.panel.refreshStanding();
    } catch (problem) {
      if (turn !== this.turn) return;
      this.figures = null;
      this.division.setFill(level, () => null);
      this.legend.showError(problem, () => this.colour());
    }
  }

  fill(picked) {
    const { figures: shown, colours } = this;
    const colourOf = (code) => {
      const found = shown.classOf(code);
      if (found === null) return null;
      return picked === null || picked === found ? colours[found] : OTHER_CLASS;
    };
    this.picked = picked;
    this.division.setFill(shown.level, colourOf, { opacity: Number(this.opacity.value) / 100 });
  }

  zoomed() {
    document.getElementById("map-status-zoom").textContent = `z${this.map.getZoom()}`;
    if (this.figures?.level !== this.shownLevel) this.colour();
  }

  // --- pointing ---

  move({ latlng, containerPoint }) {
    this.pointer = containerPoint;
    document.getElementById("map-status-place").textContent = coordinates(latlng);
    if (this.map.dragging.moving() || this.map._animatingZoom || isPhone()) return;
    const spot = this.points.pointAt(latlng);
    const unit = spot ? null : this.division.unitAt(latlng, this.shownLevel);
    this.division.setHighlight("hover", unit && { layer: this.shownLevel, code: unit.code });
    this.map.getContainer().classList.toggle("is-over", Boolean(spot || unit));
    if (spot) this.showTooltip(containerPoint, ...this.spotWords(spot));
    else if (unit) this.showTooltip(containerPoint, ...this.unitWords(unit));
    else this.hideTooltip();
  }

  /** What lies under a resting pointer changes when the map moves or is coloured anew. */
  repoint() {
    if (this.pointer) this.move({ latlng: this.map.containerPointToLatLng(this.pointer), containerPoint: this.pointer });
  }

  leave() {
    this.pointer = null;
    this.hideTooltip();
    this.division.setHighlight("hover", null);
    this.showCentre();
  }

  unitWords(properties) {
    if (this.figures?.level !== this.shownLevel) return [this.nameOf(properties)];
    const value = this.figures.values[properties.code];
    const figure = value == null ? t("No data") : `${short(value)} ${named(this.figures.unit)}`;
    return [this.nameOf(properties), figure];
  }

  /** Grids carry only their code in tiles: say the community's name and the number inside it. */
  nameOf(properties) {
    if (properties.zh) return properties[language] || properties.zh;
    const community = this.communityNames.get(properties.community);
    return gridName(properties, community);
  }

  spotWords({ paint, properties }) {
    if (paint.kind === "count") return [t("{n} incidents", { n: short(properties.n) }), t("Click to look closer")];
    if (paint.name === "incident") return [properties[`matter_${language}`] || properties.matter_zh, properties.number];
    return [properties[language] || properties.zh, named(this.tree.kinds.find((kind) => kind.code === properties.kind)?.name)];
  }

  showTooltip({ x, y }, title, detail) {
    const { tooltip } = this;
    replace(tooltip, h("strong", {}, title), detail ? h("span", {}, detail) : null);
    tooltip.hidden = false;
    const room = this.map.getSize();
    const left = x + tooltip.offsetWidth + 24 > room.x ? x - tooltip.offsetWidth - 12 : x + 14;
    const top = y + tooltip.offsetHeight + 24 > room.y ? y - tooltip.offsetHeight - 12 : y + 14;
    tooltip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  hideTooltip() {
    this.tooltip.hidden = true;
  }

  click(latlng) {
    const spot = this.points.pointAt(latlng);
    if (spot?.paint.kind === "count") return this.map.setView(spot.latlng, this.map.getZoom() + 2);
    if (spot?.paint.name === "facility") return this.select({ type: "facility", code: String(spot.properties.id) });
    const layer = this.shownLevel;
    const unit = this.division.unitAt(latlng, layer);
    if (!unit) return this.deselect();
    return this.select({ type: layer === "grid" ? "grid" : "area", code: unit.code, level: layer });
  }

  // --- selecting ---

  choose(result) {
    this.panel.reveal();
    if (!isPhone()) this.panel.body.focus({ preventScroll: true });
    if (result.type === "place") return this.locate(result);
    if (result.type === "facility" && result.center) this.showMarker(result.center);
    return this.select({ type: result.type, code: result.code, level: result.level }, { move: true });
  }

  async select(unit, { move = false } = {}) {
    this.selected = unit;
    if (unit.type !== "facility") this.clearMarker();
    this.outline(unit);
    if (isPhone()) this.panelSheet.setHeight("half");
    this.remember();
    const found = await this.panel.open(unit);
    if (!found || this.selected !== unit) return;
    this.selected = { ...unit, level: found.level ?? unit.type };
    this.outline(this.selected);
    if (unit.type === "facility") this.showMarker(found.center);
    if (move) this.zoomTo(found);
    else uncover(this.map, found);
  }

  deselect() {
    this.selected = null;
    this.panel.close();
    this.clearMarker();
    this.division.setHighlight("selected", null);
    this.remember();
    this.map.getContainer().focus({ preventScroll: true });
  }

  outline(unit) {
    const layer = unit.type === "grid" ? "grid" : unit.level;
    this.division.setHighlight("selected", layer && unit.type !== "facility" ? { layer, code: unit.code } : null);
  }

  async standing(unit, found) {
    const level = unit.type === "grid" ? "grid" : found.level;
    if (!["town", "community", "grid"].includes(level)) return null;
    const shown = await figures(level, this.measure);
    const place = rankOf(shown, found.code);
    if (!place) return null;
    const colours = this.page.ramps[this.measure][Math.max(2, shown.classes)].slice(-shown.classes);
    return { ...place, value: shown.values[found.code], unit: shown.unit, colour: colours[shown.classOf(found.code)] };
  }

  async locate({ lon, lat, datum }) {
    const kind = t("Point");
    const title = `${lon}, ${lat}`;
    try {
      const { results } = await post("/locate", { lon, lat, datum });
      const [result] = results;
      if (datum === "cgcs2000" || datum === "wgs84") this.showMarker([lon, lat]);
      if (result.status === "inside" && result.grid) {
        await this.select({ type: "grid", code: result.grid.code, level: "grid" }, { move: true });
        if (datum === "cgcs2000" || datum === "wgs84") this.showMarker([lon, lat]);
        return;
      }
      this.panel.showMessage({ kind, title, symbolName: "geo-alt", lines: outsideLines(result), action: this.nearestLink(result) });
    } catch (problem) {
      this.panel.showMessage({ kind, title, symbolName: "exclamation-triangle", lines: [problem.message] });
    }
  }

  nearestLink({ nearest }) {
    if (!nearest?.grid) return null;
    const unit = { type: "grid", code: nearest.grid.code, level: "grid" };
    return h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: () => this.select(unit, { move: true }) }, t("Show the nearest grid"));
  }

  // --- moving ---

  zoomTo({ bbox, center }) {
    if (bbox) this.fit(bbox);
    else if (center) this.map.setView([center[1], center[0]], Math.max(POINT_ZOOM, this.map.getZoom()));
  }

  fit(bbox, options = {}) {
    fitBox(this.map, bbox, options);
  }

  showMarker([lon, lat]) {
    this.clearMarker();
    this.marker = L.marker([lat, lon], { icon: L.divIcon({ className: "place-marker", iconSize: [22, 22], iconAnchor: [11, 11] }), interactive: false, keyboard: false }).addTo(this.map);
  }

  clearMarker() {
    this.marker?.remove();
    this.marker = null;
  }

  /** Without a pointer on the map, the status line tells the middle. */
  showCentre() {
    document.getElementById("map-status-place").textContent = coordinates(this.map.getCenter());
  }

  remember() {
    if (!this.panel) return;
    if (this.tooltip.hidden) this.showCentre();
    clearTimeout(this.writing); // browsers refuse addresses that change with every frame
    this.writing = setTimeout(() => {
      writeView({ zoom: this.map.getZoom(), center: this.map.getCenter(), measure: this.measure, level: this.level, unit: this.selected });
    }, ADDRESS_PAUSE_MS);
  }

  // --- faults ---

  showTileError() {
    document.getElementById("toast").hidden = false;
  }

  retryTiles() {
    document.getElementById("toast").hidden = true;
    this.division.retry();
    this.points.retry();
  }
}

function outsideLines({ status, nearest, fault }) {
  if (status === "fault") return [fault?.message ?? t("These coordinates cannot be placed.")];
  const lines = [t("This point lies in no grid of the city.")];
  if (nearest?.grid) lines.push(t("The nearest grid is {code}, {distance} away.", { code: nearest.grid.code, distance: distanceWords(nearest.distance_m) }));
  lines.push(t("If the coordinates come from a phone map, try GCJ-02 or BD-09."));
  return lines;
}
