// The tools on the map: which one is in hand, and what it hears of pointer and keys.

import { BrushTool, LassoTool } from "./tool_brush.js";
import { LineTool } from "./tool_line.js";
import { MergeTool, SelectTool } from "./tool_select.js";

const WIDEST_TAP_PX = 4;

export class Tools extends EventTarget {
  /** `desk`: {map, draft, selection, ground, drawing, say, snap()}. */
  constructor(desk) {
    super();
    this.desk = desk;
    this.all = {
      select: new SelectTool(desk),
      brush: new BrushTool(desk),
      lasso: new LassoTool(desk),
      split: new LineTool(desk, { kind: "split" }),
      merge: new MergeTool(desk),
      reshape: new LineTool(desk, { kind: "reshape" }),
      carve: new LineTool(desk, { kind: "carve", closed: true }),
      barrier: new LineTool(desk, { kind: "barrier" }),
    };
    this.name = "select";
    this.isPanning = false;
    this.listen();
  }

  get tool() {
    return this.all[this.name];
  }

  take(name) {
    if (name !== "select" && name !== "barrier" && !this.desk.draft.isEditable) return;
    this.tool.drop();
    this.name = name;
    this.tool.take();
    this.hold();
    this.desk.drawing.redraw();
    this.dispatchEvent(new Event("changed"));
  }

  /** Leaflet's own handling of drags and double clicks, as the tool in hand allows it. */
  hold() {
    const { map } = this.desk;
    map.dragging[this.tool.drags && !this.isPanning ? "disable" : "enable"]();
    map.doubleClickZoom[this.name === "select" ? "enable" : "disable"]();
    map.boxZoom.disable();
    const container = map.getContainer();
    container.dataset.tool = this.isPanning ? "pan" : this.name;
  }

  listen() {
    const { map } = this.desk;
    const container = map.getContainer();
    map.on("click", ({ latlng, originalEvent }) => !this.tool.drags && this.tool.click(this.at(latlng), originalEvent));
    map.on("dblclick", ({ latlng, originalEvent }) => !this.tool.drags && this.tool.finish?.(this.at(latlng), originalEvent));
    map.on("mousemove", ({ latlng, originalEvent }) => this.tool.hover(this.at(latlng), originalEvent));
    map.on("mouseout", () => this.tool.leave());
    container.addEventListener("pointerdown", (event) => this.down(event));
  }

  at(latlng) {
    return this.desk.ground.at([latlng.lng, latlng.lat]);
  }

  atEvent(event) {
    return this.at(this.desk.map.mouseEventToLatLng(event));
  }

  /** A stroke of a tool that drags: from the pointer's going down until it goes up. */
  down(event) {
    if (!this.tool.drags || this.isPanning || event.button !== 0 || !event.isPrimary) return;
    const container = this.desk.map.getContainer();
    const { tool } = this;
    container.setPointerCapture(event.pointerId);
    tool.down(this.atEvent(event), event);
    let far = false;
    const move = (moved) => {
      far ||= Math.hypot(moved.clientX - event.clientX, moved.clientY - event.clientY) > WIDEST_TAP_PX;
      for (const each of moved.getCoalescedEvents?.() ?? [moved]) tool.drag(this.atEvent(each), each);
    };
    const end = (ended) => {
      container.removeEventListener("pointermove", move);
      container.removeEventListener("pointerup", end);
      container.removeEventListener("pointercancel", end);
      if (ended.type === "pointerup") tool.up(this.atEvent(ended), { tapped: !far });
      else tool.cancel();
    };
    container.addEventListener("pointermove", move);
    container.addEventListener("pointerup", end);
    container.addEventListener("pointercancel", end);
  }

  /** While the space bar is held, dragging moves the map whatever the tool. */
  pan(on) {
    if (this.isPanning === on) return;
    this.isPanning = on;
    this.hold();
  }

  /** Enter and the like on the map itself act at its middle. */
  actInTheMiddle(event) {
    const point = this.at(this.desk.map.getCenter());
    if (this.tool.drags) {
      this.tool.down(point, event);
      this.tool.up(point, { tapped: true });
    } else this.tool.click(point, event);
  }
}
