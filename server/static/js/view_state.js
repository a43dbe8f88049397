// The view as a link: place, measure, level and selection live behind the # of the address.

const PLACE = /^(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/;

/** Read the address: {zoom, lat, lng, measure, level, unit: {type, code}}; what is absent or malformed is left out. */
export function readView(hash = location.hash) {
  const [place, ...pairs] = hash.replace(/^#/, "").split("&");
  const view = {};
  const match = PLACE.exec(place);
  if (match) Object.assign(view, { zoom: Number(match[1]), lat: Number(match[2]), lng: Number(match[3]) });
  const given = new URLSearchParams((match ? pairs : [place, ...pairs]).join("&"));
  for (const key of ["measure", "level", "days"]) if (given.get(key)) view[key] = given.get(key);
  const unit = /^(grid|area|facility):(\w+)$/.exec(given.get("unit") ?? "");
  if (unit) view.unit = { type: unit[1], code: unit[2] };
  return view;
}

export function writeView({ zoom, center, measure, level, unit }) {
  const parts = [`${zoom}/${center.lat.toFixed(5)}/${center.lng.toFixed(5)}`, `measure=${measure}`];
  if (level !== "auto") parts.push(`level=${level}`);
  if (unit) parts.push(`unit=${unit.type}:${unit.code}`);
  history.replaceState(null, "", `#${parts.join("&")}`);
}
