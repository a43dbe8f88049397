// Drawing a line or a ring by its corners: to split a grid, give a border a new course, carve a grid out, bar the machine's way.

import { Tool } from "./tool_select.js";
import { drawLine, outline } from "./studio_paint.js";
import { t } from "./words.js";

const CLOSING_PX = 9;
const DIGITS = 8;

export class LineTool extends Tool {
  constructor(desk, { kind, closed = false }) {
    super(desk);
    Object.assign(this, { kind, closed, points: [] });
  }

  get least() {
    return this.closed ? 3 : 2;
  }

  hint() {
    if (this.points.length >= this.least) return t("Double click or Enter: done. Backspace: one corner back. Esc: let go.");
    if (this.kind === "split") return t("Draw the line that parts a grid, from outside to outside.");
    if (this.kind === "reshape") return t("Draw the new course of a border, from border to border.");
    if (this.kind === "carve") return t("Draw around the ground of the new grid.");
    return t("Draw a line that no proposed grid may straddle, such as a river or a main road.");
  }

  click(point) {
    const last = this.points.at(-1);
    if (last && this.pxBetween(last, point) < 2) return; // the second click of a double click
    if (this.closed && this.points.length >= 3 && this.pxBetween(this.points[0], point) < CLOSING_PX) {
      this.finish();
      return;
    }
    this.points.push(point);
    this.desk.toolChanged();
    this.desk.drawing.redraw();
  }

  hover(point) {
    super.hover(point);
    this.desk.drawing.redraw();
  }

  finish() {
    if (this.points.length < this.least) return null;
    const points = this.points;
    this.points = [];
    this.desk.toolChanged();
    this.desk.drawing.redraw();
    return this.done(points);
  }

  done(points) {
    const line = points.map((point) => this.desk.ground.lonLat(point).map((each) => Number(each.toFixed(DIGITS))));
    const snap = this.desk.snap();
    if (this.kind === "barrier") return this.desk.barrier(line);
    if (this.kind === "carve") return this.desk.edit({ kind: "carve", polygon: [...line, line[0]], snap });
    if (this.kind === "reshape") return this.desk.edit({ kind: "reshape", line, snap, ...this.between() });
    const grid = this.parted(points);
    return grid ? this.desk.edit({ kind: "split", grid: grid.key, line, snap }) : this.desk.say(t("The line meets no grid."));
  }

  /** Two chosen grids are those whose border moves; otherwise the server finds them. */
  between() {
    const { keys } = this.desk.selection;
    return keys.length === 2 ? { between: keys } : {};
  }

  /** The grid that a line parts: the chosen one if the line meets it, else the one that most of the line lies in. */
  parted(points) {
    const samples = points.slice(1).flatMap((point, i) => [0, 0.25, 0.5, 0.75, 1].map((part) => [points[i][0] + (point[0] - points[i][0]) * part, points[i][1] + (point[1] - points[i][1]) * part]));
    const counts = new Map();
    for (const sample of samples) {
      const grid = this.gridAt(sample);
      if (grid) counts.set(grid, (counts.get(grid) ?? 0) + 1);
    }
    const chosen = this.desk.selection.grid;
    if (chosen && counts.has(chosen)) return chosen;
    return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
  }

  key(event) {
    if (event.key === "Enter" && this.points.length >= this.least) this.finish();
    else if (event.key === "Backspace" && this.points.length) {
      this.points.pop();
      this.desk.toolChanged();
      this.desk.drawing.redraw();
    } else return false;
    return true;
  }

  cancel() {
    const had = this.points.length > 0;
    this.points = [];
    this.desk.drawing?.redraw();
    if (had) this.desk.toolChanged();
    return had;
  }

  paint(pen, view) {
    super.paint(pen, view);
    const { grid } = this.desk.selection;
    if (grid && this.kind !== "barrier") outline(pen, view, grid.shape, { width: 3 });
    const shown = this.point && this.points.length ? [...this.points, this.point] : this.points;
    drawLine(pen, view, shown, { closed: this.closed && shown.length > 2 });
  }

  pxBetween(one, other) {
    return Math.hypot(one[0] - other[0], one[1] - other[1]) * 2 ** this.desk.map.getZoom();
  }
}
