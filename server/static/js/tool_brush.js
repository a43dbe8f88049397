// Moving cells into the chosen grid: one by a click, many by painting over them or drawing around them.

import { Tool } from "./tool_select.js";
import { drawLine, fillCells, labelCells, outline } from "./studio_paint.js";
import { percent } from "./studio_measures.js";
import { covers } from "./studio_shapes.js";
import { short } from "./format.js";
import { t } from "./words.js";

const SIZES_PX = [0, 15, 30, 60, 120];
const LEAST_STEP_PX = 6;
const LASSO_STEP_PX = 3;
const HOURS_FROM_ZOOM = 15;
const INK = "#101a2b";

class MovingTool extends Tool {
  drags = true;

  get target() {
    return this.desk.selection.grid;
  }

  take() {
    this.needCells();
  }

  needCells() {
    if (this.target) this.desk.draft.cells.need(this.target.properties.community).catch(() => {});
  }

  hint() {
    if (!this.target) return t("First click the grid that is to grow.");
    const { community, label } = this.target.properties;
    if (!this.desk.draft.cells.has(community)) return t("Reading the cells …");
    return this.hintFor(label);
  }

  /** A press that chooses the grid to grow instead of moving anything. */
  chooses(point, event) {
    const grid = this.gridAt(point);
    const isOther = grid && grid.properties.community !== this.target?.properties.community;
    if (this.target && !event.altKey && !isOther) return false;
    if (grid) this.desk.selection.set([grid.key]);
    this.needCells();
    return true;
  }

  movable(cell) {
    const from = this.desk.draft.of(cell.grid);
    return cell.grid !== this.target.key && !from?.properties.locked;
  }

  paintCells(pen, view) {
    const { draft } = this.desk;
    if (!this.target) return;
    const { community } = this.target.properties;
    outline(pen, view, this.target.shape, { width: 3.5 });
    const painted = [...(draft.cells.painted?.keys() ?? [])].map((id) => draft.cells.all.get(id)).filter(Boolean);
    fillCells(pen, view, painted, { colour: this.desk.colourOf(this.target) });
    if (view.zoom >= HOURS_FROM_ZOOM && draft.cells.has(community)) labelCells(pen, view, draft.cells.of.get(community), (cell) => short(Math.round(cell.hours)));
    if (painted.length) this.paintEffect(pen, view, painted);
  }

  /** What the stroke so far would do to the grids, beside the pointer. */
  paintEffect(pen, view, painted) {
    if (!this.point) return;
    const [x, y] = view.toPx(this.point);
    const rows = this.desk.effectOf(painted, this.target.key).map(({ label, before, after }) => `${label}  ${percent(before)} → ${percent(after)}`);
    view.pixels();
    Object.assign(pen, { font: '600 12px "Segoe UI", "PingFang SC", "Noto Sans CJK SC", system-ui, sans-serif', textAlign: "left", textBaseline: "top" });
    const width = Math.max(...rows.map((row) => pen.measureText(row).width)) + 16;
    pen.fillStyle = "rgb(23 33 47 / 92%)";
    pen.beginPath();
    pen.roundRect(x + 18, y + 14, width, rows.length * 17 + 10, 5);
    pen.fill();
    pen.fillStyle = "#ffffff";
    rows.forEach((row, i) => pen.fillText(row, x + 26, y + 20 + i * 17));
  }

  /** Send the move; what was painted stays painted until the answer is there. */
  async move(cells) {
    const { draft, drawing } = this.desk;
    if (!cells.length) return drawing.redraw();
    const { painted } = draft.cells;
    await this.desk.edit({ kind: "transfer", cells: cells.map((cell) => cell.id), to: this.target.key });
    for (const cell of cells) painted.delete(cell.id);
    return drawing.redraw();
  }

  cancel() {
    const busy = Boolean(this.stroke);
    this.stroke = null;
    this.desk.draft.cells.painted = new Map();
    this.desk.drawing?.redraw();
    if (busy) this.desk.unpainted();
    return busy;
  }
}

export class BrushTool extends MovingTool {
  size = 0;

  hintFor(label) {
    return this.size ? t("Paint over cells: they go to {grid}. Alt + click: another grid.", { grid: label }) : t("Click cells: they go to {grid}. Alt + click: another grid.", { grid: label });
  }

