// Ten thousand cases on one canvas: gathered into bubbles from afar, but the urgent, the late and the chosen stay in sight.

import { isLate } from "./live_store.js";
import { bubbleRadius, drawBubble, key, MARK_PX, stamps } from "./live_marks.js";
import { stageOf } from "./live_stages.js";
import { Board } from "./studio_board.js";

const BIN_PX = 64;
const APART_AT_MOST = 4; // cases in a bin before they become a bubble
const HURRIED_APART_AT_MOST = 3; // urgent and late ones that stay apart from the bubble of their bin
const NO_BINS_FROM_ZOOM = 16;
const REACH_PX = 12;
const MARGIN = 0.12; // of the map's size, at each side

export class CaseLayer {
  /**
   * `colours` by stage; `below` and `above` are painters of what lies under and over the cases. All share one canvas, hardly larger than the map: each
   * further one, and each margin, costs frames where a computer room has no graphics card.
   */
  constructor({ map, ground, colours, below, above }) {
    Object.assign(this, { map, colours, painters: [...below, this, ...above], cases: [], chosen: null, shown: true, drawn: [], gathered: null });
    this.board = new Board(ground, (pen, view) => this.paintAll(pen, view), { pane: "cases", name: "cases", padding: MARGIN }).addTo(map);
  }

  /** The cases to draw, in any order. */
  show(cases) {
    this.cases = cases;
    this.gathered = null;
    this.board.redraw();
  }

  choose(number) {
    this.chosen = number;
    this.gathered = null;
    this.board.redraw();
  }

  setShown(shown) {
    this.shown = shown;
    this.board.redraw();
  }

  paintAll(pen, view) {
    view.pixels();
    for (const painter of this.painters) painter.paint(pen, view);
  }

  paint(pen, view) {
    this.drawn = [];
    if (!this.shown) return;
    const { marks, bubbles } = this.gather(view);
    for (const bubble of bubbles) this.paintBubble(pen, view, bubble);
    this.ratio ??= window.devicePixelRatio || 1;
    this.stamps ??= stamps(this.colours, this.ratio);
    for (const mark of marks) this.paintMark(pen, view, mark);
  }

  paintMark(pen, view, { one, late }) {
    if (!inView(view, one.x, one.y)) return;
    const [x, y] = view.toPx([one.x, one.y]);
    pen.drawImage(this.stamps.get(key(one.urgency, stageOf(one.state), late)), x - MARK_PX / 2, y - MARK_PX / 2, MARK_PX, MARK_PX);
    this.drawn.push({ x: one.x, y: one.y, one });
  }

  paintBubble(pen, view, bubble) {
    if (!inView(view, bubble.x, bubble.y)) return;
    drawBubble(pen, view.toPx([bubble.x, bubble.y]), bubble);
    this.drawn.push(bubble);
  }

  /** Marks and bubbles of a zoom: found anew when cases or zoom change, not while the map is moved. */
  gather({ zoom, scale }) {
    const minute = Math.floor(Date.now() / 60_000); // what becomes late changes its mark within the minute
    const found = this.gathered;
    if (found && found.zoom === zoom && found.minute === minute) return found;
    const now = Date.now();
    const bins = new Map();
    const marks = [];
    for (const one of this.cases) {
      const mark = { one, late: isLate(one, now) };
      if (zoom >= NO_BINS_FROM_ZOOM || one.number === this.chosen) marks.push(mark);
      else binOf(bins, one, scale).push(mark);
    }
    const bubbles = [];
    for (const bin of bins.values()) settle(bin, { marks, bubbles });
    marks.sort((a, b) => weight(a) - weight(b));
    this.gathered = { zoom, minute, marks, bubbles };
    return this.gathered;
  }

  /** What lies under a point of the map: {one} or {n, box}, the uppermost first; null if nothing. */
  at(latlng) {
    const { ground, map } = { ground: this.board._ground, map: this.map };
    const [x, y] = ground.at([latlng.lng, latlng.lat]);
    const px = 1 / 2 ** map.getZoom();
    let best = null;
    for (const item of this.drawn) {
      const far = Math.hypot(item.x - x, item.y - y) / px;
      const reach = item.n ? bubbleRadius(item.n) : REACH_PX;
      if (far <= reach && (!best || far < best.far || (best.item.n && !item.n))) best = { item, far };
    }
    return best?.item ?? null;
  }
}

const inView = ({ box }, x, y) => x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3];

const weight = ({ one, late }) => (late ? 4 : 0) - one.urgency;

/** Bins lie on the plane, not on the screen: a bubble stays where it is while the map is moved. */
function binOf(bins, one, scale) {
  const name = Math.floor((one.x * scale) / BIN_PX) * 1_000_003 + Math.floor((one.y * scale) / BIN_PX);
  let bin = bins.get(name);
  if (!bin) bins.set(name, (bin = []));
  return bin;
}

/** Few stand apart. Of many, the hurried stand apart if they are few; else the bubble says how many they are. */
function settle(bin, { marks, bubbles }) {
  if (bin.length <= APART_AT_MOST) return marks.push(...bin);
  const hurried = bin.filter(({ one, late }) => late || one.urgency === 1);
  const apart = hurried.length <= HURRIED_APART_AT_MOST ? hurried : [];
  marks.push(...apart);
  return bubbles.push(bubbleOf(apart.length ? bin.filter((mark) => !apart.includes(mark)) : bin));
}

function bubbleOf(bin) {
  const bubble = { x: 0, y: 0, n: bin.length, late: 0, urgent: 0, box: [Infinity, Infinity, -Infinity, -Infinity] };
  const { box } = bubble;
  for (const { one, late } of bin) {
    bubble.x += one.x / bin.length;
    bubble.y += one.y / bin.length;
    bubble.late += late ? 1 : 0;
    bubble.urgent += one.urgency === 1 ? 1 : 0;
    box[0] = Math.min(box[0], one.lon);
    box[1] = Math.min(box[1], one.lat);
    box[2] = Math.max(box[2], one.lon);
    box[3] = Math.max(box[3], one.lat);
  }
  return bubble;
}
