// What the maps of citizens have in common: outlines and names of the ground where there is no base map, and one's own position.

import { get } from "./api.js";
import { h, icon } from "./dom.js";
import { named, t } from "./words.js";

const POSITION_TIMEOUT_MS = 15_000;
const NAMES_FROM_PX = 90;
const DECIMALS = 4;

/** Borders and names of communities, or of towns further out; read anew when the map was moved. */
export class Ground {
  constructor(map, page) {
    this.map = map;
    this.overBasemap = page.overBasemap;
    this.layer = L.layerGroup().addTo(map);
    const credit = document.getElementById("map-attribution");
    if (credit) credit.textContent = page.attribution;
    map.on("moveend", () => this.read());
    this.read();
  }

  async read() {
    const box = boxOf(this.map, DECIMALS);
    if (box === this.box) return;
    this.box = box;
    const ground = await get("/public/ground", { bbox: box }).catch(() => null); // a map without names still takes a pin
    if (!ground || box !== this.box) return;
    this.layer.clearLayers();
    this.layer.addLayer(L.geoJSON(ground, { pane: "ground", interactive: false, style: { color: "#8b98a9", weight: 1.2, fill: true, fillColor: "#ffffff", fillOpacity: this.overBasemap ? 0 : 0.7 } }));
    for (const { geometry, properties } of ground.features) this.name(geometry, properties);
  }

  name(geometry, { name, label }) {
    const bounds = L.geoJSON(geometry).getBounds();
    const wide = this.map.latLngToContainerPoint(bounds.getNorthEast()).x - this.map.latLngToContainerPoint(bounds.getSouthWest()).x;
    if (wide < NAMES_FROM_PX) return;
    const mark = h("span", {}, named(name));
    this.layer.addLayer(L.marker([label[1], label[0]], { pane: "ground", interactive: false, keyboard: false, icon: L.divIcon({ className: "ground-name", html: mark, iconSize: [0, 0] }) }));
  }
}

export function boxOf(map, decimals) {
  const box = map.getBounds();
  return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((each) => each.toFixed(decimals)).join(",");
}

/** Where the device is; rejects with words for the person. */
export function myPosition() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) reject(new Error(t("This browser tells no position. Tap the map instead.")));
    else {
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => resolve({ latlng: L.latLng(coords.latitude, coords.longitude), accuracy: coords.accuracy }),
        () => reject(new Error(t("Your position was not told. Tap the map instead."))),
        { enableHighAccuracy: true, timeout: POSITION_TIMEOUT_MS, maximumAge: 30_000 },
      );
    }
  });
}

export function pinIcon() {
  return L.divIcon({ className: "pin", html: icon("geo-alt-fill"), iconSize: [38, 38], iconAnchor: [19, 37] });
}
