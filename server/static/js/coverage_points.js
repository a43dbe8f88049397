// The facilities on the map: dots on one canvas, found again under the pointer, dragged where something is tried out.

import { Board } from "./studio_board.js";

const RADIUS_PX = [[9, 1.2], [10, 2], [11, 2.6], [13, 4.5], [15, 6.5], [17, 8.5]];
const REACH_PX = 7;
const TOUCH_REACH_PX = 18;
const INK = "#17212f";
const BAD = "#9c2f19";
const GHOST = "rgb(23 33 47 / 45%)";

export const planeOf = ({ lon, lat }) => {
  const { x, y } = L.CRS.EPSG3857.latLngToPoint(L.latLng(lat, lon), 0);
  return [x, y];
};

export class Points {
  constructor(map, { colours }) {
    Object.assign(this, { map, colours, all: [], changes: new Map(), shown: true, hovered: null, chosen: null });
    this.board = new Board({ origin: [0, 0] }, (pen, view) => this.paint(pen, view), { name: "facilities", pane: "points" }).addTo(map);
  }

  /** `facilities`: [{id, name, kind, lon, lat, …}]. */
  show(facilities) {
    this.all = facilities.map((one) => ({ ...one, at: planeOf(one) }));
    this.byId = new Map(this.all.map((one) => [one.id, one]));
    this.redraw();
  }

  /** What a scenario does, by facility: {what, lon, lat, capacity}. */
  change(changes) {
    this.changes = new Map(changes.map((one) => [one.facility, one]));
    this.opened = changes.filter((one) => one.what === "open").map((one) => ({ id: one.facility, lon: one.lon, lat: one.lat, at: planeOf(one), change: one }));
    this.redraw();
  }

  redraw() {
    this.board.redraw();
  }

  setShown(shown) {
    this.shown = shown;
    this.redraw();
  }

  point(kind, one) {
    if (this[kind]?.id === one?.id) return;
    this[kind] = one;
    this.redraw();
  }

  /** Every facility where it stands now, new ones too. */
  get standing() {
    const there = this.all.map((one) => {
      const change = this.changes.get(one.id);
      return change?.what === "move" ? { ...one, at: planeOf(change), lon: change.lon, lat: change.lat, change } : { ...one, change };
    });
    return [...there, ...(this.opened ?? [])];
  }

  paint(pen, view) {
    if (!this.shown) return;
    view.pixels();
    const radius = at(RADIUS_PX, view.zoom);
    for (const one of this.standing) this.dot(pen, view, one, radius);
    for (const one of [this.hovered, this.chosen]) if (one) this.ring(pen, view.toPx(this.whereIs(one)), radius + 4);
  }

  whereIs(one) {
    return this.standing.find(({ id }) => id === one.id)?.at ?? one.at;
  }

  dot(pen, view, one, radius) {
    const [x, y] = view.toPx(one.at);
    const { change } = one;
    if (change?.what === "move") this.trail(pen, view.toPx(this.byId.get(one.id).at), [x, y], radius);
    const closed = change?.what === "close";
    const size = change?.what === "resize" ? radius * 1.5 : change ? radius * 1.25 : radius;
    circle(pen, x, y, size, { fill: closed ? "#ffffff" : change ? this.colours.gained : INK, edge: closed ? BAD : "#ffffff", width: closed ? 2 : radius > 3 ? 1.5 : 0.7 });
    if (closed) cross(pen, x, y, size * 0.6);
  }

  trail(pen, [fromX, fromY], [x, y], radius) {
    pen.setLineDash([4, 4]);
    Object.assign(pen, { strokeStyle: GHOST, lineWidth: 1.5 });
    pen.beginPath();
    pen.moveTo(fromX, fromY);
    pen.lineTo(x, y);
    pen.stroke();
    pen.setLineDash([]);
    circle(pen, fromX, fromY, radius * 0.8, { fill: "#ffffff", edge: GHOST, width: 1.5 });
  }

  ring(pen, [x, y], radius) {
    circle(pen, x, y, radius, { edge: "#ffffff", width: 4 });
    circle(pen, x, y, radius, { edge: INK, width: 2 });
  }

  /** The nearest facility under the pointer, or null. */
  under(containerPoint, { touch = false } = {}) {
    if (!this.shown) return null;
    const zoom = this.map.getZoom();
    const reach = at(RADIUS_PX, zoom) + (touch ? TOUCH_REACH_PX : REACH_PX);
    let nearest = null;
    for (const one of this.standing) {
      const point = this.map.latLngToContainerPoint([one.lat, one.lon]);
      const distance = point.distanceTo(containerPoint);
      if (distance <= reach && distance < (nearest?.distance ?? Infinity)) nearest = { one, distance };
    }
    return nearest?.one ?? null;
  }
}

function circle(pen, x, y, radius, { fill, edge, width }) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  if (fill) {
    pen.fillStyle = fill;
    pen.fill();
  }
  Object.assign(pen, { strokeStyle: edge, lineWidth: width });
  pen.stroke();
}

function cross(pen, x, y, half) {
  pen.beginPath();
  pen.moveTo(x - half, y - half);
  pen.lineTo(x + half, y + half);
  pen.moveTo(x - half, y + half);
  pen.lineTo(x + half, y - half);
  pen.stroke();
}

function at(stops, zoom) {
  const next = stops.findIndex(([z]) => z > zoom);
  if (next === 0) return stops[0][1];
  if (next < 0) return stops.at(-1)[1];
  const [[z0, r0], [z1, r1]] = [stops[next - 1], stops[next]];
  return r0 + ((zoom - z0) / (z1 - z0)) * (r1 - r0);
}
