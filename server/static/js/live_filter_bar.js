// The controls above the queue: tabs with counts, search, filters and saved views.

import { get, post, remove } from "./api.js";
import { AreaPicker } from "./area_picker.js";
import { ask } from "./boxes.js";
import { h, replace } from "./dom.js";
import { integer } from "./format.js";
import { FIELDS, TABS, TAB_WORDS } from "./live_filters.js";
import { STAGES, STAGE_WORDS, URGENCY_WORDS } from "./live_stages.js";
import { named, t } from "./words.js";

const PAUSE_MS = 250;
const PAGE = "live";
const FOUND_LIMIT = 200;
const LEVEL_WORDS = { city: "City", town: "Town", community: "Community" };

const element = (id) => document.getElementById(id);

export class FilterBar {
  constructor({ filters, names, own, fault }) {
    Object.assign(this, { filters, names, fault });
    this.tabs = new Map(TABS.filter((tab) => tab !== "mine" || filters.own.command || filters.own.department).map((tab) => [tab, this.tab(tab)]));
    replace(element("queue-tabs"), [...this.tabs.values()].map(({ button }) => button));
    this.area = new AreaPicker(element("filter-area"), own, () => filters.set("area", this.area.chosen));
    element("queue-search").addEventListener("input", () => this.searchSoon());
    element("filters-toggle").addEventListener("click", () => this.unfold());
    element("filters-clear").addEventListener("click", () => filters.take({ tab: filters.tab }));
    for (const name of FIELDS) element(`filter-${name}`).addEventListener("change", ({ target }) => filters.set(name, target.value));
    element("views").addEventListener("change", ({ target }) => this.chooseView(target.value));
    element("view-save").addEventListener("submit", (event) => this.saveView(event));
    element("view-remove").addEventListener("click", () => this.removeView());
    filters.addEventListener("changed", () => this.show());
    this.show();
  }

  tab(name) {
    const count = h("span", { class: "tab-count" });
    const button = h("button", { type: "button", "aria-pressed": "false", dataset: { tab: name }, onclick: () => this.filters.set("tab", name) }, t(TAB_WORDS[name]), " ", count);
    return { button, count };
  }

  /** The catalogue is there: offer what it holds. */
  offer() {
    const { names } = this;
    options("category", names.categories.map(({ code, name }) => [code, named(name)]));
    options("matter", [...names.matters.values()].map(({ code, name }) => [code, named(name)]));
    options("department", names.departments.map(({ code, name }) => [code, named(name)]));
    options("stage", STAGES.map((stage) => [stage, t(STAGE_WORDS[stage])]));
    options("urgency", Object.entries(URGENCY_WORDS).map(([urgency, words]) => [urgency, t(words)]));
    options("level", Object.entries(LEVEL_WORDS).map(([level, words]) => [level, t(words)]));
    this.show();
    this.readViews();
  }

  show() {
    const { filters } = this;
    for (const [name, { button }] of this.tabs) button.setAttribute("aria-pressed", String(name === filters.tab));
    for (const name of FIELDS) element(`filter-${name}`).value = filters.chosen[name] ?? "";
    if (this.area.code !== (filters.area?.code ?? null)) this.area.set(filters.area);
    if (element("queue-search").value.trim() !== filters.q) element("queue-search").value = filters.q;
    const count = element("filters-count");
    count.textContent = filters.count || "";
    element("filters-clear").hidden = !filters.count && !filters.q;
  }

  counted(counts) {
    for (const [name, { count }] of this.tabs) if (count.textContent !== integer(counts[name])) count.textContent = integer(counts[name]);
  }

  unfold() {
    const box = element("filters");
    box.hidden = !box.hidden;
    element("filters-toggle").setAttribute("aria-expanded", String(!box.hidden));
  }

  searchSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(), PAUSE_MS);
  }

  async search() {
    const q = element("queue-search").value.trim();
    this.filters.set("q", q);
    if (q.length < 2) return;
    const answer = await get("/cases", { q, limit: FOUND_LIMIT }).catch((problem) => this.fault(problem));
    if (!answer || this.filters.q !== q) return;
    this.filters.found = new Set(answer.cases.map(({ number }) => number));
    this.filters.tell({});
  }

  // --- saved views ---

  async readViews() {
    const { views } = await get("/views", { page: PAGE }).catch(() => ({ views: [] }));
    this.views = views;
    const chosen = element("views").value;
    options("views", views.map(({ id, name }) => [String(id), name]), { id: "views" });
    element("views").value = views.some(({ id }) => String(id) === chosen) ? chosen : "";
    element("view-remove").hidden = !element("views").value;
  }

  chooseView(id) {
    const view = this.views.find((each) => String(each.id) === id);
    element("view-remove").hidden = !view;
    if (view) this.filters.take(view.settings);
  }

  async saveView(event) {
    event.preventDefault();
    const input = element("view-name");
    const name = input.value.trim();
    if (!name) return;
    try {
      const { id } = await post("/views", { page: PAGE, name, settings: this.filters.settings });
      input.value = "";
      await this.readViews();
      element("views").value = String(id);
      element("view-remove").hidden = false;
    } catch (problem) {
      this.fault(problem);
    }
  }

  async removeView() {
    const id = element("views").value;
    const { name } = this.views.find((each) => String(each.id) === id);
    if (!(await ask({ title: t("Remove the view “{name}”?", { name }), text: t("Its filters stay as they are now."), yes: t("Remove") }))) return;
    await remove(`/views/${id}`).catch((problem) => this.fault(problem));
    element("views").value = "";
    this.readViews();
  }
}

/** Fill a select below its first option, which stands for "any". */
function options(name, pairs, { id = `filter-${name}` } = {}) {
  const select = element(id);
  const kept = select.value;
  replace(select, select.options[0], pairs.map(([value, words]) => h("option", { value }, words)));
  select.value = kept;
}
