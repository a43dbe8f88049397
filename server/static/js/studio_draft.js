// A plan as the page knows it: its grids and cells, and the edits that go to the server one after the other.

import { get, post } from "./api.js";
import { DraftCells } from "./studio_cells.js";
import { roomiest } from "./studio_shapes.js";

const OPEN = new Set(["draft", "consultation"]);

// What the server refused, by the type of its problem.
const REFUSALS = { "urn:wangge:StaleEdit": "stale", "urn:wangge:DraftClosed": "closed", "urn:wangge:EditRefused": "refused" };

/**
 * Tells its listeners: "plan" (facts of the plan), "grids" ({keys, by}), "cells", "busy", "refused" ({problem, body}),
 * "stale" ({problem, body}), "closed" (it is no draft any more), "fault" ({problem}), "others" ({steps}), "edited" ({answer, ms}).
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
    return this.mayEdit && this.state === "draft";
  }

  /** Not in force yet, and neither withdrawn: it can be published, and put to residents. */
  get isOpen() {
    return this.mayEdit && OPEN.has(this.state);
  }

  // --- reading ---

  /** Facts and grids come side by side; what is edited between the two is learnt from the steps since the older one. */
  async open() {
    const [plan, read] = await Promise.all([get(`/plans/${this.id}`), get(`/plans/${this.id}/grids`)]);
    this.plan = { ...plan, version: Math.min(plan.version, read.version) };
    this.grids.clear();
    for (const feature of read.features) this.put(feature);
    this.grow();
    this.tell("plan");
    this.tell("grids", { keys: [...this.grids.keys()], by: "read" });
  }

  /** All anew, as when hours are counted by another model. */
  async reload() {
    this.cells.forgetAll();
    await this.open();
  }

  put({ geometry, properties }) {
    const shape = this.ground.shape(geometry);
    const { key } = properties;
    this.grids.set(key, { key, properties, shape, room: roomiest(shape) });
  }

  /** Communities and what lies in them. */
  grow() {
    this.communities = new Map();
    for (const grid of this.grids.values()) {
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
    const kind = REFUSALS[problem.rest?.type] ?? "fault";
    if (kind === "closed") this.closed();
    else this.tell(kind, { problem, path, body });
  }

  /** It is no draft any more: learn what it is. */
  closed() {
    return this.readPlan().then(() => this.tell("closed"), (problem) => this.tell("fault", { problem }));
  }

  /** How the plan stands may have changed while its grids are as they were. */
  async readPlan() {
    const { version } = this.plan;
    this.plan = { ...(await get(`/plans/${this.id}`)), version };
    this.tell("plan");
  }

  /** What others did since: poll. Resolves to their steps. */
  async catchUp() {
    if (this.pendingEdits) return [];
    return this.readSince(this.version);
  }

  async readSince(version) {
    const answer = await get(`/plans/${this.id}/edits`, { after: version });
    if (answer.version <= this.version) return [];
    const { length } = answer.steps ?? [];
    if (length < answer.version - this.version) await this.reload(); // a version without a step: every hour is another
    else this.take(answer, { by: "others" });
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
    this.grow();
    for (const { key, ...deviations } of answer.others ?? []) Object.assign(this.of(key)?.properties ?? {}, deviations);
    this.tell("plan");
    this.tell("grids", { keys: [...touched], removed: answer.removed ?? [], by });
  }
}
