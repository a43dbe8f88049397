// A published audit on its map: communities by their verdict, gaps, facilities with their circles. Folium's script calls `start`.

import { named } from "./words.js";

const COLOURS = { covered: "#d5e8d4", uncovered: "#f6d5cf", gap: "#c8442b", circle: "#2c6fbb", place: "#123a6b", border: "#7a8696" };
const MOST_CIRCLES = 1500;
const element = (id) => document.getElementById(id);

export async function start({ map, page }) {
  const whole = [[page.bbox[1], page.bbox[0]], [page.bbox[3], page.bbox[2]]];
  map.fitBounds(whole, { animate: false });
  element("map-attribution").textContent = page.attribution ?? "";
  element("zoom-in").addEventListener("click", () => map.zoomIn(1));
  element("zoom-out").addEventListener("click", () => map.zoomOut(1));
  const answer = await fetch(page.url);
  if (!answer.ok) {
    element("map-said").textContent = String(answer.status);
    return;
  }
  const data = await answer.json();
  const bounds = data.bounds === null ? whole : [[data.bounds[1], data.bounds[0]], [data.bounds[3], data.bounds[2]]];
  map.fitBounds(bounds, { animate: false });
  element("zoom-all").addEventListener("click", () => map.fitBounds(bounds));
  const drawn = draw(map, data);
  follow(map, drawn);
  window.wangge = { map, page, drawn };
  document.body.dataset.ready = "true";
}

function draw(map, data) {
  const renderer = L.canvas({ padding: 0.3 });
  const units = new Map();
  L.geoJSON(data.communities, {
    renderer,
    style: ({ properties }) => ({
      color: COLOURS.border, weight: 0.7, fillColor: properties.covered ? COLOURS.covered : COLOURS.uncovered, fillOpacity: 0.75,
    }),
    onEachFeature: ({ properties }, layer) => {
      units.set(properties.code, layer);
      layer.bindTooltip(() => told(named(properties.name), properties.covered_residents, properties.residents), { sticky: true });
    },
  }).addTo(map);
  L.geoJSON(data.gaps, { renderer, interactive: false, style: { stroke: false, fillColor: COLOURS.gap, fillOpacity: 0.55 } }).addTo(map);
  const points = data.facilities.features;
  for (const { geometry: { coordinates: [lon, lat] }, properties } of points) {
    if (data.radius_m !== null && points.length <= MOST_CIRCLES) {
      L.circle([lat, lon], { renderer, radius: data.radius_m, color: COLOURS.circle, weight: 0.7, fill: false, interactive: false }).addTo(map);
    }
    L.circleMarker([lat, lon], { renderer, radius: 3, stroke: false, fillColor: COLOURS.place, fillOpacity: 1 })
      .bindTooltip(() => told(named(properties.name), properties.residents_nearest, properties.residents_within)).addTo(map);
  }
  return { units, facilities: points.length, gaps: data.gaps.features.length };
}

function told(name, some, all) {
  const line = document.createElement("span");
  line.textContent = `${name} · ${Math.round(some).toLocaleString()} / ${Math.round(all).toLocaleString()}`;
  return line;
}

/** A row of the table leads to its community on the map. */
function follow(map, { units }) {
  for (const row of document.querySelectorAll("#uncovered tbody tr")) {
    row.addEventListener("click", () => {
      const layer = units.get(row.dataset.code);
      if (layer) map.fitBounds(layer.getBounds(), { maxZoom: 14 });
    });
  }
}
