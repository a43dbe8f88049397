// The page of the workload model: weights at the left, what they come to on the map and beside it. Folium's script calls `start`.

import { get, post } from "./api.js";
import { date } from "./format.js";
import { h, replace } from "./dom.js";
import { GridAccount } from "./workload_account.js";
import { WeightForm } from "./workload_form.js";
import { Outcome } from "./workload_outcome.js";
import { WorkloadMap } from "./workload_map.js";
import { named, t } from "./words.js";

const PAUSE_MS = 250;
const GROUND_WORDS = {
  "cells.founded": "basic units",
  "population.counted": "residents",
  "places.registered": "places",
  "incidents.recorded": "incidents",
  "matters.admitted": "matters",
  "plan.published": "a plan",
};

export function start(parts) {
  window.wangge = { ...parts, workload: new WorkloadPage(parts) };
}

const element = (id) => document.getElementById(id);

class WorkloadPage {
  constructor({ map, division, page }) {
    this.page = page;
    this.form = new WeightForm(element("weights"), () => this.changed());
    this.map = new WorkloadMap({ map, division, page, choose: (grid) => this.open(grid), moved: () => this.outcome.follow(this.map.shown()) });
    this.outcome = new Outcome(element("outcome-all"), { page, open: (grid) => this.open(grid), pick: (picked) => this.map.pick(picked) });
    this.account = new GridAccount(element("account"), () => this.close());
    element("version").addEventListener("change", () => this.take(this.models.find((model) => model.id === Number(element("version").value))));
    element("reset").addEventListener("click", () => this.take(this.model));
    element("recount").addEventListener("click", () => this.recount());
    element("begin").addEventListener("click", () => post("/workload-models", {}).then(() => this.load(), (problem) => this.say(problem.message)));
    element("area").addEventListener("change", () => this.preview({ fit: true }));
    for (const input of document.querySelectorAll("input[name=colour]")) input.addEventListener("change", () => this.paint());
    this.buildSaving();
    this.load();
  }

  buildSaving() {
    const dialog = element("save-dialog");
    element("save")?.addEventListener("click", () => {
      element("save-fault").hidden = true;
      element("save-words").textContent = t("Version {n} stays as it is; new plans are judged by the new one.", { n: this.model.version });
      dialog.showModal();
    });
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    element("save-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.save(dialog);
    });
  }

  // --- versions ---

  async load() {
    try {
      const { models } = await get("/workload-models");
      this.models = models;
      element("begin").hidden = models.length > 0 || !this.page.maySave;
      if (!models.length) return this.say(t("The city has no workload model yet."));
      replace(element("version"), models.map((model) => h("option", { value: model.id }, t("Version {n}: {name}", { n: model.version, name: named(model.name) }))));
      this.take(models[0]);
      this.preview({ fit: true });
    } catch (problem) {
      this.say(problem.message);
    }
  }

  take(model) {
    const isOther = this.model && this.model !== model;
    this.model = model;
    element("version").value = model.id;
    this.form.take(model);
    const by = t("By {author}, {date}", { author: model.author, date: date(model.created_at) });
    element("version-note").textContent = model.note ? `${by}: ${model.note}` : by;
    this.showStale(model);
    this.showChanges();
    if (isOther || this.shown) this.preview();
  }

  showStale({ stale }) {
    element("stale").hidden = !stale.length;
    const what = stale.map((kind) => t(GROUND_WORDS[kind] ?? kind)).join(", ");
    element("stale").querySelector("span").textContent = t("Counted before the newest: {what}.", { what });
  }

  async recount() {
    element("recount").disabled = true;
    try {
      Object.assign(this.model, await post(`/workload-models/${this.model.id}/recount`, {}));
      this.take(this.model);
    } catch (problem) {
      this.say(problem.message);
    } finally {
      element("recount").disabled = false;
    }
  }

  async save(dialog) {
    element("save-yes").disabled = true;
    const body = { parent: this.model.id, weights: this.form.changes(), note: element("save-note").value.trim() || null };
    try {
      await post("/workload-models", { ...body, period: this.form.period() });
      element("save-note").value = "";
      dialog.close();
      await this.load();
    } catch (problem) {
      element("save-fault").textContent = problem.rest?.errors?.[0]?.message ?? problem.message;
      element("save-fault").hidden = false;
    } finally {
      element("save-yes").disabled = false;
    }
  }

  // --- trying out ---

  changed() {
    this.showChanges();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.preview(), PAUSE_MS);
  }

  showChanges() {
    const n = this.form.markChanged();
    element("changes").textContent = n ? t("{n} changes, not saved", { n }) : "";
    element("reset").disabled = !n;
    if (element("save")) element("save").disabled = !n || !this.form.isValid();
  }

  async preview({ fit = false } = {}) {
    if (!this.form.isValid()) return this.say(t("Mend the marked fields first."));
    this.request?.abort();
    this.request = new AbortController();
    const { signal } = this.request;
    const area = element("area").value;
    const weights = this.form.whole();
    document.querySelector(".outcome").setAttribute("aria-busy", "true");
    try {
      const [tried, place] = await Promise.all([
        post("/workload-models/preview", { area, weights }, { signal }),
        fit ? get(`/areas/${area}`, {}, { signal }) : null,
      ]);
      this.shown = { ...tried, postHours: weights.post_h };
      this.say("");
      if (place) await this.map.fit(place.bbox);
      this.paint();
    } catch (problem) {
      if (problem.name !== "AbortError") this.refuse(problem);
    } finally {
      if (!signal.aborted) document.querySelector(".outcome").removeAttribute("aria-busy");
    }
  }

  refuse(problem) {
    this.form.mark(problem.rest?.errors ?? []);
    this.say(problem.rest?.errors?.[0]?.message ?? problem.message);
  }

  say(text) {
    element("weights-fault").textContent = text;
    element("weights-fault").hidden = !text;
  }

  paint() {
    if (!this.shown) return;
    const colour = document.querySelector("input[name=colour]:checked").value;
    this.map.show(this.shown.grids, colour);
    this.outcome.show(this.shown, this.map.classes, colour);
    this.outcome.follow(this.map.shown());
  }

  // --- one grid ---

  async open(grid) {
    this.map.select(grid);
    element("outcome-all").hidden = true;
    this.account.show(this.shown.plan, grid);
    document.querySelector(".outcome").scrollTop = 0;
  }

  close() {
    this.map.select(null);
    element("outcome-all").hidden = false;
  }
}
