// The cells of the communities at hand: asked for by community, kept, moved by edits and, for the eye, while painting.

import { get } from "./api.js";
import { covers, joined, overlaps, roomiest } from "./studio_shapes.js";

const AT_ONCE = 3;

export class DraftCells {
  constructor(draft) {
    this.draft = draft;
    this.all = new Map();
    this.asked = new Map(); // community → promise
    this.of = new Map(); // community → cells
    this.queue = [];
    this.running = 0;
  }

  has(community) {
    return this.of.has(community);
  }

  /** What was read holds no longer; it is asked for again when it is needed. */
  forgetAll() {
    for (const kept of [this.all, this.asked, this.of]) kept.clear();
    this.painted = null;
  }

  /** Make sure that the cells of a community are at hand; resolves when they are. */
  need(community, { soon = true } = {}) {
    if (!this.asked.has(community)) {
      const asked = new Promise((resolve, reject) => this.queue[soon ? "unshift" : "push"]({ community, resolve, reject }));
      asked.catch(() => this.asked.delete(community));
      this.asked.set(community, asked);
      this.next();
    }
    return this.asked.get(community);
  }

  async next() {
    if (this.running >= AT_ONCE || !this.queue.length) return;
    const { community, resolve, reject } = this.queue.shift();
    this.running += 1;
    try {
      const read = await get(`/plans/${this.draft.id}/cells`, { area: community });
      const cells = read.features.map((feature) => this.put(feature));
      this.of.set(community, new Set(cells));
      resolve(cells);
      this.draft.tell("cells", { community });
    } catch (problem) {
      reject(problem);
      this.draft.tell("fault", { problem });
    } finally {
      this.running -= 1;
      this.next();
    }
  }

  put({ geometry, properties }) {
    const shape = this.draft.ground.shape(geometry);
    const cell = { ...properties, shape, room: roomiest(shape) };
    this.all.set(cell.id, cell);
    return cell;
  }

  /** Where a cell belongs for the eye: what is being painted counts already. */
  keyOf(cell) {
    return this.painted?.get(cell.id) ?? cell.grid;
  }

  at(point, community) {
    for (const cell of this.of.get(community) ?? []) if (covers(cell.shape, point)) return cell;
    return null;
  }

  /** Cells of a community whose middle passes a test. */
  where(community, test) {
    return [...(this.of.get(community) ?? [])].filter((cell) => test(cell.room, cell));
  }

  inView(box) {
    const found = [];
    for (const [community, cells] of this.of) {
      const grids = this.draft.communities.get(community);
      if (grids && !overlaps(joined(grids.map((grid) => grid.shape.box)), box)) continue;
      for (const cell of cells) if (overlaps(cell.shape.box, box)) found.push(cell);
    }
    return found;
  }

  /** What an edit did to cells. */
  take({ cells = [], cut }) {
    for (const [id, key] of cells) if (this.all.has(id)) this.all.get(id).grid = key;
    if (!cut) return;
    for (const id of cut.removed ?? []) this.forget(id);
    for (const feature of cut.added ?? []) this.add(feature);
  }

  add(feature) {
    const community = this.draft.of(feature.properties.grid)?.properties.community;
    if (!this.has(community)) return;
    this.of.get(community).add(this.put(feature));
  }

  forget(id) {
    const cell = this.all.get(id);
    this.all.delete(id);
    for (const cells of this.of.values()) cells.delete(cell);
  }

  /** Hours, residents and cells that the painted cells would bring to each grid: key → {hours, population, cells}. */
  effect(moved, to) {
    const changes = new Map();
    const change = (key, cell, sign) => {
      const sum = changes.get(key) ?? { hours: 0, population: 0, area_m2: 0, cells: 0 };
      changes.set(key, {
        hours: sum.hours + sign * cell.hours, population: sum.population + sign * cell.population, area_m2: sum.area_m2 + sign * cell.area_m2, cells: sum.cells + sign,
      });
    };
    for (const cell of moved) {
      change(cell.grid, cell, -1);
      change(to, cell, 1);
    }
    return changes;
  }
}
