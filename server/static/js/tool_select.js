// Choosing grids, and merging them.

import { t } from "./words.js";
import { covers } from "./studio_shapes.js";
import { outline } from "./studio_paint.js";

/** What every tool can do; tools that `drags` hear strokes, the others clicks. */
export class Tool {
  drags = false;

  constructor(desk) {
    this.desk = desk;
    this.over = null;
  }

  take() {}

  drop() {
    this.cancel();
  }

  hint() {
    return "";
  }

  /** True if there was something to let go of. */
  cancel() {
    return false;
  }

  hover(point) {
    this.point = point;
    const over = this.gridAt(point);
    if (over === this.over) return;
    this.over = over;
    this.desk.drawing.redraw();
    this.desk.hovered(over);
  }

  leave() {
    this.over = null;
    this.point = null;
    this.desk.drawing.redraw();
    this.desk.hovered(null);
  }

  key() {
    return false;
  }

  paint(pen, view) {
    if (this.over && this.desk.draft.of(this.over.key)) outline(pen, view, this.over.shape, { width: 1.5 });
  }

  gridAt(point) {
    for (const grid of this.desk.draft.grids.values()) if (covers(grid.shape, point)) return grid;
    return null;
  }
}

export class SelectTool extends Tool {
  hint() {
    return t("Click a grid to choose it, Shift + click for several.");
  }

  click(point, event) {
    const grid = this.gridAt(point);
    const { selection } = this.desk;
    if (!grid) selection.set([]);
    else if (event.shiftKey || event.ctrlKey || event.metaKey) selection.toggle(grid.key);
    else selection.set([grid.key]);
    this.desk.showFigures();
  }

  cancel() {
    if (!this.desk.selection?.keys.length) return false;
    this.desk.selection.set([]);
    return true;
  }

  drop() {}
}

export class MergeTool extends Tool {
  hint() {
    const { grid } = this.desk.selection;
    if (!grid) return t("Choose the grid that is to remain.");
    return t("Click a neighbour of {grid}: it is merged into it.", { grid: grid.properties.label });
  }

  take() {
    if (this.desk.selection.keys.length > 1) this.merge(this.desk.selection.keys);
  }

  click(point) {
    const grid = this.gridAt(point);
    const { selection } = this.desk;
    if (!grid) return;
    if (selection.first === null || selection.first === grid.key) selection.set([grid.key]);
    else this.merge([selection.first, grid.key]);
  }

  merge(grids) {
    this.desk.selection.set([grids[0]]);
    return this.desk.edit({ kind: "merge", grids });
  }
}
