// Names of towns and communities, drawn beneath the cases on their canvas, where there is room for them.

import { labelsOf, levelsAt } from "./labels.js";
import { named } from "./words.js";

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif';
const STYLE = { town: `600 13px ${FONT}`, community: `500 12px ${FONT}` };
const GAP_PX = 6;
const LINE_PX = 15;
const ROOM_PX2 = 900; // a unit smaller than this on the screen is not named

export class Places {
  constructor({ ground, redraw }) {
    Object.assign(this, { ground, redraw, shown: new Map() });
  }

  /** The names of a level with their places in the plane, the largest unit first; nothing until they are read. */
  of(level) {
    if (!this.shown.has(level)) {
      this.shown.set(level, []);
      labelsOf(level).then((found) => {
        this.shown.set(level, [...found.values()].map((label) => ({ label, at: this.ground.at([label.lon, label.lat]) })));
        this.redraw();
      }, () => this.shown.delete(level));
    }
    return this.shown.get(level) ?? [];
  }

  paint(pen, view) {
    const [level] = levelsAt(view.zoom);
    const taken = [];
    Object.assign(pen, { font: STYLE[level], textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 3.5 });
    const pxPerKm = (view.scale * 256) / 40_075; // at the equator: a little less than there is room for farther north
    for (const { label, at } of this.of(level)) {
      const words = named(label);
      const [x, y] = view.toPx(at);
      const half = words.length * 7;
      if (at[0] < view.box[0] || at[0] > view.box[2] || at[1] < view.box[1] || at[1] > view.box[3]) continue;
      if (label.area_km2 * pxPerKm ** 2 < ROOM_PX2 || taken.some((other) => Math.abs(other.x - x) < half + other.half + GAP_PX && Math.abs(other.y - y) < LINE_PX)) continue;
      taken.push({ x, y, half });
      pen.strokeStyle = "rgb(255 255 255 / 85%)";
      pen.strokeText(words, x, y);
      pen.fillStyle = "#4a5768";
      pen.fillText(words, x, y);
    }
  }
}
