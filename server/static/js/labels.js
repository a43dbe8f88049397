// Names on the map: one canvas over the view, the largest units first, none over another.

import { get } from "./api.js";
import { language } from "./words.js";

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif';
const STYLES = {
  town: { font: `600 13px ${FONT}`, colour: "#16233a", height: 16, fit: 1.5 },
  community: { font: `500 12px ${FONT}`, colour: "#22324b", height: 15, fit: 1.25 },
  grid: { font: `400 11px ${FONT}`, colour: "#3c4a60", height: 13, fit: 1.1 },
};
const KM_PER_DEGREE = 111.32;
const HALO_PX = 3.5;
const GAP_PX = 4;

/** Which levels are named at a zoom, the most important first. */
export function levelsAt(zoom) {
  if (zoom < 12) return ["town"];
  if (zoom < 14) return ["community"];
  return ["community", "grid"];
}

const asked = new Map();

/** All labels of a level by code, asked for once. */
export function labelsOf(level) {
  if (!asked.has(level)) {
    const request = get("/labels", { level }).then(({ labels }) => {
      labels.sort((a, b) => b.area_km2 - a.area_km2);
      return new Map(labels.map((label) => [label.code, label]));
    });
    request.catch(() => asked.delete(level));
    asked.set(level, request);
  }
  return asked.get(level);
}

/** Ask anew for the grids' labels: another plan is in force. */
export const forgetGridLabels = () => asked.delete("grid");

export const Labels = L.Renderer.extend({
  options: { padding: 0.15, pane: "labels" },

  onAdd(map) {
    map.getPane("labels") ?? map.createPane("labels");
    map.getPane("labels").style.zIndex = 500;
    map.getPane("labels").style.pointerEvents = "none";
    this._loaded = new Map();
    this._shown = true;
    L.Renderer.prototype.onAdd.call(this);
  },

  setShown(shown) {
    this._shown = shown;
    this._update();
  },

  /** Ask for a level's names again. */
  forget(level) {
    this._loaded.delete(level);
    this._update();
  },

  _initContainer() {
    this._container = L.DomUtil.create("canvas", "map-labels");
    this._container.setAttribute("aria-hidden", "true");
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const { min } = this._bounds;
    const size = this._bounds.getSize();
    const ratio = window.devicePixelRatio || 1;
    L.DomUtil.setPosition(this._container, min);
    Object.assign(this._container, { width: size.x * ratio, height: size.y * ratio });
    Object.assign(this._container.style, { width: `${size.x}px`, height: `${size.y}px` });
    const pen = this._container.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, -min.x * ratio, -min.y * ratio);
    this._draw(pen);
  },

  _draw(pen) {
    const levels = this._shown ? levelsAt(this._map.getZoom()) : [];
    const taken = [];
    for (const level of levels) this._drawLevel(pen, level, taken);
    this._container.dataset.levels = levels.join(" ");
    this._container.dataset.count = taken.length;
  },

  _drawLevel(pen, level, taken) {
    const labels = this._loaded.get(level);
    if (!labels) {
      labelsOf(level).then((found) => {
        this._loaded.set(level, found);
        if (this._map) this._update();
      }, () => {});
      return;
    }
    const style = STYLES[level];
    Object.assign(pen, { font: style.font, textAlign: "center", textBaseline: "middle", lineJoin: "round" });
    const pxPerKm = this._pxPerKm();
    for (const label of labels.values()) {
      const at = this._map.latLngToLayerPoint([label.lat, label.lon]);
      if (this._bounds.contains(at)) this._drawLabel(pen, label[language] || label.zh, at, { style, taken, room: Math.sqrt(label.area_km2) * pxPerKm });
    }
  },

  _drawLabel(pen, text, at, { style, taken, room }) {
    const half = widthOf(pen, text) / 2;
    if (half * 2 > room * style.fit) return;
    const box = { left: at.x - half - GAP_PX, right: at.x + half + GAP_PX, top: at.y - style.height / 2 - 1, bottom: at.y + style.height / 2 + 1 };
    if (taken.some((other) => overlap(box, other))) return;
    taken.push(box);
    pen.strokeStyle = "rgba(255, 255, 255, 0.92)";
    pen.lineWidth = HALO_PX;
    pen.strokeText(text, at.x, at.y);
    pen.fillStyle = style.colour;
    pen.fillText(text, at.x, at.y);
  },

  _pxPerKm() {
    const centre = this._map.getCenter();
    const north = this._map.latLngToLayerPoint([centre.lat + 0.1, centre.lng]);
    const south = this._map.latLngToLayerPoint([centre.lat - 0.1, centre.lng]);
    return Math.abs(south.y - north.y) / (0.2 * KM_PER_DEGREE);
  },
});

const widths = new Map();

function widthOf(pen, text) {
  const key = `${pen.font}/${text}`;
  if (!widths.has(key)) widths.set(key, pen.measureText(text).width);
  return widths.get(key);
}

function overlap(a, b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
