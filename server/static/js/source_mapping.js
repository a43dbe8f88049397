// The form that says which field of a department's record holds what; tried on a file before it is kept.

import { post } from "./api.js";
import { h, replace } from "./dom.js";
import { dateTime } from "./format.js";
import { reason, reasonText } from "./source_words.js";
import { send } from "./upload.js";
import { t } from "./words.js";

const TABLES = { matters: (text) => text, urgencies: (text) => Number(text) };

export class MappingForm {
  constructor(form) {
    this.form = form;
    this.box = form.querySelector(".form-error");
  }

  show(mapping) {
    for (const input of this.inputs()) {
      const value = mapping[input.name];
      input.value = input.name in TABLES ? Object.entries(value ?? {}).map(([word, stands]) => `${word} = ${stands}`).join("\n") : (value ?? (input.name === "datum" ? "wgs84" : ""));
    }
  }

  inputs() {
    return this.form.querySelectorAll(".mapping-fields [name]");
  }

  get value() {
    const told = {};
    for (const { name, value } of this.inputs()) {
      if (name in TABLES) Object.assign(told, table(name, value));
      else if (value.trim()) told[name] = value.trim();
    }
    return told;
  }

  offer(fields) {
    replace(document.getElementById("field-names"), fields.map((field) => h("option", { value: field })));
  }

  clear() {
    this.box.hidden = true;
    for (const input of this.form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  }

  /** Say what the server found wrong: at the fields that it names, and in words above. */
  refuse(problem) {
    const faults = problem.rest?.errors ?? [];
    for (const { field } of faults) this.form.querySelector(`[name="${field}"]`)?.setAttribute("aria-invalid", "true");
    const said = faults.filter((fault) => fault.code);
    replace(this.box, said.length ? h("ul", { class: "reasons" }, said.map(reason)) : problem.message);
    this.box.hidden = false;
    this.box.scrollIntoView({ block: "nearest" });
  }
}

function table(name, text) {
  const pairs = text.split("\n").map((line) => line.split(/\s*[=＝]\s*/)).filter(([word, stands]) => word?.trim() && stands);
  return pairs.length ? { [name]: Object.fromEntries(pairs.map(([word, stands]) => [word.trim(), TABLES[name](stands.trim())])) } : {};
}

/** The first records of a file, read by the server. */
export const sampleOf = (file) => send(file, `/api/v1/sources/sample?filename=${encodeURIComponent(file.name)}`, () => {}).answered;

/** How the records would come in, as a table in `element`. */
export async function preview(element, { mapping, records }) {
  const { rows } = await post("/sources/preview", { mapping, records });
  const heads = ["Number of the record", "Matter", "Place", "Reported", "Urgency", "Description"].map((head) => h("th", { scope: "col" }, t(head)));
  replace(element, h("table", { class: "rows preview-table" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows.map(row))));
  element.hidden = false;
  return rows.filter(({ report }) => report).length;
}

function row({ id, report, reasons }) {
  if (!report) return h("tr", { class: "is-bad" }, h("td", {}, id ?? "–"), h("td", { colspan: 5 }, reasons.map(reasonText).join("; ")));
  const place = `${report.lon.toFixed(5)}, ${report.lat.toFixed(5)}`;
  return h("tr", {}, [id, report.matter, place, dateTime(report.reported_at), report.urgency ?? "–", report.description ?? ""].map((cell) => h("td", {}, cell)));
}