  resize(by) {
    this.setSize(SIZES_PX.indexOf(this.size) + by);
  }

  setSize(step) {
    this.size = SIZES_PX[Math.min(SIZES_PX.length - 1, Math.max(0, step))];
    this.desk.toolChanged();
  }

  down(point, event) {
    this.point = point;
    if (this.chooses(point, event) || !this.desk.draft.cells.has(this.target.properties.community)) return;
    this.desk.draft.cells.painted ??= new Map();
    this.stroke = { cells: new Set(), last: point };
    this.touch(point);
  }

  drag(point) {
    this.point = point;
    if (!this.stroke) return;
    const { last } = this.stroke;
    const px = Math.hypot(point[0] - last[0], point[1] - last[1]) * 2 ** this.desk.map.getZoom();
    const steps = Math.max(1, Math.ceil(px / Math.max(LEAST_STEP_PX, this.size / 2)));
    for (let i = 1; i <= steps; i += 1) this.touch([last[0] + ((point[0] - last[0]) * i) / steps, last[1] + ((point[1] - last[1]) * i) / steps]);
    this.stroke.last = point;
  }

  touch(point) {
    const { community } = this.target.properties;
    const { cells } = this.desk.draft;
    const reach = this.size / 2 ** this.desk.map.getZoom();
    const found = cells.where(community, (room, cell) => Math.hypot(room[0] - point[0], room[1] - point[1]) <= reach || covers(cell.shape, point));
    for (const cell of found.filter((each) => this.movable(each))) {
      this.stroke.cells.add(cell);
      cells.painted.set(cell.id, this.target.key);
    }
    this.desk.drawing.redraw();
    this.desk.painting();
  }

  up(point) {
    if (!this.stroke) return null;
    const cells = [...this.stroke.cells];
    this.stroke = null;
    return this.move(cells);
  }

  hover(point, event) {
    super.hover(point, event);
    this.desk.drawing.redraw();
  }

  key({ key }) {
    if (key !== "[" && key !== "]") return false;
    this.resize(key === "]" ? 1 : -1);
    return true;
  }

  paint(pen, view) {
    if (!this.target) super.paint(pen, view);
    this.paintCells(pen, view);
    if (!this.size || !this.point || !this.target) return;
    view.pixels();
    pen.beginPath();
    pen.arc(...view.toPx(this.point), this.size, 0, 2 * Math.PI);
    for (const [style, width] of [["#ffffff", 3.5], [INK, 1.5]]) {
      pen.strokeStyle = style;
      pen.lineWidth = width;
      pen.stroke();
    }
  }
}

export class LassoTool extends MovingTool {
  hintFor(label) {
    return t("Draw around cells: they go to {grid}. Alt + click: another grid.", { grid: label });
  }

  down(point, event) {
    if (this.chooses(point, event)) return;
    this.desk.draft.cells.painted ??= new Map();
    this.stroke = { points: [point] };
  }

  drag(point) {
    if (!this.stroke) return;
    const { points } = this.stroke;
    const last = points.at(-1);
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) * 2 ** this.desk.map.getZoom() < LASSO_STEP_PX) return;
    points.push(point);
    this.point = point;
    this.show();
  }

  /** The cells inside so far, shown as if they had moved. */
  show() {
    const { cells } = this.desk.draft;
    cells.painted = new Map(this.inside().map((cell) => [cell.id, this.target.key]));
    this.desk.drawing.redraw();
    this.desk.painting();
  }

  inside() {
    const { points } = this.stroke;
    const xs = points.map(([x]) => x);
    const ys = points.map(([, y]) => y);
    const ring = { rings: [Float64Array.from(points.flat())], box: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] };
    return this.desk.draft.cells.where(this.target.properties.community, (room, cell) => covers(ring, room) && this.movable(cell));
  }

  up(point, { tapped }) {
    if (!this.stroke) return null;
    if (tapped || this.stroke.points.length < 3) {
      this.cancel();
      return null;
    }
    this.show();
    const cells = this.inside();
    this.stroke = null;
    return this.move(cells);
  }

  paint(pen, view) {
    if (!this.target) super.paint(pen, view);
    this.paintCells(pen, view);
    if (this.stroke) drawLine(pen, view, this.stroke.points, { closed: true, corners: false, dash: [6, 4] });
  }
}
