// The features of a page, drawn on plain ground with our own copy of Leaflet.

const LINE = "#14508c";

const features = JSON.parse(document.getElementById("items-drawn").textContent).filter((feature) => feature.geometry);
const map = window.L.map("items-map", { attributionControl: false, scrollWheelZoom: false });
const drawn = window.L.geoJSON(features, {
  style: { color: LINE, weight: 1, fillOpacity: 0.12 },
  pointToLayer: (_, place) => window.L.circleMarker(place, { radius: 4, color: LINE, weight: 1, fillOpacity: 0.5 }),
  onEachFeature: (feature, layer) => {
    const { name_zh: zh, name_en: en } = feature.properties;
    const name = document.createElement("span"); // as text: a name is never markup
    name.textContent = [feature.id, document.documentElement.lang.startsWith("zh") ? zh : en].filter(Boolean).join(" · ");
    layer.bindTooltip(name, { sticky: true });
  },
}).addTo(map);
if (features.length) map.fitBounds(drawn.getBounds(), { padding: [16, 16], maxZoom: 17 });
else map.setView([0, 0], 1);
