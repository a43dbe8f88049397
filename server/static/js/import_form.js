// How a file is read and what may be done with it: columns, coordinates, options. Says when something was changed.

import { get } from "./api.js";
import { h, replace } from "./dom.js";
import { integer } from "./format.js";
import { bytesWords, fieldName } from "./import_words.js";
import { t } from "./words.js";

const SAMPLES = 3;
const SYSTEMS = { wgs84: "EPSG:4326", cgcs2000: "EPSG:4490" };
const SHIFTED = ["gcj02", "bd09"];
const ENCODINGS = ["utf-8", "gb18030", "gbk", "big5"];
const LEVELS = { district: "Districts", town: "Towns", community: "Communities" };
const POLYGONS = ["areas", "cells", "grids"];

export class ImportForm {
  /** `changed()` is called whenever a setting may have been changed. */
  constructor(element, { hasCity, changed }) {
    Object.assign(this, { element, hasCity, changed });
    element.addEventListener("input", () => changed());
  }

  show(job) {
    this.job = job;
    const file = job.file;
    this.columns = file.fields;
    replace(this.element, this.targets(job, file), this.reading(job, file), this.options(job));
    this.saved = JSON.stringify(this.settings());
  }

  get isChanged() {
    return Boolean(this.job) && JSON.stringify(this.settings()) !== this.saved;
  }

  settings() {
    const value = (name) => this.element.querySelector(`[name="${name}"]`)?.value.trim() || null;
    const ticked = (name) => this.element.querySelector(`[name="${name}"]`)?.checked ?? false;
    const system = value("system");
    const fields = Object.fromEntries(this.job.file.targets.map(({ field }) => [field, value(`field:${field}`)]));
    const square = value("gap_max_m2");
    const percent = value("fit_max_percent");
    return {
      layer: value("layer"),
      encoding: value("encoding"),
      crs: system === "epsg" ? value("crs") : (SYSTEMS[system] ?? null),
      datum: SHIFTED.includes(system) ? system : "wgs84",
      fields,
      level: value("level"),
      city_code: value("city_code"),
      city_name: value("city_name"),
      gap_max_m2: square === null ? null : Number(square),
      ...(percent === null ? {} : { fit_max_fraction: Number(percent) / 100 }),
      leave_out: ticked("leave_out"),
      new_kinds: ticked("new_kinds"),
      since: value("since"),
      plan_name: value("plan_name"),
      decision: value("decision") ?? "",
      beside: ticked("beside"),
    };
  }

  // --- columns ---

  targets(job, file) {
    const rows = file.targets.map((target) => this.target(target, job.source.fields ?? {}));
    return h("section", { class: "form-section" }, h("h3", {}, t("Columns")),
      h("p", { class: "muted" }, t("Which column of the file holds what. Guessed from names and content; change what is wrong.")),
      h("table", { class: "mapping" }, h("thead", {}, h("tr", {}, [t("Wanted"), t("Column of the file"), t("Samples")].map((word) => h("th", { scope: "col" }, word)))), h("tbody", {}, rows)));
  }

  target({ field, required, guessed }, chosen) {
    const value = field in chosen ? chosen[field] : guessed;
    const id = `field-${field}`;
    const samples = h("td", { class: "samples" }, this.samplesOf(value));
    const select = h("select", { id, name: `field:${field}`, class: "form-select form-select-sm", "aria-required": String(required) },
      h("option", { value: "" }, t("(none)")),
      this.columns.map(({ name }) => h("option", { value: name, selected: name === value }, name)));
    const missing = () => select.classList.toggle("is-missing", required && !select.value);
    select.addEventListener("change", () => {
      samples.textContent = this.samplesOf(select.value);
      missing();
    });
    missing();
    const mark = required ? h("span", { class: "required" }, t("required")) : null;
    return h("tr", {}, h("th", { scope: "row" }, h("label", { for: id }, fieldName(field)), mark), h("td", {}, select), samples);
  }

  samplesOf(name) {
    const column = this.columns.find((each) => each.name === name);
    return column ? column.samples.slice(0, SAMPLES).join(" · ") : "";
  }

  // --- reading ---

  reading(job, file) {
    const encodings = [...new Set([...ENCODINGS, job.source.encoding].filter(Boolean))];
    return h("section", { class: "form-section" }, h("h3", {}, t("Reading")),
      file.layers.length > 1 ? this.field("layer", t("Layer"), this.select("layer", file.layers.map(({ name, features }) => [name, `${name} (${features})`]), file.layer)) : null,
      this.field("system", t("Coordinate system"), this.systems(job, file)),
      this.field("crs", t("EPSG code"), h("input", { id: "crs", name: "crs", class: "form-control form-control-sm", placeholder: "EPSG:4547", value: job.source.crs ?? "" }), { hidden: systemOf(job) !== "epsg" }),
      this.field("encoding", t("Encoding"), this.select("encoding", [["", t("As read: {name}", { name: file.encoding })], ...encodings.map((name) => [name, name.toUpperCase()])], job.source.encoding ?? "")),
      h("p", { class: "look-fault fault", role: "alert", hidden: true }));
  }

  systems(job, file) {
    const read = file.crs_name || file.crs || t("nothing; taken as degrees");
    const select = this.select("system", [
      ["read", t("As the file says: {name}", { name: read })], ["epsg", t("By EPSG code")], ["wgs84", "WGS 84"], ["cgcs2000", "CGCS2000"],
      ["gcj02", t("GCJ-02 (AMap, Tencent)")], ["bd09", t("BD-09 (Baidu)")],
    ], systemOf(job));
    select.addEventListener("change", () => this.chooseSystem(select.value));
    return select;
  }

