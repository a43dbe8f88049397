// The map of coverage: cells by band, gaps, circles, facilities above; what lies under the pointer is said.

import { h, replace } from "./dom.js";
import { integer, metres } from "./format.js";
import { labelsOf } from "./labels.js";
import { Points } from "./coverage_points.js";
import { named, t } from "./words.js";

const EDGE_PX = 24;
const OPACITY = 0.82;
const OUT_OF_SCOPE = "#f7f8f9";
const FADED = "#eef0f3";
const CLOSE_ZOOM = 14;
const GAP_LINE = { color: "#7d1f0c", fill: false, interactive: false };
const GAP_PX = [[11, 0.6], [12, 1], [13, 1.6]]; // up to a zoom; beyond 2 px
const OFF_STREETS_LINE = { color: "#4a5768", weight: 1, dashArray: "3 4", fill: false, interactive: false };
const CIRCLE_LINE = { color: "#14508c", weight: 1, opacity: 0.75, fillColor: "#14508c", fillOpacity: 0.06, interactive: false };

export class CoverageMap {
  /** `hovered(code | null)` hears the community under the pointer, `chosen(code)` the one clicked, `moved()` that another part is in view. */
  constructor({ map, division, page, hovered, chosen, moved, pointed }) {
    Object.assign(this, { map, division, page, hovered, chosen, moved, pointed });
    Object.assign(this, { cells: new Map(), gained: new Set(), lost: new Set(), picked: null, communities: new Map() });
    this.points = new Points(map, { colours: page.colours });
    this.lines = { gaps: L.canvas({ pane: "gaps", padding: 0.3 }), circles: L.canvas({ pane: "circles", padding: 0.3 }) };
    this.drawn = { gaps: null, circles: null };
    labelsOf("community").then((found) => { this.communities = found; moved(); }, () => {});
    L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 110 }).addTo(map);
    map.on("click", (event) => this.click(event));
    map.on("mousemove", (event) => this.hover(event));
    map.on("mouseout movestart", () => this.hover(null));
    map.on("moveend", moved);
    map.on("zoomend", () => this.drawn.gaps?.setStyle({ weight: this.gapWeight }));
    document.getElementById("zoom-in").addEventListener("click", () => map.zoomIn());
    document.getElementById("zoom-out").addEventListener("click", () => map.zoomOut());
    document.getElementById("zoom-area").addEventListener("click", () => this.fit());
    document.getElementById("map-attribution").textContent = page.attribution;
    new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
    map.getContainer().setAttribute("role", "application");
    map.getContainer().setAttribute("aria-label", t("Map. Arrow keys move, plus and minus zoom."));
    this.fit();
  }

  fit(box) {
    this.box = box ?? this.box ?? this.page.bbox;
    const [west, south, east, north] = this.box;
    this.map.fitBounds([[south, west], [north, east]], { padding: [EDGE_PX, EDGE_PX], animate: false });
  }

  // --- what is shown ---

  /** Colour the cells of an answer: `cells` {id, metres, within} as columns, `bands` says which colour. */
  show({ cells, bands }) {
    this.bands = bands;
    this.columns = cells;
    this.cells = new Map(cells.id.map((id, at) => [id, at]));
    this.reached = null;
    this.paint();
  }

  /** Show communities by whether they are reached, or the cells again where `codes` is null. */
  showCommunities(codes) {
    this.reached = codes;
    this.paint();
  }

  /** What a scenario wins and loses, as ids of cells. */
  showChange(gained, lost) {
    this.gained = new Set(gained);
    this.lost = new Set(lost);
    this.paint();
  }

  pick(band) {
    this.picked = band;
    this.paint();
  }

  paint() {
    const { colours } = this.page;
    this.map.getPane("gaps").hidden = Boolean(this.reached);
    if (this.reached) this.division.setFill("community", (code) => (this.reached.has(code) ? colours.reached : colours.unreached), { opacity: OPACITY });
    else if (this.bands) this.division.setFill("cell", (id, properties) => this.colourOf(id, properties), { opacity: OPACITY });
  }

  colourOf(id, properties) {
    const { colours } = this.page;
    const at = this.cells.get(id);
    if (at === undefined) return OUT_OF_SCOPE;
    if (this.gained.has(id)) return colours.gained;
    if (this.lost.has(id)) return colours.lost;
    const band = this.bandAt(at);
    if (this.picked !== null && this.picked !== band) return FADED;
    if (!this.bands.isServed(band) && !properties.population) return colours.empty;
    return this.bands.colours[band];
  }

  bandAt(at) {
    return this.bands.of(this.columns.metres[at], this.columns.within[at]);
  }

  /** Polygons of `gaps` or `circles`, as GeoJSON; null takes them away. */
  outline(name, collection) {
    this.drawn[name]?.remove();
    const style = ({ properties }) => (name === "gaps" ? { ...GAP_LINE, weight: this.gapWeight } : properties.band === "reached" ? CIRCLE_LINE : OFF_STREETS_LINE);
    this.drawn[name] = collection && L.geoJSON(collection, { style, renderer: this.lines[name], pane: name, interactive: false }).addTo(this.map);
  }

  get gapWeight() {
    return GAP_PX.find(([zoom]) => this.map.getZoom() < zoom)?.[1] ?? 2;
  }

  numbered(sites) {
    this.sites?.remove();
    this.sites = L.layerGroup(sites.map((site) => L.marker([site.lat, site.lon], {
      icon: L.divIcon({ className: "site-mark", html: h("span", {}, String(site.order)), iconSize: [26, 26], iconAnchor: [13, 13] }), keyboard: true, title: site.words, alt: site.words,
    }))).addTo(this.map);
  }

  candidates(places) {
    this.wishes?.remove();
    this.wishes = L.layerGroup(places.map(([lon, lat]) => L.circleMarker([lat, lon], { radius: 4, color: "#8a6d00", weight: 1.5, fillColor: "#fff3d9", fillOpacity: 1, interactive: false }))).addTo(this.map);
  }

  // --- pointing ---

  click({ latlng, containerPoint }) {
    if (this.tool) return this.tool(latlng);
    const facility = this.points.under(containerPoint);
    if (facility && this.pointed(facility)) return undefined;
    const code = this.communityAt(latlng);
    return code && this.chosen(code);
  }

  communityAt(latlng) {
    return this.division.unitAt(latlng, "community")?.code ?? null;
  }

  hover(event) {
    const tooltip = document.getElementById("map-tooltip");
    const facility = event && this.points.under(event.containerPoint);
    this.points.point("hovered", facility);
    const code = event && this.communityAt(event.latlng);
    this.light(code);
    this.hovered(code);
    const words = facility ? this.facilityWords(facility) : event && this.cellWords(event.latlng, code);
    this.map.getContainer().classList.toggle("is-over", Boolean(facility));
    tooltip.hidden = !words;
    if (!words) return;
    replace(tooltip, h("strong", {}, words[0]), words[1] ? h("span", {}, words[1]) : null);
    this.place(tooltip, event.containerPoint);
  }

  place(tooltip, { x, y }) {
    const room = this.map.getSize();
    const left = x + tooltip.offsetWidth + 24 > room.x ? x - tooltip.offsetWidth - 12 : x + 14;
    const top = y + tooltip.offsetHeight + 24 > room.y ? y - tooltip.offsetHeight - 12 : y + 14;
    tooltip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  light(code) {
    this.division.setHighlight("hover", code ? { layer: "community", code } : null);
  }

  facilityWords(one) {
    const off = one.off_network_m > 0 ? t("{n} m from the nearest street", { n: integer(one.off_network_m) }) : null;
    const served = one.residents_within == null || one.change ? null : t("{n} residents within reach", { n: integer(one.residents_within) });
    return [named(one.name) || t("New facility"), [served, off].filter(Boolean).join(" · ")];
  }

  cellWords(latlng, code) {
    const community = named(this.communities.get(code));
    if (this.reached) return code && [community, this.reached.has(code) ? t("reached") : t("not reached")];
    const cell = this.bands && this.division.unitAt(latlng, "cell");
    const at = cell && this.cells.get(cell.id);
    if (at === undefined || at === null) return community ? [community, null] : null;
    const far = this.columns.metres[at];
    const change = this.gained.has(cell.id) ? t("gained") : this.lost.has(cell.id) ? t("lost") : null;
    const way = change ?? (far == null ? t("not reached") : this.columns.within[at] >= this.bands.asked.k ? t("{metres} to the nearest", { metres: metres(far) }) : t("{metres} to the nearest, {n} within reach", { metres: metres(far), n: this.columns.within[at] }));
    return [community, `${way} · ${t("{n} residents", { n: integer(cell.population) })}`];
  }

  /** Bring a community into view. */
  goTo(code) {
    const label = this.communities.get(code);
    this.division.setHighlight("selected", { layer: "community", code });
    if (label) this.map.setView([label.lat, label.lon], Math.max(this.map.getZoom(), CLOSE_ZOOM - 1), { animate: false });
  }

  /** Codes of the communities whose label is in view, or null while nobody knows where they are. */
  get inView() {
    if (!this.communities.size) return null;
    const bounds = this.map.getBounds();
    return new Set([...this.communities.values()].filter(({ lon, lat }) => bounds.contains([lat, lon])).map(({ code }) => code));
  }
}
