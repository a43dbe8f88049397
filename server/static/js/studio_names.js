// Names of towns from afar and of communities from nearer, so that a planner knows where she is; none over another.

import { language } from "./words.js";

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif';
const TOWNS_UNTIL_ZOOM = 11.75;
const COMMUNITIES_UNTIL_ZOOM = 13.5;
const STYLES = { town: { font: `600 13px ${FONT}`, height: 17, fit: 1.6 }, community: { font: `500 12px ${FONT}`, height: 15, fit: 1.2 } };
const KM_PER_DEGREE = 111.32;
const WORLD_PX = 256;

/** `communities`: those of the plan; names of others would only be in the way. */
export function paintNames(pen, view, places, communities) {
  if (view.zoom >= COMMUNITIES_UNTIL_ZOOM) return;
  const isFar = view.zoom < TOWNS_UNTIL_ZOOM;
  const level = isFar ? "town" : "community";
  const labels = [...(isFar ? places.towns : places.communities).values()].filter(({ code }) => isFar || communities.has(code));
  const taken = [];
  view.pixels();
  Object.assign(pen, { font: STYLES[level].font, textAlign: "center", textBaseline: "middle", lineJoin: "round", strokeStyle: "rgb(255 255 255 / 92%)", lineWidth: 3.5, fillStyle: "#16233a" });
  for (const label of labels) paintName(pen, view, label, { ...STYLES[level], at: places.at(label), taken });
}

function paintName(pen, view, label, { at, height, fit, taken }) {
  const [x, y] = view.toPx(at);
  const words = label[language] || label.zh;
  const width = pen.measureText(words).width;
  const pxPerKm = (view.scale * WORLD_PX) / (360 * KM_PER_DEGREE * Math.cos((label.lat * Math.PI) / 180));
  if (width > Math.sqrt(label.area_km2) * pxPerKm * fit) return;
  const box = [x - width / 2 - 4, y - height / 2, x + width / 2 + 4, y + height / 2];
  if (taken.some((other) => other[0] < box[2] && box[0] < other[2] && other[1] < box[3] && box[1] < other[3])) return;
  taken.push(box);
  pen.strokeText(words, x, y);
  pen.fillText(words, x, y);
}
