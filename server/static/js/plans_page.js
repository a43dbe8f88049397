// The page of all plans: in groups by how they stand, with what a planner does to each.

import { get, remove } from "./api.js";
import { ask } from "./boxes.js";
import { h, icon, replace } from "./dom.js";
import { date, dateTime, integer } from "./format.js";
import { PlanActs } from "./plan_acts.js";
import { NewDraft } from "./plans_new.js";
import { codeOf, stateWords } from "./studio_words.js";
import { named, t } from "./words.js";

const GROUPS = [["published", "In force"], ["coming", "To come"], ["consultation", "In consultation"], ["draft", "Drafts"], ["superseded", "Earlier plans"], ["withdrawn", "Withdrawn"]];
const STATE_CLASS = { draft: "is-open", coming: "is-waiting", consultation: "is-waiting", published: "is-open" };
const DRAFTS = new Set(["draft", "consultation"]);
const AREAS_NAMED = 3;
const JUDGED = 12;
const SEEN = 0.001; // less of a difference is none

const page = document.getElementById("plans-page");
const groups = document.getElementById("groups");
const fault = document.getElementById("fault");
const bar = document.getElementById("compare-bar");
const mayEdit = page.dataset.mayEdit === "true";
const mayRestore = page.dataset.mayRestore === "true";
const compared = [];
const dialog = mayEdit ? new NewDraft(document.getElementById("draft"), JSON.parse(page.dataset.own)) : null;
const acts = mayEdit ? new PlanActs(document.getElementById("plan-act"), { done: load }) : null;

document.getElementById("new-draft")?.addEventListener("click", () => dialog.open());
document.getElementById("compare-none").addEventListener("click", () => {
  compared.length = 0;
  for (const box of groups.querySelectorAll("input")) box.checked = false;
  tellCompared();
});

async function load() {
  groups.setAttribute("aria-busy", "true");
  try {
    const { plans } = await get("/plans");
    show(plans);
    fault.hidden = true;
    await Promise.all(plans.filter(({ state }) => DRAFTS.has(codeOf(state))).slice(0, JUDGED).map(judge));
  } catch (problem) {
    fail(problem);
  }
  groups.removeAttribute("aria-busy");
}

/** How even a draft is by now: asked for after the list is there. */
async function judge(plan) {
  const { summary } = await get(`/plans/${plan.id}`);
  groups.querySelector(`[data-id="${plan.id}"] .plan-figures`)?.replaceWith(figures({ ...plan, summary }));
}

function fail(problem) {
  replace(fault, h("span", {}, problem.message), h("button", { type: "button", class: "btn-link", onclick: load }, t("Try again")));
  fault.hidden = false;
  groups.querySelectorAll(".row-skeleton").forEach((bone) => bone.remove());
}

function show(plans) {
  const shown = GROUPS.map(([state, words]) => [words, plans.filter((plan) => codeOf(plan.state) === state), state]).filter(([, found, state]) => found.length || state === "draft");
  replace(groups, shown.map(([words, found]) => group(t(words), found)));
}

function group(words, plans) {
  return h(
    "section", { class: "plans-group" },
    h("h2", {}, words, h("span", { class: "count" }, integer(plans.length))),
    h("div", { class: "work-card" }, plans.length ? plans.map(row) : h("div", { class: "note" }, icon("pencil-square"), h("p", {}, t("No draft yet: a new one starts from the plan in force.")))),
  );
}

function row(plan) {
  const state = codeOf(plan.state);
  const box = h("input", { type: "checkbox", class: "form-check-input", "aria-label": t("Compare {plan}", { plan: named(plan.name) }), checked: compared.includes(plan.id) });
  box.addEventListener("change", () => compare(plan.id, box));
  return h(
    "article", { class: "plan-row", dataset: { id: plan.id, state } },
    box,
    h("div", {}, h("h3", {}, h("a", { href: `/plans/${plan.id}` }, named(plan.name))), h("p", {}, h("span", { class: `badge-state ${STATE_CLASS[state] ?? ""}` }, stateWords(plan.state)), ` ${life(plan, state)}`)),
    h("div", {}, h("p", {}, scopeWords(plan.scope)), h("p", {}, [plan.author, plan.workload_model ? named(plan.workload_model.name) : null].filter(Boolean).join(" · "))),
    figures(plan),
    h("div", { class: "plan-actions" }, actions(plan, state)),
  );
}

