// How grids, cells and what is being done to them are drawn. Painters get a pen and a view of studio_board.js.

import { percent } from "./studio_measures.js";
import { overlaps } from "./studio_shapes.js";

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif';
const INK = "#101a2b";
const SOFT = "#5d6b7e";
const NO_DATA = "#e9edf1";
const ACTIVE = "#14508c";
const BAD = "#9c2f19";
const CELLS_FROM_ZOOM = 14;
const HATCH_FROM_ZOOM = 12.5;
const LABELS_FROM_ZOOM = 13.5;
const LABEL_PX = 12;
const GRID_LINE = [[10, 0.3], [12, 0.6], [14, 1.2], [17, 2]];

const lineAt = (zoom) => {
  const next = GRID_LINE.findIndex(([z]) => z > zoom);
  if (next === 0) return GRID_LINE[0][1];
  if (next < 0) return GRID_LINE.at(-1)[1];
  const [[z0, w0], [z1, w1]] = [GRID_LINE[next - 1], GRID_LINE[next]];
  return w0 + ((zoom - z0) / (z1 - z0)) * (w1 - w0);
};

/** Fills, cells, borders, then labels. `classes` as of studio_measures.js; `focus`: the community worked in, or null. */
export function paintGrids(pen, view, { draft, classes, focus, showCells, showLabels, opacity, picked }) {
  const grids = [...draft.grids.values()].filter((grid) => overlaps(grid.shape.box, view.box));
  view.plane();
  pen.lineJoin = "round";
  fillGrids(pen, view, grids, { classes, focus, opacity, picked });
  if (showCells && view.zoom >= CELLS_FROM_ZOOM) drawCells(pen, view, draft.cells.inView(view.box));
  strokeGrids(pen, view, grids);
  if (showLabels && view.zoom >= LABELS_FROM_ZOOM) labelGrids(pen, view, grids, { measure: classes.measure });
}

function fillGrids(pen, view, grids, { classes, focus, opacity, picked }) {
  for (const grid of grids) {
    const found = classes.classOf(grid.properties);
    const faint = (focus && grid.properties.community !== focus) || (picked != null && found !== picked);
    pen.globalAlpha = faint ? opacity * 0.28 : opacity;
    pen.fillStyle = found == null ? NO_DATA : classes.colours[found];
    pen.fill(grid.shape.path, "evenodd");
  }
  pen.globalAlpha = 1;
}

function strokeGrids(pen, view, grids) {
  pen.lineWidth = lineAt(view.zoom) * view.px;
  pen.strokeStyle = view.zoom < 12 ? SOFT : "#3a4759";
  for (const grid of grids) pen.stroke(grid.shape.path);
  for (const grid of grids) if (grid.properties.locked && view.zoom >= HATCH_FROM_ZOOM) hatchLocked(pen, view, grid);
}

/** A locked grid carries stripes, so that nobody wonders why it does not move. */
function hatchLocked(pen, view, grid) {
  const { box, path } = grid.shape;
  pen.save();
  pen.clip(path, "evenodd");
  pen.strokeStyle = "rgb(16 26 43 / 38%)";
  pen.lineWidth = view.px;
  pen.beginPath();
  const step = 9 * view.px;
  for (let x = box[0] - (box[3] - box[1]); x < box[2]; x += step) {
    pen.moveTo(x, box[3]);
    pen.lineTo(x + (box[3] - box[1]), box[1]);
  }
  pen.stroke();
  pen.restore();
}

function drawCells(pen, view, cells) {
  pen.strokeStyle = "rgb(60 74 96 / 55%)";
  pen.lineWidth = 0.6 * view.px;
  for (const cell of cells) pen.stroke(cell.shape.path);
}

function labelGrids(pen, view, grids, { measure }) {
  view.pixels();
  Object.assign(pen, { textAlign: "center", textBaseline: "middle" });
  for (const { properties, room } of grids) {
    const width = room[2] * view.scale;
    if (width < 26) continue;
    const [x, y] = view.toPx(room);
    const second = width > 44 && measure === "deviation" ? percent(properties.deviation) : "";
    plate(pen, second ? [properties.label, second] : [properties.label], x, y);
  }
}

