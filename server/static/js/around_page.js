// What is known around, for everybody. Folium's script calls `start`.

import { get } from "./api.js";
import { boxOf, Ground, myPosition } from "./citizen_ground.js";
import { h, icon, replace } from "./dom.js";
import { date } from "./format.js";
import { named, t } from "./words.js";

const DECIMALS = 5;
const ZOOM = 16;
const TALLEST = 20;
const element = (id) => document.getElementById(id);

export function start(parts) {
  window.wangge = { ...parts, around: new Around(parts) };
}

class Around {
  constructor({ map, page }) {
    this.map = map;
    this.page = page;
    const [west, south, east, north] = page.bbox;
    this.whole = [[south, west], [north, east]];
    map.fitBounds(this.whole, { animate: false });
    this.ground = new Ground(map, page);
    this.layer = L.layerGroup().addTo(map);
    map.on("moveend", () => this.read());
    map.on("click", () => this.close());
    element("zoom-in").addEventListener("click", () => map.zoomIn(1));
    element("zoom-out").addEventListener("click", () => map.zoomOut(1));
    element("zoom-all").addEventListener("click", () => map.fitBounds(this.whole));
    element("locate").addEventListener("click", () => this.locate());
    this.read();
  }

  async locate() {
    try {
      const { latlng } = await myPosition();
      this.map.setView(latlng, ZOOM);
    } catch (problem) {
      element("count").textContent = problem.message;
    }
  }

  async read() {
    const box = boxOf(this.map, DECIMALS);
    this.box = box;
    try {
      const { cases } = await get("/public/cases", { bbox: box });
      if (box === this.box) this.draw(cases);
    } catch (problem) {
      element("count").textContent = problem.detail ?? problem.title;
    }
  }

  /** Cases at one place, as those of a neighbourhood are, are one mark that grows with their number. */
  draw(cases) {
    const places = new Map();
    for (const each of cases) places.set(`${each.lon},${each.lat}`, [...(places.get(`${each.lon},${each.lat}`) ?? []), each]);
    this.layer.clearLayers();
    const isOpen = (together) => together.some((each) => each.open);
    for (const together of [...places.values()].sort((a, b) => isOpen(a) - isOpen(b))) {
      const [{ lon, lat }] = together;
      const colour = isOpen(together) ? this.page.colours.open : this.page.colours.ended;
      const mark = L.circleMarker([lat, lon], { radius: Math.min(TALLEST, 6 + 2 * Math.sqrt(together.length - 1)), color: "#ffffff", weight: 1.5, fillColor: colour, fillOpacity: 0.88, bubblingMouseEvents: false });
      mark.on("click", () => this.show(together));
      this.layer.addLayer(mark);
    }
    element("count").textContent = `· ${t("{n} in view", { n: cases.length })}`;
  }

  show(cases) {
    const rows = cases.map((each) => h("li", {}, h("strong", {}, icon(each.matter.icon ?? "question-circle"), " ", named(each.matter.name)), h("br"), `${named(each.state.name)} · ${date(each.reported_at)}`, each.blurred ? ` · ${t("in this neighbourhood")}` : "", each.reporters > 1 ? ` · ${t("{n} people reported it", { n: each.reporters })}` : "", h("br"), h("a", { href: `/report/${each.number}` }, each.number)));
    replace(element("case"), h("button", { type: "button", class: "close", "aria-label": t("Close"), onclick: () => this.close() }, icon("x-lg")), h("ul", {}, rows));
    element("case").hidden = false;
  }

  close() {
    element("case").hidden = true;
  }
}
