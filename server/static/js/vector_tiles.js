// Vector tiles on canvas for Leaflet: sources say where tiles come from, paints say what is drawn of them.
// The rules come from layers/vector_tiles.py. Colours, visibility and highlights change without asking for a tile again.

import { VectorTile } from "../vendor/node_modules/@mapbox/vector-tile/index.js";
import Pbf from "../vendor/node_modules/pbf/index.js";
import { atZoom, drawBubble, drawFill, drawFillTogether, drawLine, drawMark, drawOutline } from "./paint.js";

const HIT_TOLERANCE_PX = 5;
const BUBBLE_BIN_PX = 64;
const POINT = 1;
const NO_CONTENT = 204;
const scratch = document.createElement("canvas").getContext("2d");

export const VectorTiles = L.GridLayer.extend({
  options: { sources: {}, paints: [], margin: 0, keepBuffer: 1, updateWhenIdle: false, updateWhenZooming: false },

  initialize(options) {
    L.GridLayer.prototype.initialize.call(this, options);
    this._records = new Map();
    this._visible = new Map(this.options.paints.map((paint) => [paint.name, paint.visible]));
    this._colourOf = () => null;
    this._markOf = () => null;
    this._shownLevel = null;
    this._fillOpacity = 1;
    this._highlights = { hover: null, selected: null };
    this.on("tileunload", (event) => this._forget(event.coords));
  },

  createTile(coords, done) {
    const record = this._newRecord(coords);
    this._records.set(this._tileCoordsToKey(coords), record);
    this._load(record).then(() => {
      this._draw(record);
      done(null, record.element);
    });
    return record.element;
  },

  // --- what the page may change ---

  setVisible(name, visible) {
    if (this._visible.get(name) === visible) return;
    this._visible.set(name, visible);
    this._refresh();
  },

  /** Colour the fills of one level: `colourOf(code)` gives a CSS colour, or null for "no data". */
  setFill(level, colourOf, { opacity = 1 } = {}) {
    this._shownLevel = level;
    this._colourOf = colourOf;
    this._fillOpacity = opacity;
    this._refresh();
  },

  /** How a point is drawn: `markOf(paint, properties)` gives {shape, colour}, or null to leave it out. */
  setMarks(markOf) {
    this._markOf = markOf;
    this._refresh();
  },

  /** Outline a unit: {layer, code} or null. `kind` is "hover" or "selected". */
  setHighlight(kind, unit) {
    const before = this._highlights[kind];
    if (before?.code === unit?.code && before?.layer === unit?.layer) return;
    this._highlights[kind] = unit;
    for (const record of this._records.values()) {
      if (holds(record, before) || holds(record, unit)) this._draw(record);
    }
    this._loadMissing();
  },

  setSourceUrl(name, url) {
    if (this.options.sources[name].url === url) return;
    this.options.sources[name].url = url;
    this.reloadSource(name);
  },

  reloadSource(name) {
    for (const record of this._records.values()) {
      record.requests.get(name)?.abort();
      record.requests.delete(name);
      record.parts.delete(name);
    }
    this._refresh();
  },

  retry() {
    for (const record of this._records.values()) record.failed.clear();
    this._refresh();
  },

  // --- what lies under a point ---

  /** Properties of the polygon of a layer that covers the point, or null. */
  unitAt(latlng, layer) {
    const [record, point] = this._recordAt(latlng);
    for (const feature of features(record, layer)) {
      if (inBox(feature.box, point) && scratch.isPointInPath(feature.path, point.x, point.y, "evenodd")) return feature.properties;
    }
    return null;
  },

  /** The nearest drawn point within reach of the pointer: {paint, properties, latlng}, or null. */
  pointAt(latlng) {
    const zoom = this._tileZoom;
    let nearest = null;
    for (const [record, point] of this._recordsAround(latlng)) {
      for (const spot of record.spots) {
        const distance = Math.hypot(spot.x - point.x, spot.y - point.y);
        if (distance <= spot.radius + HIT_TOLERANCE_PX && distance < (nearest?.distance ?? Infinity)) {
          const world = L.point(record.coords.x, record.coords.y).scaleBy(this.getTileSize()).add([spot.x, spot.y]);
          nearest = { ...spot, distance, latlng: this._map.unproject(world, zoom) };
        }
      }
    }
    return nearest;
  },

  // --- loading ---

  _newRecord(coords) {
    const { margin } = this.options;
    const size = this.getTileSize();
    const ratio = window.devicePixelRatio || 1;
    const element = L.DomUtil.create("div", "vector-tile");
    const canvas = L.DomUtil.create("canvas", "", element);
    canvas.width = Math.round((size.x + 2 * margin) * ratio);
    canvas.height = Math.round((size.y + 2 * margin) * ratio);
    Object.assign(canvas.style, {
      position: "absolute",
      left: `${-margin}px`,
      top: `${-margin}px`,
      width: `${size.x + 2 * margin}px`,
      height: `${size.y + 2 * margin}px`,
    });
    return { coords, element, canvas, ratio, parts: new Map(), requests: new Map(), failed: new Set(), spots: [] };
  },

  _missingSources(record) {
    return this._neededSources(record.coords.z).filter(
      (name) => !record.parts.has(name) && !record.requests.has(name) && !record.failed.has(name),
    );
  },

  _load(record) {
    return Promise.all(this._missingSources(record).map((name) => this._loadSource(record, name)));
  },

  _loadMissing() {
    for (const record of this._records.values()) {
      if (this._missingSources(record).length) this._load(record).then(() => this._draw(record));
    }
  },

  async _loadSource(record, name) {
    const request = new AbortController();
    record.requests.set(name, request);
    const url = L.Util.template(this.options.sources[name].url, record.coords);
    try {
      const response = await fetch(url, { signal: request.signal, credentials: "same-origin" });
      if (!response.ok) throw new Error(`${response.status} ${url}`);
      const bytes = response.status === NO_CONTENT ? new ArrayBuffer(0) : await response.arrayBuffer();
      if (record.requests.get(name) !== request) return;
      record.parts.set(name, decode(bytes, this.getTileSize().x));
    } catch (error) {
      if (error.name === "AbortError") return;
      record.failed.add(name);
      this.fire("sourceerror", { source: name, error });
    } finally {
      if (record.requests.get(name) === request) record.requests.delete(name);
    }
  },

  _forget(coords) {
    const key = this._tileCoordsToKey(coords);
    const record = this._records.get(key);
    if (!record) return;
    for (const request of record.requests.values()) request.abort();
    this._records.delete(key);
  },

  _neededSources(zoom) {
    const names = this.options.paints.filter((paint) => this._isDrawn(paint, zoom)).map((paint) => paint.source);
    for (const unit of Object.values(this._highlights)) {
      const paint = unit && this.options.paints.find((each) => each.layer === unit.layer);
      if (paint) names.push(paint.source);
    }
    return [...new Set(names)].filter((name) => zoom >= this.options.sources[name].minZoom);
  },

  _isDrawn(paint, zoom) {
    if (!this._visible.get(paint.name) || zoom < paint.minZoom || zoom > paint.maxZoom) return false;
    return paint.kind !== "fill" || paint.level === this._shownLevel;
  },

  // --- drawing ---

  _refresh() {
    cancelAnimationFrame(this._frame);
    this._frame = requestAnimationFrame(() => {
      for (const record of this._records.values()) this._draw(record);
      this._loadMissing();
    });
  },

  _draw(record) {
    const { margin } = this.options;
    const context = record.canvas.getContext("2d");
    const zoom = record.coords.z;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, record.canvas.width, record.canvas.height);
    context.setTransform(record.ratio, 0, 0, record.ratio, margin * record.ratio, margin * record.ratio);
    record.spots = [];
    for (const paint of this.options.paints) {
      if (this._isDrawn(paint, zoom)) this._drawPaint(context, record, paint, zoom);
    }
    this._drawHighlights(context, record);
  },

  _drawPaint(context, record, paint, zoom) {
    const found = features(record, paint.layer);
    if (paint.kind === "fill") (paint.together ? drawFillTogether : drawFill)(context, found, this._colourOf, this._fillOpacity);
    if (paint.kind === "line") drawLine(context, found, paint, zoom);
    if (paint.kind === "mark") this._drawMarks(context, record, paint, found, atZoom(paint.radius, zoom));
    if (paint.kind === "count") this._drawCounts(context, record, paint, found);
  },

  _drawMarks(context, record, paint, found, radius) {
    for (const feature of found) {
      const mark = this._markOf(paint, feature.properties);
      if (!mark) continue;
      for (const { x, y } of feature.points) {
        drawMark(context, x, y, radius, mark);
        record.spots.push({ x, y, radius, paint, properties: feature.properties });
      }
    }
  },

  _drawCounts(context, record, paint, found) {
    for (const bin of bins(found)) {
      const radius = drawBubble(context, bin.x, bin.y, bin.n);
      record.spots.push({ x: bin.x, y: bin.y, radius, paint, properties: { n: bin.n } });
    }
  },

  _drawHighlights(context, record) {
    for (const kind of ["hover", "selected"]) {
      const unit = this._highlights[kind];
      if (!unit) continue;
      for (const feature of features(record, unit.layer)) {
        if ((feature.properties.code ?? feature.properties.id) === unit.code) drawOutline(context, feature.path, kind);
      }
    }
  },

  _recordAt(latlng) {
    const zoom = this._tileZoom;
    const size = this.getTileSize();
    const world = this._map.project(latlng, zoom);
    const x = Math.floor(world.x / size.x);
    const y = Math.floor(world.y / size.y);
    return [this._records.get(`${x}:${y}:${zoom}`), world.subtract([x * size.x, y * size.y])];
  },

  _recordsAround(latlng) {
    const zoom = this._tileZoom;
    const size = this.getTileSize();
    const world = this._map.project(latlng, zoom);
    return [...this._records.values()]
      .filter((record) => record.coords.z === zoom)
      .map((record) => [record, world.subtract([record.coords.x * size.x, record.coords.y * size.y])])
      .filter(([, p]) => p.x > -size.x / 4 && p.y > -size.y / 4 && p.x < size.x * 1.25 && p.y < size.y * 1.25);
  },
});

