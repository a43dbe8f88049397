// The catalogue of matters: found, looked through in time, proposed and decided.

import { get, post } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { cityDay, date, dateTime, integer } from "./format.js";
import { named, t } from "./words.js";

const STATES = { in_force: "In force", coming: "From a coming day", retired: "Retired" };
const WHAT = { admit: "Admission", revise: "Revision", retire: "Retirement" };
const SETTLED = { proposed: "Proposed", decided: "Decided", refused: "Refused" };
const SOON_STATE = "is-waiting";

const byId = (id) => document.getElementById(id);
const flags = byId("matters").dataset;
const mayPropose = "mayPropose" in flags;
const mayDecide = "mayDecide" in flags;
const filters = byId("filters");
let matters = [];
let chosen;
let wanted;

async function load() {
  try {
    const [catalogue, proposed] = await Promise.all([get("/matters/catalogue"), get("/matters/decisions", { state: "proposed" })]);
    matters = catalogue.matters;
    show();
    byId("proposals-card").hidden = !proposed.decisions.length;
    replace(byId("proposals"), proposed.decisions.map((each) => decision(each, mayDecide)));
  } catch (problem) {
    replace(byId("rows"), h("div", { class: "note" }, icon("cloud-slash"), h("p", { role: "alert" }, problem.message), h("button", { type: "button", class: "btn btn-outline-secondary", onclick: load }, t("Try again"))));
  }
}

function show() {
  const { q, by, state } = Object.fromEntries(new FormData(filters));
  const fits = (each) => (!by || each.department.code === by) && (!state || each.state === state) && `${each.code} ${each.name.zh} ${each.name.en} ${each.category.zh} ${each.category.en}`.toLowerCase().includes(q.trim().toLowerCase());
  const found = matters.filter(fits);
  byId("found").textContent = t("{n} matters", { n: integer(found.length) });
  const groups = Map.groupBy ? Map.groupBy(found, (each) => named(each.category)) : grouped(found);
  const parts = [...groups].flatMap(([category, rows]) => [h("h3", {}, category), ...rows.map(row)]);
  replace(byId("rows"), parts.length ? parts : h("div", { class: "note" }, icon("search"), h("p", {}, t("No matter fits these filters."))));
  byId("rows").removeAttribute("aria-busy");
}

function grouped(rows) {
  const groups = new Map();
  for (const each of rows) groups.set(named(each.category), [...(groups.get(named(each.category)) ?? []), each]);
  return groups;
}

function row(each) {
  const limit = t("{h} h, {min} min", { h: each.time_limit_h, min: integer(each.standard_min) });
  return h("div", { class: "matter-row", dataset: { code: each.code } }, h("code", {}, each.code),
    h("button", { type: "button", onclick: () => open(each.code) }, named(each.name)), h("small", {}, named(each.department.name)), h("small", {}, limit), badge(each));
}

function badge(each) {
  const until = each.state === "in_force" && each.retired_on ? t("until {day}", { day: date(each.retired_on) }) : null;
  const from = each.state === "coming" ? t("from {day}", { day: date(each.admitted_on) }) : null;
  const kind = { in_force: until ? SOON_STATE : "is-open", coming: SOON_STATE }[each.state] ?? "";
  return h("span", { class: `badge-state ${kind}` }, until ?? from ?? t(STATES[each.state]));
}

function decision(each, act) {
  const head = `${t(WHAT[each.what])} · ${each.code} ${each.content.fields.name_zh ?? ""} · ${t(SETTLED[each.state])}`;
  const day = each.effective_on ? t("takes effect on {day}", { day: date(each.effective_on) }) : null;
  const settled = each.decided_at && [each.decision, day, each.decided_by, dateTime(each.decided_at)].filter(Boolean).join(" · ");
  const button = act && h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: () => ask(each, head) }, t("Decide"));
  const changes = each.what === "revise" ? each.content.changed.map((name) => `${name}: ${each.content.fields[name]}`).join("; ") : "";
  return h("li", {}, h("strong", {}, head), h("p", {}, [changes, each.reason, each.proposed_by, dateTime(each.proposed_at)].filter(Boolean).join(" · ")), settled ? h("p", {}, settled) : null, button);
}

