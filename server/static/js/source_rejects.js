// Records that could not be taken: looked at, corrected field by field, replayed or dropped.

import { get, patch, post } from "./api.js";
import { h, replace } from "./dom.js";
import { dateTime, integer } from "./format.js";
import { reason, way } from "./source_words.js";
import { t } from "./words.js";

const PAGE = 20;

export class Rejects {
  constructor(code, { mayChange, changed }) {
    Object.assign(this, { path: `/sources/${code}/rejects`, mayChange, changed });
    this.list = document.getElementById("rejects");
    this.more = document.getElementById("more-rejects");
    this.all = document.getElementById("replay-all");
    this.dialog = document.getElementById("reject-sheet");
    this.form = document.getElementById("reject-form");
    this.more.addEventListener("click", () => this.load(this.last));
    this.all?.addEventListener("click", () => this.replayAll());
    this.form.addEventListener("submit", (event) => this.save(event));
    document.getElementById("drop").addEventListener("click", () => this.drop());
    for (const button of this.dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => this.dialog.close());
  }

  async load(before) {
    const { rejects, matched } = await get(this.path, { limit: PAGE, ...(before ? { before } : {}) });
    const rows = rejects.map((each) => this.row(each));
    if (before) this.list.append(...rows);
    else replace(this.list, rows.length ? rows : h("p", { class: "empty-line" }, t("Nothing waits here.")));
    document.getElementById("reject-count").textContent = integer(matched);
    this.last = rejects.at(-1)?.id;
    this.more.hidden = rejects.length < PAGE;
    if (this.all) this.all.hidden = matched === 0;
  }

  row(reject) {
    const from = [dateTime(reject.at), way(reject.way), reject.name, t("row {n}", { n: reject.row })].filter(Boolean).join(" · ");
    const button = this.mayChange && h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: () => this.open(reject) }, t("Correct"));
    return h("li", { dataset: { id: reject.id } }, h("div", {}, h("ul", { class: "reasons" }, reject.reasons.map(reason)), h("p", {}, `${reject.source_key ?? "–"} · ${from}`)), button);
  }

  open(reject) {
    this.reject = reject;
    this.fault();
    document.getElementById("reject-kind").textContent = reject.source_key ?? t("row {n}", { n: reject.row });
    replace(document.getElementById("reject-reasons"), reject.reasons.map(reason));
    const record = isObject(reject.record) ? reject.record : {};
    replace(document.getElementById("reject-fields"), Object.entries(record).map(([name, value]) => field(name, value)));
    document.getElementById("drop-reason").value = "";
    if (!this.dialog.open) this.dialog.showModal();
  }

  get record() {
    const inputs = [...document.querySelectorAll("#reject-fields [name]")];
    return Object.fromEntries(inputs.map((input) => [input.name, input.value === input.dataset.was ? JSON.parse(input.dataset.json) : parsed(input)]));
  }

  async save(event) {
    event.preventDefault();
    await this.attempt(async () => {
      const kept = await patch(`${this.path}/${this.reject.id}`, { record: this.record });
      const { results } = await post(`${this.path}/${this.reject.id}/replay`, {});
      if (results[0].number) this.done();
      else this.open({ ...kept, reasons: results[0].reasons ?? kept.reasons });
    });
  }

  async drop() {
    await this.attempt(async () => {
      await post(`${this.path}/${this.reject.id}/drop`, { reason: document.getElementById("drop-reason").value });
      this.done();
    });
  }

  async replayAll() {
    await post(`${this.path}/replay`, {});
    this.changed();
  }

  async attempt(act) {
    this.fault();
    try {
      await act();
    } catch (problem) {
      this.fault(problem.message);
    }
  }

  fault(text = "") {
    const box = this.form.querySelector(".form-error");
    box.textContent = text;
    box.hidden = !text;
  }

  done() {
    this.dialog.close();
    this.changed();
  }
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function field(name, value) {
  const shown = typeof value === "string" ? value : value === null ? "" : JSON.stringify(value);
  const id = `r-${name}`;
  const input = h("input", { class: "form-control", id, name, value: shown, autocomplete: "off", spellcheck: "false", dataset: { was: shown, json: JSON.stringify(value) } });
  return h("div", {}, h("label", { class: "form-label", for: id }, name), input);
}

/** What was typed: in a field that held no text, JSON where it is some. */
function parsed(input) {
  if (typeof JSON.parse(input.dataset.json) === "string") return input.value;
  try {
    return JSON.parse(input.value);
  } catch {
    return input.value;
  }
}
