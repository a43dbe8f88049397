// The machine's proposals: what is wished, how far it has come, what it found per community, and how much of it is taken.

import { get, post } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { integer } from "./format.js";
import { percent } from "./studio_measures.js";
import { ProposalForm } from "./studio_proposal_form.js";
import { fillCells, labelCells } from "./studio_paint.js";
import { codeOf } from "./studio_words.js";
import { named, t } from "./words.js";

const POLL_MS = 700;
const RUNNING = new Set(["waiting", "running"]);
const PREVIEW_COLOUR = "#f0e442";
const LISTED = 300;

export class ProposalsPanel {
  constructor(element, desk) {
    Object.assign(this, { element, desk });
    this.chosen = new Set();
    this.moves = new Map(); // community → cells that would move
    this.form = new ProposalForm(desk, (wish) => this.ask(wish));
    this.body = h("div", { class: "proposal", "aria-live": "polite" });
    this.arrange();
  }

  /** Wishes are asked of who may edit; what was proposed is there for everybody. */
  arrange() {
    replace(this.element, this.desk.draft.isEditable ? this.form.element : null, this.body);
    if (this.proposal) this.tell();
  }

  get path() {
    return `/plans/${this.desk.draft.id}/proposals`;
  }

  async show() {
    this.form.refresh();
    if (this.isReading || (this.proposal && (this.isRunning || this.seenVersion === this.desk.draft.version))) return;
    this.isReading = true;
    try {
      const id = this.proposal?.id ?? (await get(this.path)).proposals[0]?.id;
      if (id) await this.follow(id); // what was taken may be undone by now
      else replace(this.body, h("p", { class: "muted" }, t("No proposal yet.")));
    } catch (problem) {
      this.fault(problem);
    } finally {
      this.isReading = false;
    }
  }

  async ask(wish) {
    replace(this.body, h("div", { class: "run" }, h("div", { class: "run-line" }, h("span", { role: "status" }, t("Working"))), h("div", { class: "bar-track is-endless" }, h("span", {}))));
    try {
      const { id } = await post(this.path, wish);
      this.clearPreview();
      await this.follow(id);
    } catch (problem) {
      this.fault(problem);
    }
  }

  async follow(id) {
    clearTimeout(this.timer);
    this.seenVersion = this.desk.draft.version;
    try {
      const found = await get(`${this.path}/${id}`);
      if (this.proposal?.id !== id) this.chosen = new Set();
      this.proposal = found;
      this.tell();
      if (this.isRunning) this.timer = setTimeout(() => this.follow(id), POLL_MS);
    } catch (problem) {
      this.fault(problem);
    }
  }

  get isRunning() {
    return RUNNING.has(codeOf(this.proposal?.state));
  }

  fault(problem) {
    replace(this.body, h("p", { class: "inline-error", role: "alert" }, problem.message));
  }

  // --- telling ---

  tell() {
    const { proposal } = this;
    const changed = (proposal.communities ?? []).filter((each) => each.cells_moved > 0);
    replace(
      this.body,
      this.isRunning ? this.progress() : null,
      proposal.problem ? h("p", { class: "inline-error" }, proposal.problem) : null,
      changed.length ? [this.totals(changed), this.actions(changed), this.table(changed)] : this.isRunning || proposal.problem ? null : h("p", { class: "muted" }, t("Nothing better was found under these wishes.")),
    );
    document.getElementById("proposal-said").textContent = this.isRunning ? "" : t("{n} communities would change", { n: changed.length });
  }

