// The fields that steps may need: each an element, and `value()` as the server takes it.

import { get, postForm } from "./api.js";
import { h, replace } from "./dom.js";
import { coordinates, metres } from "./format.js";
import { OfficerList } from "./live_officer_list.js";
import { URGENCY_WORDS } from "./live_stages.js";
import { dueWords, minuteWords } from "./live_time.js";
import { named, t } from "./words.js";

const NOTE_LIMIT = 2000;
const ABOVE = ["community", "town", "city"];

export const FIELDS = {
  "note": ({ required }) => note(t("Note"), required),
  "note?": () => note(t("Note for whoever gets it"), false),
  "whom": (given) => new OfficerList(given),
  "hours": () => number("hours", t("Working hours more"), { min: 1, max: 240, value: 8 }),
  "until": () => until(),
  "urgency": ({ found }) => choice("urgency", t("Urgency"), Object.entries(URGENCY_WORDS).map(([value, words]) => [value, t(words)]), { value: String(found.urgency), as: Number }),
  "matter": ({ found, desk }) => choice("matter", t("Matter"), [...desk.names.matters.values()].map(({ code, name }) => [code, named(name)]), { value: found.matter.code }),
  "parties": ({ found, desk }) => parties(found, desk),
  "lead": (given) => lead(given),
  "area": ({ found, step }) => area(found, step),
  "place": ({ desk }) => place(desk),
  "photo": () => photo(),
};

/** What all fields together send. */
export const values = (fields) => Object.assign({}, ...fields.map((field) => field.value()));

const labelled = (label, control) => h("label", { class: "act-field" }, h("span", { class: "form-label" }, label), control);

function note(label, required) {
  const control = h("textarea", { class: "form-control", rows: 2, maxlength: NOTE_LIMIT, required });
  return { element: labelled(label, control), value: () => (control.value.trim() ? { note: control.value.trim() } : {}) };
}

function number(name, label, { value, ...limits }) {
  const control = h("input", { class: "form-control", type: "number", value, required: true, ...limits });
  return { element: labelled(label, control), value: () => ({ [name]: Number(control.value) }) };
}

function choice(name, label, pairs, { value, as = String, required = true }) {
  const control = h("select", { class: "form-select", required }, pairs.map(([code, words]) => h("option", { value: code }, words)));
  if (value) control.value = value;
  return { element: labelled(label, control), value: () => (control.value ? { [name]: as(control.value) } : {}) };
}

/** Until when the clock stands still; without a day it stands until somebody lets it go on. */
function until() {
  const control = h("input", { class: "form-control", type: "datetime-local" });
  return { element: labelled(t("Goes on by itself at (may stay open)"), control), value: () => (control.value ? { until: new Date(control.value).toISOString() } : {}) };
}

function parties(found, desk) {
  const boxes = desk.names.departments.filter(({ code }) => code !== found.department?.code).map(({ code, name }) => {
    const box = h("input", { class: "form-check-input", type: "checkbox", value: code });
    return { box, row: h("label", { class: "act-choice" }, box, named(name)) };
  });
  return { element: h("fieldset", { class: "act-field act-choices" }, h("legend", { class: "form-label" }, t("Departments that join in")), boxes.map(({ row }) => row)), value: () => ({ parties: boxes.filter(({ box }) => box.checked).map(({ box }) => box.value) }) };
}

/** The case that this one is merged into: one that is near, or any other by its number. */
function lead({ found }) {
  const list = h("div", { class: "act-choices", "aria-busy": "true" }, h("div", { class: "skeleton w-75" }));
  const other = h("input", { class: "form-control", type: "text", placeholder: t("Number of another case"), autocomplete: "off" });
  const element = h("div", { class: "act-field" }, h("span", { class: "form-label" }, t("Goes on as part of")), list, other);
  get(`/cases/${found.number}/near`).then(({ cases }) => replace(list, cases.length ? cases.map((each, i) => nearRow(each, i)) : h("p", { class: "muted" }, t("No open case of this matter near by."))), (problem) => replace(list, h("p", { class: "inline-error" }, problem.message)))
    .finally(() => list.removeAttribute("aria-busy"));
  return { element, value: () => ({ lead: other.value.trim() || list.querySelector("input:checked")?.value || "" }) };
}

function nearRow(each, i) {
  const far = [metres(each.metres), minuteWords(each.minutes)].join(" · ");
  const due = dueWords({ state: each.state.code, due: each.due_at ? Date.parse(each.due_at) : null });
  return h("label", { class: "act-choice" }, h("input", { class: "form-check-input", type: "radio", name: "lead", value: each.number, checked: i === 0 }),
    h("span", {}, `${each.number} · ${named(each.matter.name)}`, h("small", {}, `${far} · ${due}${each.address ? ` · ${each.address}` : ""}`)));
}

/** Where a case goes up to, or down to: only areas that it lies in. */
function area(found, { action }) {
  const own = ABOVE.indexOf(found.command.level);
  const ways = ["community", "town"].filter((level) => found[level]?.code && (action === "escalate" ? ABOVE.indexOf(level) > own : ABOVE.indexOf(level) < own));
  const pairs = ways.map((level) => [found[level].code, named(found[level].name)]);
  if (action === "escalate") pairs.unshift(["", t("The next level up")]);
  return choice("area", action === "escalate" ? t("Up to") : t("Down to"), pairs, { required: action !== "escalate" });
}

/** The right place: a click on the map. */
function place(desk) {
  let chosen = null;
  const words = h("p", { class: "hint", "aria-live": "polite" }, t("Click the right place on the map."));
  desk.pick((latlng) => {
    chosen = latlng;
    words.textContent = coordinates(latlng);
  });
  return { element: h("div", { class: "act-field" }, words), value: () => (chosen ? { lon: chosen.lng, lat: chosen.lat } : {}) };
}

function photo() {
  const kept = [];
  const told = h("span", { class: "hint", role: "status" });
  const control = h("input", { class: "form-control", type: "file", accept: "image/*", multiple: true });
  control.addEventListener("change", async () => {
    for (const file of control.files) {
      const form = new FormData();
      form.append("photo", file);
      await postForm("/photos", form).then(({ id }) => kept.push(id), (problem) => { told.textContent = problem.message; });
    }
    if (kept.length) told.textContent = t("{n} photos kept", { n: kept.length });
  });
  return { element: h("div", { class: "act-field" }, labelled(t("Photos"), control), told), value: () => ({ photos: [...kept] }) };
}