function life({ valid, changed_at: changedAt }, state) {
  if (state === "coming") return t("from {from} on", { from: date(valid.from) });
  if (valid?.from && valid?.to) return t("{from} – {to}", { from: date(valid.from), to: date(valid.to) });
  if (valid?.from) return t("since {from}", { from: date(valid.from) });
  return t("changed {time}", { time: dateTime(changedAt) });
}

function scopeWords(scope = []) {
  const names = scope.slice(0, AREAS_NAMED).map((area) => named(area.name) || area.code).join(", ");
  return scope.length > AREAS_NAMED ? t("{names} and {n} more areas", { names, n: scope.length - AREAS_NAMED }) : names;
}

function figures({ summary: s, edits, grids_changed: changed }) {
  const better = s?.variation_mean != null && s?.variation_mean_before != null ? Math.sign(Math.round((s.variation_mean_before - s.variation_mean) / SEEN)) : 0;
  const say = (value) => value.toFixed(3);
  return h(
    "div", { class: "plan-figures" },
    s?.variation_mean != null ? h("span", {}, `${t("Unevenness")} `, h("strong", { class: better > 0 ? "is-better" : better < 0 ? "is-worse" : null }, s.variation_mean_before != null && better ? `${say(s.variation_mean_before)} → ${say(s.variation_mean)}` : say(s.variation_mean))) : null,
    edits ? h("span", {}, t("Edits: {edits}, grids changed: {grids}", { edits: integer(edits), grids: integer(changed) })) : null,
    s?.cells_moved ? h("span", {}, t("Cells moved: {cells}, residents: {residents}", { cells: integer(s.cells_moved), residents: integer(s.residents_moved) })) : null,
  );
}

function actions(plan, state) {
  const isOpen = DRAFTS.has(state) && mayEdit;
  const isDraft = isOpen && state === "draft";
  return [
    h("a", { class: "btn btn-outline-secondary btn-sm", href: `/plans/${plan.id}` }, isDraft ? t("Edit") : t("Look")),
    plan.parent ? h("a", { class: "btn btn-outline-secondary btn-sm", href: `/plans/compare?a=${plan.parent.id ?? plan.parent}&b=${plan.id}` }, t("What changes")) : null,
    isDraft ? h("a", { class: "btn btn-outline-secondary btn-sm", href: `/consultations?plan=${plan.id}` }, t("Put to residents")) : null,
    isOpen ? symbolButton(t("Duplicate"), "copy", "btn-outline-secondary", () => dialog.open({ copyOf: plan })) : null,
    isDraft ? symbolButton(t("Withdraw"), "archive", "btn-outline-danger", () => withdraw(plan)) : null,
    state === "published" && mayEdit ? button(t("Redraw"), "btn-outline-secondary", () => dialog.open()) : null,
    state === "coming" && mayEdit ? button(t("Cancel this plan"), "btn-outline-danger", () => acts.cancel(plan)) : null,
    state === "superseded" && mayRestore ? button(t("Put in force again"), "btn-outline-secondary", () => acts.restore(plan)) : null,
  ];
}

const button = (words, kind, onclick) => h("button", { type: "button", class: `btn ${kind} btn-sm`, onclick }, words);

const symbolButton = (words, symbol, kind, onclick) => h("button", { type: "button", class: `btn ${kind} btn-sm`, title: words, "aria-label": words, onclick }, icon(symbol));

async function withdraw(plan) {
  const sure = await ask({ title: t("Withdraw this draft?"), text: t("{plan}: its edits are kept to be read, but nobody can go on with it.", { plan: named(plan.name) }), yes: t("Withdraw") });
  if (!sure) return;
  try {
    await remove(`/plans/${plan.id}`);
    await load();
  } catch (problem) {
    fail(problem);
  }
}

function compare(id, box) {
  if (box.checked) compared.push(id);
  else compared.splice(compared.indexOf(id), 1);
  if (compared.length > 2) {
    const dropped = compared.shift();
    groups.querySelector(`[data-id="${dropped}"] input`).checked = false;
  }
  tellCompared();
}

function tellCompared() {
  bar.hidden = !compared.length;
  const ready = compared.length === 2;
  document.getElementById("compare-words").textContent = ready ? t("Two plans chosen") : t("Choose another plan to compare");
  const go = document.getElementById("compare-go");
  go.classList.toggle("disabled", !ready);
  if (ready) go.href = `/plans/compare?a=${compared[0]}&b=${compared[1]}`;
  else go.removeAttribute("href");
}

load();