/** One or two lines on a pale plate, so that they can be read on any colour. */
function plate(pen, lines, x, y) {
  const fonts = [`600 ${LABEL_PX}px ${FONT}`, `400 11px ${FONT}`];
  const width = Math.max(...lines.map((words, i) => widthOf(pen, words, fonts[i])));
  pen.fillStyle = "rgb(255 255 255 / 78%)";
  pen.beginPath();
  pen.roundRect(x - width / 2 - 4, y - lines.length * 7 - 1, width + 8, lines.length * 14 + 2, 4);
  pen.fill();
  pen.fillStyle = INK;
  lines.forEach((words, i) => {
    pen.font = fonts[i];
    pen.fillText(words, x, y + (i - (lines.length - 1) / 2) * 14);
  });
}

const widths = new Map();

function widthOf(pen, words, font) {
  const key = `${font}/${words}`;
  if (!widths.has(key)) {
    pen.font = font;
    widths.set(key, pen.measureText(words).width);
  }
  return widths.get(key);
}

// --- what lies above: selection, what is being painted, what the machine proposes, what was found ---

export function outline(pen, view, shape, { colour = INK, width = 3, dash = null }) {
  view.plane();
  pen.lineJoin = "round";
  pen.setLineDash(dash ? dash.map((each) => each * view.px) : []);
  pen.strokeStyle = "#ffffff";
  pen.lineWidth = (width + 3) * view.px;
  if (!dash) pen.stroke(shape.path);
  pen.strokeStyle = colour;
  pen.lineWidth = width * view.px;
  pen.stroke(shape.path);
  pen.setLineDash([]);
}

export function fillCells(pen, view, cells, { colour, alpha = 0.85 }) {
  view.plane();
  pen.fillStyle = colour;
  pen.strokeStyle = ACTIVE;
  pen.lineWidth = 1.4 * view.px;
  for (const cell of cells) {
    pen.globalAlpha = alpha;
    pen.fill(cell.shape.path, "evenodd");
    pen.globalAlpha = 1;
    pen.stroke(cell.shape.path);
  }
}

/** Hours of each cell, where they fit: what a move would weigh. */
export function labelCells(pen, view, cells, say) {
  view.pixels();
  Object.assign(pen, { textAlign: "center", textBaseline: "middle", lineJoin: "round", strokeStyle: "rgb(255 255 255 / 94%)", lineWidth: 3.5, font: `500 11px ${FONT}` });
  for (const cell of cells) {
    if (cell.room[2] * view.scale < 22) continue;
    const [x, y] = view.toPx(cell.room);
    pen.strokeText(say(cell), x, y);
    pen.fillStyle = INK;
    pen.fillText(say(cell), x, y);
  }
}

/** A drawn line or ring with its corners; points of the plane. */
export function drawLine(pen, view, points, { closed = false, colour = ACTIVE, width = 2.5, corners = true, dash = [] }) {
  if (!points.length) return;
  view.pixels();
  pen.beginPath();
  points.forEach((point, i) => (i ? pen.lineTo(...view.toPx(point)) : pen.moveTo(...view.toPx(point))));
  if (closed) pen.closePath();
  for (const [style, px] of [["#ffffff", width + 3], [colour, width]]) {
    pen.strokeStyle = style;
    pen.lineWidth = px;
    pen.setLineDash(px === width ? dash : []);
    pen.stroke();
  }
  pen.setLineDash([]);
  if (closed) {
    pen.fillStyle = "rgb(20 80 140 / 12%)";
    pen.fill();
  }
  for (const point of corners ? points : []) dot(pen, view.toPx(point), { colour });
}

function dot(pen, [x, y], { colour, radius = 4 }) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fillStyle = "#ffffff";
  pen.fill();
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.stroke();
}

/** Where something is refused or was found. */
export function drawPin(pen, view, point, { colour = BAD } = {}) {
  view.pixels();
  const [x, y] = view.toPx(point);
  for (const [style, radius, width] of [["#ffffff", 11, 5], [colour, 11, 2.5]]) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.stroke();
  }
  dot(pen, [x, y], { colour, radius: 3 });
}