  progress() {
    const { done = 0, total = 0, id } = this.proposal;
    return h(
      "div", { class: "run" },
      h("div", { class: "run-line" }, h("span", {}, t("Working")), h("span", { class: "muted" }, t("{done} of {total} communities", { done: integer(done), total: integer(total) })), h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", title: t("The best so far is kept."), onclick: () => post(`${this.path}/${id}/stop`, {}).then(() => this.follow(id), (problem) => this.fault(problem)) }, t("Stop here"))),
      h("div", { class: "bar-track", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": total, "aria-valuenow": done }, h("span", { style: { width: `${total ? (100 * done) / total : 0}%` } })),
    );
  }

  totals(changed) {
    const totals = this.proposal.totals ?? {};
    const cells = totals.cells_moved ?? changed.reduce((sum, each) => sum + each.cells_moved, 0);
    const less = totals.variation_mean_before ? totals.variation_mean / totals.variation_mean_before - 1 : null;
    return h(
      "dl", { class: "facts facts-2" },
      h("div", {}, h("dt", {}, t("Unevenness")), h("dd", {}, `${fixed(totals.variation_mean_before)} → ${fixed(totals.variation_mean)}`, less == null ? "" : ` (${percent(less)})`)),
      h("div", {}, h("dt", {}, t("Cells that would move")), h("dd", {}, integer(cells), totals.cells ? ` (${share(cells / totals.cells)})` : "")),
      h("div", {}, h("dt", {}, t("Farthest from its mean")), h("dd", {}, `${share(totals.deviation_max_before)} → ${share(totals.deviation_max)}`)),
      h("div", {}, h("dt", {}, t("Communities even enough")), h("dd", {}, totals.communities ? `${integer(totals.within_tolerance_before)} → ${integer(totals.within_tolerance)} / ${integer(totals.communities)}` : "–")),
      totals.communities > totals.within_reach ? h("p", { class: "hint" }, t("In {n} communities a single cell is heavier than that allows; no plan can do better there.", { n: integer(totals.communities - totals.within_reach) })) : null,
    );
  }

  actions(changed) {
    const open = changed.filter((each) => !each.taken);
    if (!this.desk.draft.isEditable) return null;
    if (!open.length) return h("p", { class: "done" }, icon("check-circle-fill"), ` ${t("All of it was taken.")}`);
    const some = this.chosen.size;
    return h(
      "div", { class: "proposal-actions" },
      h("button", { type: "button", class: "btn btn-primary", disabled: this.isRunning, onclick: () => this.takeIn(open.length < this.proposal.communities.length && changed.some(({ taken }) => taken) ? open.map(({ code }) => code) : "all") }, t("Take all")),
      h("button", { type: "button", class: "btn btn-outline-secondary", disabled: !some, onclick: () => this.takeIn([...this.chosen]) }, t("Take the {n} chosen", { n: some })),
      h("button", { type: "button", class: "btn btn-outline-secondary", onclick: () => this.dismiss() }, t("Take none")),
    );
  }

  table(changed) {
    const worst = changed.slice().sort((a, b) => b.variation_before - a.variation_before).slice(0, LISTED);
    return h(
      "table", { class: "proposal-table" },
      h("thead", {}, h("tr", {}, h("th", {}), h("th", { scope: "col" }, t("Community")), h("th", { scope: "col" }, t("Cells")), h("th", { scope: "col" }, t("Grids")), h("th", { scope: "col" }, t("Farthest from the mean")))),
      h("tbody", {}, worst.map((each) => this.row(each))),
    );
  }

  row(each) {
    const box = h("input", { type: "checkbox", class: "form-check-input", "aria-label": named(each.name), checked: this.chosen.has(each.code), disabled: each.taken || this.isRunning });
    box.addEventListener("change", () => {
      this.chosen[box.checked ? "add" : "delete"](each.code);
      this.tell();
      if (box.checked) this.preview([each.code]);
    });
    const bound = each.bound != null && each.bound > (this.proposal.wish?.tolerance ?? 0) ? h("small", { title: t("One cell alone is heavier than fairness allows.") }, t("limit {n}", { n: share(each.bound) })) : null;
    return h(
      "tr", { class: each.taken ? "is-taken" : null },
      h("td", {}, each.taken ? icon("check-lg") : box),
      h("td", {}, h("button", { type: "button", class: "btn-link", onclick: () => this.preview([each.code], { go: true }) }, named(each.name))),
      h("td", { class: "is-number" }, integer(each.cells_moved)),
      h("td", { class: "is-number" }, each.grids_before === each.grids_after ? integer(each.grids_after) : `${each.grids_before} → ${each.grids_after}`),
      h("td", { class: "is-number" }, `${share(each.deviation_before)} → ${share(each.deviation_after)}`, bound),
    );
  }

  // --- seeing and taking ---

  /** Show what would move, where it would move. */
  async preview(codes, { go = false } = {}) {
    const { draft } = this.desk;
    try {
      for (const code of codes) {
        await draft.cells.need(code);
        const { cells } = await get(`${this.path}/${this.proposal.id}/moves`, { community: code });
        this.moves.set(code, cells);
      }
      if (go) this.desk.zoomTo(draft.communities.get(codes.at(-1)));
      this.desk.drawing.redraw();
    } catch (problem) {
      this.fault(problem);
    }
  }

  clearPreview() {
    this.moves.clear();
    this.desk.drawing?.redraw();
  }

  paint(pen, view) {
    for (const moves of this.moves.values()) {
      const cells = moves.map(([id]) => this.desk.draft.cells.all.get(id)).filter(Boolean);
      fillCells(pen, view, cells, { colour: PREVIEW_COLOUR, alpha: 0.75 });
      const to = new Map(moves.map(([id, , after]) => [id, after]));
      labelCells(pen, view, cells, ({ id }) => `→ ${this.desk.draft.of(to.get(id))?.properties.label ?? "+"}`);
    }
  }

  async takeIn(communities) {
    const answer = await this.desk.edit({ kind: "proposal", proposal: this.proposal.id, communities });
    if (!answer) return;
    this.chosen = new Set();
    this.clearPreview();
    await this.follow(this.proposal.id);
  }

  dismiss() {
    this.proposal = null;
    this.chosen = new Set();
    this.clearPreview();
    replace(this.body, h("p", { class: "muted" }, t("Nothing was taken; the plan is as it was.")));
  }
}

const share = (fraction) => (fraction == null ? "–" : `${Math.round(fraction * 100)}%`);

const fixed = (value) => (value == null ? "–" : value.toFixed(3));
