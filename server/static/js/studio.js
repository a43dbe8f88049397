// The planner's studio: joins map, tools, figures and what the machine proposes. Folium's script calls `start`.

import { h, icon, replace } from "./dom.js";
import { coordinates } from "./format.js";
import { Board } from "./studio_board.js";
import { Conflict } from "./studio_conflict.js";
import { Desk } from "./studio_desk.js";
import { Draft } from "./studio_draft.js";
import { FiguresPanel } from "./studio_figures.js";
import { FactsDialog } from "./studio_facts.js";
import { FileDialog } from "./studio_files.js";
import { FindingsPanel } from "./studio_findings.js";
import { Head } from "./studio_head.js";
import { HistoryPanel } from "./studio_history.js";
import { keyList, listenToKeys } from "./studio_keys.js";
import { StudioLegend } from "./studio_legend.js";
import { follow } from "./studio_live.js";
import { classes } from "./studio_measures.js";
import { drawLine, drawPin, outline, paintGrids } from "./studio_paint.js";
import { paintNames } from "./studio_names.js";
import { PlanActs } from "./plan_acts.js";
import { Places } from "./studio_places.js";
import { ProposalsPanel } from "./studio_proposals.js";
import { PublishDialog } from "./studio_publish.js";
import { Refusal } from "./studio_refusal.js";
import { Selection } from "./studio_selection.js";
import { Ground } from "./studio_shapes.js";
import { Tabs } from "./studio_tabs.js";
import { Tools } from "./studio_tools.js";
import { Sheet } from "./sheet.js";
import { actionWords, closedWords, editWords } from "./studio_words.js";
import { t } from "./words.js";

const element = (id) => document.getElementById(id);
const TOLD_MS = 5000;
const CELLS_FROM_ZOOM = 15;
const FLASH_MS = 2500;
const DRAWS_GRIDS = new Set(["split", "carve"]);

export function start({ map, division, page }) {
  const studio = new Studio({ map, division, page });
  window.wangge = { map, division, studio };
}

class Studio {
  constructor({ map, division, page }) {
    Object.assign(this, { map, division, page, measure: "deviation", picked: null, opacity: page.basemap.shown ? 0.6 : 0.85, snapOn: true, flashing: new Set() });
    const { dataset } = element("studio");
    this.me = dataset.me;
    this.mayRestore = dataset.mayRestore === "true";
    this.ground = new Ground(page.bbox);
    this.draft = new Draft(page.id, { ground: this.ground, mayEdit: dataset.mayEdit === "true" });
    this.selection = new Selection(this.draft);
    this.places = new Places(this.ground);
    this.desk = new Desk(this);
    this.refusal = new Refusal(element("refusal"), this.desk);
    this.conflict = new Conflict(element("conflict"), this.desk);
    this.tools = new Tools(this.desk);
    this.head = new Head(this.desk);
    this.figures = new FiguresPanel(element("panel-figures"), this.desk);
    this.history_ = new HistoryPanel(element("panel-history"), this.desk);
    this.legend = new StudioLegend(element("legend"), { chosen: (measure) => this.colourBy(measure), pick: (found) => this.pick(found) });
    this.publishing = new PublishDialog(element("publish"), this.desk);
    if (this.mayRestore) this.acts = new PlanActs(element("plan-act"), { done: () => location.assign("/plans") });
    this.facts = new FactsDialog(element("facts-dialog"), this.desk);
    this.files = new FileDialog(element("file-dialog"), this.desk);
    this.sheet = new Sheet(element("studio-panel"), { height: "half" });
    this.buildMap();
    this.buildButtons();
    this.listen();
    listenToKeys(this);
    this.open();
  }

  // --- building ---

