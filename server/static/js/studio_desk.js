// What tools and panels may ask of the page: names, colours, moving the view, sending an edit.

import { fitBox } from "./studio_view.js";
import { percent } from "./studio_measures.js";
import { joined, overlaps } from "./studio_shapes.js";
import { classes } from "./studio_measures.js";
import { ruleWords } from "./studio_words.js";
import { named, t } from "./words.js";

export class Desk {
  constructor(studio) {
    this.studio = studio;
    for (const name of ["map", "draft", "selection", "ground", "places", "me"]) this[name] = studio[name];
  }

  // --- words ---

  communityName(code) {
    return this.places.communityName(code);
  }

  townName(code) {
    return this.places.townName(code);
  }

  townOf(community) {
    return this.places.townOf(community);
  }

  /** Towns that the plan has grids in. */
  towns() {
    const codes = new Set([...this.draft.communities.keys()].map((code) => this.townOf(code)?.code).filter(Boolean));
    return codes.size > 1 ? [...codes].map((code) => ({ code })) : [];
  }

  areaWords({ code, name }) {
    return named(name) || this.communityName(code);
  }

  gridWords(properties) {
    return this.places.gridWords(properties);
  }

  nameOf(key) {
    const grid = this.draft.of(key);
    return grid ? this.gridWords(grid.properties) : String(key);
  }

  /** Publishing names grids by their codes, new ones by their labels. */
  keyOfCode(code) {
    if (code.startsWith("+")) return -Number(code);
    return [...this.draft.grids.values()].find(({ properties }) => properties.code === code)?.key ?? null;
  }

  nameOfCode(code) {
    const key = this.keyOfCode(code);
    return key === null ? code : this.nameOf(key);
  }

  deviationWords({ grids }) {
    const grid = this.draft.of(grids?.[0]);
    return grid ? percent(grid.properties.deviation) : "";
  }

  /** Each kind of notice once, with how many there were. */
  noticeWords(notices) {
    const byRule = Map.groupBy(notices, ({ rule }) => rule);
    return [...byRule.values()].map((found) => ruleWords({ ...found[0], n: found.length }, (key) => this.nameOf(key)));
  }

  // --- colours ---

  /** The colour a grid has on the map, or would have by another measure. */
  colourOf(grid, measure = this.studio.measure) {
    const found = measure === this.studio.measure ? this.studio.classes : classes(measure, [], this.studio.page);
    const at = found.classOf(grid.properties);
    return at == null ? "#e9edf1" : found.colours[at];
  }

  /** What moving cells would do to the deviation of the grids concerned, before the server has counted. */
  effectOf(cells, to) {
    const { draft } = this;
    const grids = draft.communities.get(draft.of(to).properties.community);
    const mean = grids.reduce((sum, { properties }) => sum + properties.hours, 0) / grids.length;
    return [...draft.cells.effect(cells, to)].map(([key, change]) => {
      const { properties } = draft.of(key);
      const hours = properties.hours + change.hours;
      return { key, label: properties.label, hours, before: properties.deviation, after: hours / mean - 1 };
    }).sort((a, b) => (b.key === to) - (a.key === to));
  }

  // --- the view ---

  zoomTo(grids, options) {
    if (grids?.length) fitBox(this.map, this.ground, joined(grids.map((grid) => grid.shape.box)), options);
  }

  choose(keys) {
    this.selection.set(keys.filter((key) => this.draft.of(key)));
    this.zoomTo(this.selection.grids);
  }

  /** Show where a finding lies. */
  goTo({ grids = [], lon, lat }) {
    const known = grids.filter((key) => this.draft.of(key));
    if (known.length) this.choose(known);
    if (lon == null) return;
    this.studio.pin = this.ground.at([lon, lat]);
    if (!known.length) this.map.setView([lat, lon], Math.max(this.map.getZoom(), 15));
    this.studio.drawing.redraw();
  }

  isInView([lon, lat]) {
    return this.map.getBounds().contains([lat, lon]);
  }

  panTo([lon, lat]) {
    this.map.panTo([lat, lon]);
  }

  communitiesInView() {
    const bounds = this.map.getBounds();
    const [left, bottom] = this.ground.at([bounds.getWest(), bounds.getSouth()]);
    const [right, top] = this.ground.at([bounds.getEast(), bounds.getNorth()]);
    const view = [left, top, right, bottom];
    return [...new Set([...this.draft.grids.values()].filter((grid) => overlaps(grid.shape.box, view)).map((grid) => grid.properties.community))];
  }

  // --- doing ---

  get refusal() {
    return this.studio.refusal;
  }

  edit(body) {
    this.refusal.clear();
    return this.draft.edit(body);
  }

  snap() {
    return this.studio.snapOn;
  }

  barrier(line) {
    this.proposals.form.addBarrier(line);
    this.takeTool("select");
  }

  takeTool(name) {
    this.studio.tools.take(name);
  }

  /** What was chosen on the map is read at the side; a list that it was chosen from stays. */
  showFigures() {
    this.studio.tabs.open("figures");
  }

  toolChanged() {
    this.studio.showTool();
  }

  hovered(grid) {
    document.getElementById("status-grid").textContent = grid ? `${this.gridWords(grid.properties)} · ${percent(grid.properties.deviation)}` : "";
  }

  /** Cells are being painted: the bars follow. */
  painting() {
    const { painted, all } = this.draft.cells;
    this.studio.figures.showEffect(this.effectOf([...painted.keys()].map((id) => all.get(id)), this.selection.first));
  }

  /** The stroke was let go of: the bars tell what is again. */
  unpainted() {
    this.studio.figures.show();
  }

  say(words) {
    this.studio.say(words, { bad: true });
  }

  fault(problem) {
    this.say(problem.message || t("The server could not answer."));
  }
}