async function open(code) {
  const told = await get(`/matters/${code}`);
  [chosen] = told.versions;
  byId("matter-title").textContent = chosen ? named(chosen.name) : code;
  byId("matter-kind").textContent = [code, chosen && named(chosen.category), chosen && named(chosen.department.name)].filter(Boolean).join(" · ");
  replace(byId("versions"), told.versions.map(version));
  replace(byId("history"), told.decisions.length ? told.decisions.map((each) => decision(each, false)) : h("li", { class: "muted" }, t("No decision is on record yet.")));
  const acts = byId("matter-acts");
  if (acts) acts.hidden = !chosen || chosen.retired_on !== null || (flags.own && flags.own !== chosen.department.code);
  byId("matter-sheet").showModal();
}

function version(each) {
  const facts = [t("{h} h, {min} min", { h: each.time_limit_h, min: integer(each.standard_min) }), t("urgency {n}", { n: each.urgency }), named(each.department.name)];
  const life = each.retired_on ? `${date(each.admitted_on)} – ${date(each.retired_on)}` : t("from {day}", { day: date(each.admitted_on) });
  return h("li", {}, h("strong", {}, t("Version {n}", { n: each.version })), " ", badge(each), h("p", {}, `${named(each.name)} · ${facts.join(" · ")}`), h("p", {}, life));
}

function propose(what) {
  wanted = what;
  const form = byId("proposal-form");
  form.reset();
  fault(form);
  byId("proposal-title").textContent = t({ admit: "Propose a matter", revise: "Propose a revision", retire: "Propose to retire it" }[what]);
  form.elements.code.readOnly = what !== "admit";
  byId("content").hidden = what === "retire";
  byId("content").disabled = what === "retire";
  if (what !== "admit") fill(form);
  byId("matter-sheet").close();
  byId("proposal-sheet").showModal();
}

function fill(form) {
  const flat = { ...chosen, name_zh: chosen.name.zh, name_en: chosen.name.en, category_zh: chosen.category.zh, category_en: chosen.category.en, department: chosen.department.code };
  form.elements.code.value = chosen.code;
  for (const input of byId("content").querySelectorAll("[name]")) input.value = flat[input.name] ?? "";
}

function content() {
  const inputs = [...byId("content").querySelectorAll("[name]")];
  return Object.fromEntries(inputs.map(({ name, value, dataset }) => [name, value === "" ? null : "number" in dataset ? Number(value) : value]));
}

function fault(form, text = "") {
  const box = form.querySelector(".form-error");
  box.textContent = text;
  box.hidden = !text;
  if (text) box.scrollIntoView({ block: "nearest" });
}

async function attempt(form, dialog, act) {
  fault(form);
  try {
    await act();
    dialog.close();
    await load();
  } catch (problem) {
    fault(form, problem.message);
  }
}

function ask(each, head) {
  const form = byId("decision-form");
  const dialog = byId("decision-sheet");
  form.reset();
  fault(form);
  byId("decision-title").textContent = head;
  form.elements.effective_on.value = cityDay();
  form.elements.effective_on.min = cityDay();
  const path = `/matters/decisions/${each.id}`;
  form.onsubmit = (event) => {
    event.preventDefault();
    const { decision: text, effective_on: day } = Object.fromEntries(new FormData(form));
    attempt(form, dialog, () => post(`${path}/decide`, { decision: text, effective_on: day }));
  };
  byId("refuse").onclick = () => attempt(form, dialog, () => post(`${path}/refuse`, { decision: form.elements.decision.value }));
  dialog.showModal();
}

for (const button of document.querySelectorAll("dialog [data-close]")) button.addEventListener("click", () => button.closest("dialog").close());
filters.addEventListener("input", show);
filters.addEventListener("submit", (event) => event.preventDefault());
if (mayPropose) {
  byId("admit").addEventListener("click", () => propose("admit"));
  byId("revise").addEventListener("click", () => propose("revise"));
  byId("retire").addEventListener("click", () => propose("retire"));
  byId("proposal-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const { code, reason } = Object.fromEntries(new FormData(event.target));
    attempt(event.target, byId("proposal-sheet"), () => post("/matters/decisions", { code, what: wanted, reason, content: wanted === "retire" ? {} : content() }));
  });
}
load();