  // --- options ---

  options(job) {
    const given = job.options;
    const fields = [];
    if (job.kind === "areas") fields.push(this.field("level", t("Level"), this.select("level", Object.entries(LEVELS).map(([value, word]) => [value, t(word)]), given.level ?? "town")));
    if (job.kind === "areas" && !this.hasCity) {
      fields.push(this.field("city_code", t("Code of the city"), this.input("city_code", given.city_code, { placeholder: "441900", inputmode: "numeric", maxlength: 6 })));
      fields.push(this.field("city_name", t("Name of the city"), this.input("city_name", given.city_name, { maxlength: 100 })));
    }
    if (POLYGONS.includes(job.kind)) {
      fields.push(this.field("gap_max_m2", t("Fill gaps up to (m²)"), this.input("gap_max_m2", given.gap_max_m2, { type: "number", min: 0, step: "any", placeholder: t("a quarter of the median unit") })));
      fields.push(this.field("fit_max_percent", t("Most change of a whole (%)"), this.input("fit_max_percent", (given.fit_max_fraction ?? 0.05) * 100, { type: "number", min: 0, max: 100, step: "any" })));
    } else if (job.kind !== "network") fields.push(this.tick("leave_out", t("Leave out faulty rows and bring in the others"), given.leave_out));
    if (["facilities", "places"].includes(job.kind)) fields.push(this.tick("new_kinds", t("Make new kinds of words that the catalogue does not know"), given.new_kinds));
    if (job.kind === "network") {
      fields.push(this.field("plan_name", t("Name of the network"), this.input("plan_name", given.plan_name, { maxlength: 100, placeholder: job.filename })));
      fields.push(this.tick("beside", t("Leave the network that is in force in force"), given.beside));
    }
    if (job.kind === "grids") {
      fields.push(this.field("since", t("In force from"), this.input("since", given.since, { type: "date" })));
      fields.push(this.field("plan_name", t("Name of the plan"), this.input("plan_name", given.plan_name, { maxlength: 100 })));
      fields.push(this.field("decision", t("Decision that it rests on"), h("textarea", { id: "decision", name: "decision", class: "form-control form-control-sm", rows: 2, maxlength: 2000 }, given.decision ?? "")));
    }
    return h("section", { class: "form-section" }, h("h3", {}, t("Options")), fields);
  }

  // --- controls ---

  field(name, label, control, { hidden = false } = {}) {
    return h("div", { class: "form-row", dataset: { field: name }, hidden }, h("label", { for: name }, label), control);
  }

  input(name, value, more = {}) {
    return h("input", { id: name, name, class: "form-control form-control-sm", value: value ?? "", ...more });
  }

  select(name, choices, value) {
    return h("select", { id: name, name, class: "form-select form-select-sm" }, choices.map(([each, word]) => h("option", { value: each, selected: each === value }, word)));
  }

  tick(name, label, on) {
    return h("label", { class: "form-tick" }, h("input", { type: "checkbox", name, class: "form-check-input", checked: Boolean(on) }), h("span", {}, label));
  }

  /** Keep the choice of a system by its code, though the code is not written yet. */
  chooseSystem(system) {
    this.element.querySelector("[name=system]").value = system;
    this.element.querySelector("[data-field=crs]").hidden = system !== "epsg";
  }

  /** Another layer or encoding has other columns: look at the file that way and guess anew. */
  async lookAgain() {
    const { layer, encoding } = this.settings();
    const fault = this.element.querySelector(".look-fault");
    fault.hidden = true;
    try {
      const { file } = await get(`/imports/${this.job.id}`, Object.fromEntries(Object.entries({ layer, encoding }).filter(([, value]) => value)));
      const saved = this.saved;
      const system = this.element.querySelector("[name=system]").value;
      const { crs, datum, ...source } = { ...this.job.source, ...this.settings() };
      this.show({ ...this.job, file, source: { ...source, crs, datum, layer, encoding, fields: null }, options: this.settings() });
      this.saved = saved;
      this.chooseSystem(system);
    } catch (problem) {
      fault.textContent = problem.message;
      fault.hidden = false;
    }
    this.changed();
  }
}

function systemOf({ source }) {
  if (SHIFTED.includes(source.datum)) return source.datum;
  if (!source.crs) return "read";
  return Object.keys(SYSTEMS).find((name) => SYSTEMS[name] === source.crs) ?? "epsg";
}

/** What the file is, as a list of facts. */
export function fileFacts(job) {
  const { file } = job;
  const facts = [
    [t("File"), job.filename], [t("Size"), bytesWords(job.bytes)], [t("Format"), file.format],
    ...(file.layers.length > 1 ? [[t("Layer"), `${file.layer} (${file.layers.map(({ name }) => name).join(", ")})`]] : []),
    [t("Features"), file.features < 0 ? t("known once checked") : integer(file.features)], [t("Shapes"), file.geometry_type ?? t("none")],
    [t("Coordinate system"), file.crs_name || file.crs || t("not said")], [t("Encoding"), `${file.encoding} (${file.encoding_how})`],
  ];
  return [
    h("dl", { class: "file-facts" }, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    file.notes.length ? h("ul", { class: "file-notes" }, file.notes.map((note) => h("li", {}, note))) : null,
  ];
}
