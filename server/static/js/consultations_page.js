// The list of what is put to residents; planners put more to them.

import { get, post } from "./api.js";
import { supportBar } from "./consultation_page.js";
import { h, icon, replace } from "./dom.js";
import { date } from "./format.js";
import { named, t } from "./words.js";

const element = (id) => document.getElementById(id);
const DAY_MS = 86_400_000;
const USUAL_DAYS = 30;

async function load() {
  try {
    const { consultations } = await get("/consultations");
    replace(element("list"), consultations.length ? consultations.map(card) : h("div", { class: "note" }, icon("chat-square-text"), h("p", {}, t("Nothing is put to residents at the moment."))));
    element("fault").hidden = true;
  } catch (problem) {
    element("fault").hidden = false;
    replace(element("fault"), problem.detail ?? problem.title, " ", h("button", { type: "button", class: "btn-link", onclick: load }, t("Try again")));
  }
  element("list").setAttribute("aria-busy", "false");
}

function card(held) {
  const state = held.takes_opinions ? h("span", { class: "badge-state is-open" }, t("Open until {date}", { date: date(held.open.to) })) : h("span", { class: "badge-state" }, t("Closed"));
  return h(
    "article",
    { class: "work-card padded consultation-card" },
    h("h2", {}, h("a", { href: `/consultations/${held.id}` }, named(held.title))),
    h("p", { class: "muted" }, [named(held.kind.name), named(held.area.name), named(held.stage.name)].join(" · "), " ", state),
    h("p", { class: "summary" }, named(held.summary)),
    supportBar(held.voices, held.support_needed),
  );
}

function day(offset) {
  return new Date(Date.now() + offset * DAY_MS).toISOString().slice(0, 10);
}

async function buildForm() {
  element("since").value = day(0);
  element("until").value = day(USUAL_DAYS);
  element("kind").addEventListener("change", () => {
    const plan = element("kind").value === "plan";
    element("plan-choice").hidden = !plan;
    element("area-choice").hidden = plan;
  });
  element("new").addEventListener("submit", put);
  const { plans } = await get("/plans", { state: "draft" });
  const drafts = plans.filter(({ state }) => state && (state.code ?? state) === "draft");
  const asked = new URLSearchParams(location.search).get("plan");
  replace(element("plan"), drafts.length ? drafts.map((plan) => h("option", { value: plan.id, selected: String(plan.id) === asked }, named(plan.name))) : h("option", { value: asked ?? "" }, asked ? t("Plan {id}", { id: asked }) : t("There is no draft")));
  if (asked) element("put").open = true;
}

async function put(event) {
  event.preventDefault();
  const both = (name) => ({ zh: element(`${name}-zh`).value, en: element(`${name}-en`).value });
  const kind = element("kind").value;
  const about = kind === "plan" ? { plan: Number(element("plan").value) } : { area: element("area").value.trim() };
  try {
    const { id } = await post("/consultations", { kind, ...about, title: both("title"), summary: both("summary"), since: element("since").value, until: element("until").value });
    location.href = `/consultations/${id}`;
  } catch (problem) {
    element("new-said").className = "is-fault";
    element("new-said").textContent = problem.detail ?? problem.title;
  }
}

load();
if (element("new")) buildForm();