L.vectorTiles = (options) => new VectorTiles(options);

function decode(bytes, tileSize) {
  const layers = new Map();
  if (bytes.byteLength === 0) return layers;
  const tile = new VectorTile(new Pbf(bytes));
  for (const [name, layer] of Object.entries(tile.layers)) {
    const scale = tileSize / layer.extent;
    const found = [];
    for (let i = 0; i < layer.length; i += 1) found.push(prepare(layer.feature(i), scale));
    layers.set(name, found);
  }
  return layers;
}

function prepare(feature, scale) {
  const rings = feature.loadGeometry();
  if (feature.type === POINT) {
    return { properties: feature.properties, points: rings.flat().map((p) => ({ x: p.x * scale, y: p.y * scale })) };
  }
  const path = new Path2D();
  const box = { west: Infinity, north: Infinity, east: -Infinity, south: -Infinity };
  for (const ring of rings) {
    ring.forEach((p, i) => {
      const x = p.x * scale;
      const y = p.y * scale;
      if (i === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
      box.west = Math.min(box.west, x);
      box.east = Math.max(box.east, x);
      box.north = Math.min(box.north, y);
      box.south = Math.max(box.south, y);
    });
    path.closePath();
  }
  return { properties: feature.properties, path, box };
}

function features(record, layer) {
  if (!record) return [];
  for (const part of record.parts.values()) {
    if (part.has(layer)) return part.get(layer);
  }
  return [];
}

function holds(record, unit) {
  return Boolean(unit) && features(record, unit.layer).some(({ properties }) => (properties.code ?? properties.id) === unit.code);
}

function inBox(box, point) {
  return point.x >= box.west && point.x <= box.east && point.y >= box.north && point.y <= box.south;
}

/** Gather counted points into squares of 64 px, each at its weighted centre, so that bubbles neither overlap much nor leave the tile. */
function bins(found) {
  const sums = new Map();
  for (const feature of found) {
    const { n } = feature.properties;
    for (const { x, y } of feature.points) {
      const key = `${Math.floor(x / BUBBLE_BIN_PX)}:${Math.floor(y / BUBBLE_BIN_PX)}`;
      const sum = sums.get(key) ?? { x: 0, y: 0, n: 0 };
      sums.set(key, { x: sum.x + x * n, y: sum.y + y * n, n: sum.n + n });
    }
  }
  return [...sums.values()].map(({ x, y, n }) => ({ x: x / n, y: y / n, n }));
}
