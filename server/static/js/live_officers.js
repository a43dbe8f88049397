// Officers on shift: where each was last, moving as they move, and what each has in hand.

import { get } from "./api.js";
import { drawOfficer } from "./live_marks.js";

const ASK_EVERY_MS = 60_000;
const GLIDE_MS = 900;
const FRAME_MS = 40; // a walk needs no more, and the map keeps its frames
const GLIDING_AT_MOST = 300; // more in view jump: gliding would redraw all of them at every frame
const NEAR_FROM_ZOOM = 12;
const REACH_PX = 12;
const MANY_IN_HAND = 5;
const TO_ROW = { dispatched: true, handling: true };

export class Officers {
  /** `redraw()` asks for `paint` to be called. */
  constructor({ map, ground, redraw }) {
    Object.assign(this, { map, ground, redraw, all: new Map(), inHand: new Map(), chosen: null, shown: true, within: null });
    setInterval(() => !document.hidden && this.read().catch(() => {}), ASK_EVERY_MS); // a shift that begins or ends
  }

  get(number) {
    return this.all.get(number);
  }

  async read() {
    const { officers } = await get("/officers", this.within ? { area: this.within } : {});
    const found = new Map();
    for (const each of officers) found.set(each.number, this.placed(each, this.all.get(each.number)));
    this.all = found;
    this.redraw();
  }

  placed(officer, known) {
    const place = officer.lon == null ? null : this.ground.at([officer.lon, officer.lat]);
    return { ...officer, place, from: known?.place ?? place, since: 0 };
  }

  /** Cases in hand by officer, as the queue knows them. */
  count(cases) {
    this.inHand.clear();
    for (const one of cases) {
      if (!one.officer || !TO_ROW[one.state]) continue;
      const list = this.inHand.get(one.officer);
      if (list) list.push(one.number);
      else this.inHand.set(one.officer, [one.number]);
    }
    this.redraw();
  }

  loadOf(officer) {
    return this.inHand.get(officer.number)?.length ?? 0;
  }

  /** News of where some of them are. */
  moved(positions) {
    const now = performance.now();
    for (const { number, lon, lat, at } of positions) {
      const officer = this.all.get(number);
      if (!officer) continue;
      officer.from = this.where(officer, now) ?? this.ground.at([lon, lat]);
      Object.assign(officer, { lon, lat, at, place: this.ground.at([lon, lat]), since: now });
    }
    this.movedAt = now;
    this.redraw();
  }

  where({ place, from, since }, now) {
    const part = Math.min(1, (now - since) / GLIDE_MS);
    if (!place || part >= 1 || !this.glides) return place;
    return [from[0] + part * (place[0] - from[0]), from[1] + part * (place[1] - from[1])];
  }

  setShown(shown) {
    this.shown = shown;
    this.redraw();
  }

  choose(number) {
    this.chosen = number;
    this.redraw();
  }

  paint(pen, view) {
    this.drawn = [];
    if (!this.shown) return;
    const now = performance.now();
    const near = view.zoom >= NEAR_FROM_ZOOM;
    const [left, top, right, bottom] = view.box;
    for (const officer of this.all.values()) {
      const place = this.where(officer, now);
      if (!place || place[0] < left || place[0] > right || place[1] < top || place[1] > bottom) continue;
      const load = this.loadOf(officer);
      drawOfficer(pen, view.toPx(place), { load, near, chosen: officer.number === this.chosen, hot: load >= MANY_IN_HAND });
      this.drawn.push({ place, officer });
    }
    this.glides = this.drawn.length <= GLIDING_AT_MOST && !document.hidden;
    if (this.glides && now - (this.movedAt ?? -GLIDE_MS) < GLIDE_MS) this.redrawSoon();
  }

  redrawSoon() {
    clearTimeout(this.frame);
    this.frame = setTimeout(this.redraw, FRAME_MS);
  }

  at(latlng) {
    if (!this.shown) return null;
    const [x, y] = this.ground.at([latlng.lng, latlng.lat]);
    const reach = REACH_PX / 2 ** this.map.getZoom();
    return this.drawn?.findLast(({ place }) => Math.hypot(place[0] - x, place[1] - y) <= reach)?.officer ?? null;
  }
}