  buildMap() {
    const { map } = this;
    this.board = new Board(this.ground, (pen, view) => this.paintBoard(pen, view), { pane: "grids", name: "grids" }).addTo(map);
    this.drawing = new Board(this.ground, (pen, view) => this.paintDrawing(pen, view), { pane: "drawing", name: "drawing" }).addTo(map);
    this.desk.drawing = this.drawing;
    L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 110 }).addTo(map);
    element("zoom-in").addEventListener("click", () => map.zoomIn());
    element("zoom-out").addEventListener("click", () => map.zoomOut());
    element("zoom-all").addEventListener("click", () => this.desk.zoomTo([...this.draft.grids.values()]));
    element("map-attribution").textContent = this.page.basemap.attribution;
    new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
    map.on("moveend", () => this.needDetail());
    map.on("mousemove", ({ latlng }) => { element("status-place").textContent = coordinates(latlng); });
    const container = map.getContainer();
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", t("Map. Arrow keys move, plus and minus zoom, Enter acts in the middle, question mark lists the keys."));
    const [west, south, east, north] = this.page.bbox;
    map.fitBounds([[south, west], [north, east]], { animate: false });
  }

  buildButtons() {
    for (const button of document.querySelectorAll("[data-tool]")) button.addEventListener("click", () => this.tools.take(button.dataset.tool));
    const acts = {
      undo: () => this.history("undo"), redo: () => this.history("redo"), snap: () => this.toggleSnap(), publish: () => this.publishing.open(), facts: () => this.facts.open(), restore: () => this.acts.restore(this.draft.plan), keys: () => this.showKeys(),
      "file-in": () => this.files.open(), "lock-all": () => this.draft.edit({ kind: "lock", grids: "all", locked: true }), "unlock-all": () => this.draft.edit({ kind: "lock", grids: "all", locked: false }),
      "brush-smaller": () => this.tools.all.brush.resize(-1), "brush-larger": () => this.tools.all.brush.resize(1), labels: () => this.toggleLabels(),
    };
    for (const button of document.querySelectorAll("[data-act]")) button.addEventListener("click", () => {
      button.closest("details")?.removeAttribute("open");
      acts[button.dataset.act]();
    });
    for (const close of document.querySelectorAll("dialog [data-close]")) close.addEventListener("click", () => close.closest("dialog").close());
    keyList(element("key-list"));
    this.tools.addEventListener("changed", () => this.showTool());
    this.showLabels = true;
  }

  listen() {
    this.selection.addEventListener("changed", () => this.chosen());
    this.draft
      .on("plan", () => this.head.show())
      .on("grids", ({ keys, by }) => this.changed(keys, by))
      .on("cells", () => this.showTool())
      .on("busy", () => this.head.tellSaved())
      .on("refused", ({ problem }) => this.refused(problem))
      .on("stale", (detail) => this.conflict.open(detail))
      .on("closed", () => this.closed())
      .on("fault", ({ problem }) => this.say(problem.message, { bad: true }))
      .on("others", ({ steps }) => this.met(steps))
      .on("edited", ({ answer, ms }) => this.edited(answer, ms));
  }

  async open() {
    try {
      const names = this.places.read();
      await Promise.all([names, this.draft.open()]);
    } catch (problem) {
      this.failed(problem);
      return;
    }
    element("loading").hidden = true;
    this.proposals = new ProposalsPanel(element("panel-proposals"), this.desk);
    this.desk.proposals = this.proposals;
    this.findings = new FindingsPanel(element("panel-findings"), this.desk);
    this.tabs = new Tabs(document.querySelector("#studio-panel [role=tablist]"), { figures: this.figures, proposals: this.proposals, findings: this.findings, history: this.history_ });
    this.head.show();
    this.figures.show();
    this.desk.zoomTo([...this.draft.grids.values()], { animate: false });
    this.showTool();
    this.needDetail();
    if (this.draft.isEditable) this.askNow = follow(this.draft, { told: ({ ok }) => this.head.online(ok) });
    this.isOpen = true;
  }

  failed(problem) {
    replace(element("loading"), icon("exclamation-triangle"), h("p", { role: "alert" }, problem.message), h("button", { type: "button", class: "btn btn-outline-secondary", onclick: () => location.reload() }, t("Try again")), h("a", { href: "/plans", class: "btn btn-link" }, t("All plans")));
  }

  // --- drawing ---

  get classes() {
    this.classified ??= classes(this.measure, this.draft.grids.values(), this.page);
    return this.classified;
  }

  paintBoard(pen, view) {
    if (!this.draft.grids.size) return;
    paintGrids(pen, view, { draft: this.draft, classes: this.classes, focus: this.focus, showCells: true, showLabels: this.showLabels, opacity: this.opacity, picked: this.picked });
    if (this.showLabels) paintNames(pen, view, this.places, this.draft.communities);
  }

  paintDrawing(pen, view) {
    for (const key of this.flashing) if (this.draft.of(key)) outline(pen, view, this.draft.of(key).shape, { colour: "#d55e00", width: 4 });
    for (const [i, grid] of this.selection.grids.entries()) outline(pen, view, grid.shape, { width: i ? 2.5 : 3.5, dash: i ? [7, 4] : null });
    this.proposals?.paint(pen, view);
    for (const line of this.proposals?.form.barriers ?? []) drawLine(pen, view, line.map((at) => this.ground.at(at)), { colour: "#9c2f19", width: 4, corners: false });
    this.tools.tool.paint(pen, view);
    this.refusal.paint(pen, view);
    if (this.pin) drawPin(pen, view, this.pin);
  }

  /** While cells are moved, the communities that cannot take part stand back. */
  get focus() {
    return ["brush", "lasso"].includes(this.tools.name) ? this.selection.community : null;
  }

  redraw() {
    this.board.redraw();
    this.drawing.redraw();
  }

  colourBy(measure) {
    this.measure = measure;
    this.picked = null;
    this.recolour();
  }

  recolour() {
    this.classified = null;
    this.legend.show(this.classes);
    this.board.redraw();
  }

  pick(found) {
    this.picked = found;
    this.recolour();
  }

  toggleLabels() {
    this.showLabels = !this.showLabels;
    document.querySelector("[data-act=labels]").setAttribute("aria-pressed", String(this.showLabels));
    this.board.redraw();
  }

  /** From near, the cells of what is in view are read. */
  needDetail() {
    const { draft, map } = this;
    if (!draft.grids.size) return;
    element("status-zoom").textContent = `z${map.getZoom()}`;
    if (map.getZoom() < CELLS_FROM_ZOOM) return;
    for (const community of this.desk.communitiesInView()) draft.cells.need(community, { soon: false }).catch(() => {});
  }

  // --- what happened ---

  changed(keys, by) {
    this.classified = null;
    this.legend.show(this.classes);
    this.redraw();
    if (by === "others") this.flash(keys);
    if (by !== "read") this.tabs?.refresh();
    else if (this.isOpen) this.chosen();
    else this.figures.show();
    if (by === "read") this.needDetail();
  }

  chosen() {
    this.tools.tool.needCells?.();
    if (this.selection.community) this.draft.cells.need(this.selection.community).catch(() => {});
    this.pin = null;
    this.figures.show();
    this.showTool();
    this.redraw();
  }

  edited(answer, ms) {
    this.lastEditMs = ms;
    this.refusal.clear();
    const told = this.desk.noticeWords(answer.notices ?? []);
    const fresh = (answer.grids ?? []).map(({ properties }) => properties.key).filter((key) => key < 0);
    if (DRAWS_GRIDS.has(answer.kind) && answer.action !== "undo" && fresh.length) told.unshift(t("New: {grids}", { grids: fresh.map((key) => this.desk.nameOf(key)).join(", ") }));
    if (told.length) this.say(told.join(" "));
  }

  refused(problem) {
    this.refusal.show(problem);
    this.figures.show();
  }

  /** It was put to residents, published or withdrawn while it was open here: from now on it is looked at. */
  closed() {
    this.refusal.clear();
    this.tools.take("select");
    this.proposals.arrange();
    this.figures.show();
    this.say(closedWords(this.draft.state), { bad: true });
  }

  met(steps) {
    const theirs = steps.filter(({ author }) => author !== this.me);
    this.head.met(theirs);
    if (theirs.length) this.say(t("{author}: {edit}", { author: theirs.at(-1).author, edit: [actionWords(theirs.at(-1).action), editWords(theirs.at(-1).kind)].filter(Boolean).join(" · ") }));
  }

  /** Point out what somebody else changed. */
  flash(keys) {
    for (const key of keys) this.flashing.add(key);
    this.drawing.redraw();
    setTimeout(() => {
      for (const key of keys) this.flashing.delete(key);
      this.drawing.redraw();
    }, FLASH_MS);
  }

  say(words, { bad = false } = {}) {
    const box = element("told");
    box.classList.toggle("is-bad", bad);
    replace(box, words);
    box.hidden = false;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => { box.hidden = true; }, TOLD_MS);
  }

  // --- tools and keys ---

  showTool() {
    for (const button of document.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", String(button.dataset.tool === this.tools.name));
    const { brush } = this.tools.all;
    element("tool-hint").textContent = this.tools.tool.hint();
    element("brush-size").hidden = this.tools.name !== "brush";
    element("brush-words").textContent = brush.size ? t("{n} px", { n: brush.size * 2 }) : t("single cells");
    element("snap-state").hidden = !["split", "reshape", "carve"].includes(this.tools.name);
    element("snap-words").textContent = this.snapOn ? t("follows whole cells") : t("cuts through cells");
    document.querySelector("[data-act=snap]").setAttribute("aria-pressed", String(this.snapOn));
    this.redraw();
  }

  toggleSnap() {
    this.snapOn = !this.snapOn;
    this.showTool();
  }

  history(way) {
    if (this.draft.isEditable) this.draft[way]();
  }

  lockChosen() {
    const { grids, keys } = this.selection;
    if (this.draft.isEditable && keys.length) this.draft.edit({ kind: "lock", grids: keys, locked: !grids.every(({ properties }) => properties.locked) });
  }

  zoomToChosen() {
    const { grids } = this.selection;
    this.desk.zoomTo(grids.length ? grids : [...this.draft.grids.values()]);
  }

  showKeys() {
    element("keys").showModal();
  }

  /** Escape: let go of what is nearest to the hand. */
  letGo() {
    if (this.refusal.clear() || this.tools.tool.cancel()) return true;
    if (this.tools.name !== "select") this.tools.take("select");
    else this.selection.set([]);
    return true;
  }
}
