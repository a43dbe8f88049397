// A plan as the page knows it: its grids and cells, and the edits that go to the server one after the other.

import { get, post } from "./api.js";
import { DraftCells } from "./studio_cells.js";
import { roomiest } from "./studio_shapes.js";

const COARSE_FROM_GRIDS = 400;
const EDITABLE = new Set(["draft", "consultation"]);

/**
 * Tells its listeners: "plan" (facts of the plan), "grids" ({keys, by}), "cells", "busy", "refused" ({problem, body}),
 * "stale" ({problem, body}), "fault" ({problem}), "others" ({steps}), "edited" ({answer, ms}).
 */
export class Draft extends EventTarget {
  constructor(id, { ground, mayEdit }) {
    super();
    Object.assign(this, { id, ground, mayEdit });
    this.grids = new Map();
    this.cells = new DraftCells(this);
    this.waiting = Promise.resolve();
    this.pendingEdits = 0;
  }

  tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  on(name, listener) {
    this.addEventListener(name, ({ detail }) => listener(detail));
    return this;
  }

  get version() {
    return this.plan.version;
  }

  get state() {
    return this.plan.state.code ?? this.plan.state;
  }

  get isEditable() {
    return this.mayEdit && EDITABLE.has(this.state);
  }

  // --- reading ---

  async open() {
    this.plan = await get(`/plans/${this.id}`);
    this.tell("plan");
    this.isCoarse = (this.plan.summary?.grids ?? this.plan.grids ?? Infinity) > COARSE_FROM_GRIDS;
    await this.readGrids(this.isCoarse ? { simplify: 1 } : {}, { coarse: this.isCoarse });
  }

  /** Read grids, all of the scope or those of an area; coarse ones are for a wide view only. */
  async readGrids(query, { coarse = false } = {}) {
    const read = await get(`/plans/${this.id}/grids`, query);
    if (read.version < this.version && !coarse) return; // edited while it was read: the answer to the edit is newer
    for (const feature of read.features) this.put(feature, { coarse });
    this.grow([...this.grids.values()]);
    this.tell("grids", { keys: read.features.map(({ properties }) => properties.key), by: "read" });
  }

  put({ geometry, properties }, { coarse = false } = {}) {
    const known = this.grids.get(properties.key);
    if (coarse && known?.shape) return;
    const shape = geometry && this.ground.shape(geometry);
    const grid = known ?? { key: properties.key };
    grid.properties = properties;
    grid.geometry = geometry;
    grid.coarse = shape;
    grid.shape = coarse ? grid.shape : shape;
    grid.room = roomiest(shape);
    this.grids.set(properties.key, grid);
  }

  /** Communities and what lies in them. */
  grow(grids) {
    this.communities = new Map();
    for (const grid of grids) {
      const { community } = grid.properties;
      if (!this.communities.has(community)) this.communities.set(community, []);
      this.communities.get(community).push(grid);
    }
  }

  of(key) {
    return this.grids.get(key);
  }

  // --- changing ---

  edit(body) {
    return this.queue("/edits", body);
  }

  undo() {
    return this.queue("/undo", {});
  }

  redo() {
    return this.queue("/redo", {});
  }

  /** One after the other, in the order they were made; resolves to the answer, or null if it was not done. */
  queue(path, body) {
    this.pendingEdits += 1;
    this.tell("busy");
    const done = this.waiting.then(() => this.send(path, body));
    this.waiting = done.then(() => {}, () => {});
    return done.finally(() => {
      this.pendingEdits -= 1;
      this.tell("busy");
    });
  }

  async send(path, body) {
    const began = performance.now();
    const seen = this.version;
    try {
      const answer = await post(`/plans/${this.id}${path}`, { ...body, seen_version: seen });
      if (answer.version > seen + 1) await this.readSince(seen); // somebody else's edits came between: learn of all
      else this.take(answer, { by: "me" });
      this.tell("edited", { answer, ms: performance.now() - began });
      return answer;
    } catch (problem) {
      this.failed(problem, path, body);
      return null;
    }
  }

  failed(problem, path, body) {
    const kind = { 409: "stale", 422: "refused" }[problem.status] ?? "fault";
    this.tell(kind, { problem, path, body });
  }

  /** What others did since: poll. Resolves to their steps. */
  async catchUp() {
    if (this.pendingEdits) return [];
    return this.readSince(this.version);
  }

  async readSince(version) {
    const answer = await get(`/plans/${this.id}/edits`, { after: version });
    if (answer.version <= this.version) return [];
    this.take(answer, { by: "others" });
    this.tell("others", { steps: answer.steps ?? [] });
    return answer.steps ?? [];
  }

  /** Make the page's plan what the server says it is now. */
  take(answer, { by }) {
    const touched = new Set();
    for (const key of answer.removed ?? []) this.grids.delete(key);
    for (const feature of answer.grids ?? []) {
      this.put(feature);
      touched.add(feature.properties.key);
    }
    this.cells.take(answer);
    this.plan.version = answer.version;
    if (answer.summary) this.plan.summary = answer.summary;
    this.grow([...this.grids.values()]);
    this.judgeAgain(touched);
    this.tell("plan");
    this.tell("grids", { keys: [...touched], removed: answer.removed ?? [], by });
  }

  /** One grid's hours are part of its community's mean: its neighbours' deviations move too. */
  judgeAgain(keys) {
    const codes = new Set([...keys].map((key) => this.of(key)?.properties.community));
    for (const code of codes) {
      const grids = this.communities.get(code) ?? [];
      const mean = grids.reduce((sum, { properties }) => sum + properties.hours, 0) / grids.length;
      for (const { properties } of grids) properties.deviation = mean ? properties.hours / mean - 1 : 0;
    }
  }
}
