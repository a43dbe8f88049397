// The administrator's page: who may log in, as rows that open at the side.

import { AccountSheet } from "./account_sheet.js";
import { get } from "./api.js";
import { AreaPicker } from "./area_picker.js";
import { h, icon, replace } from "./dom.js";
import { dateTime } from "./format.js";
import { named, t } from "./words.js";

const PAUSE_MS = 200;
const PAGE = 50;
const SKELETONS = 5;
const LEVEL_WORDS = { city: "City", town: "Town", community: "Community" };

const filters = document.getElementById("filters");
const rows = document.getElementById("rows");
const body = rows.tBodies[0];
const found = document.getElementById("found");
const note = document.getElementById("note");
const more = document.getElementById("more");
const { me, area: code, areaName, areaLevel } = document.getElementById("accounts").dataset;
const own = { me, area: { code, name: areaName, level: areaLevel } };
const area = new AreaPicker(document.getElementById("filter-area"), own.area, () => load());
const sheet = new AccountSheet(document.getElementById("account"), own, () => load());
let request;
let timer;

filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("change", (event) => event.target.name && load());
document.getElementById("filter-words").addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(load, PAUSE_MS);
});
document.getElementById("open-account").addEventListener("click", () => sheet.openNew());
more.addEventListener("click", () => load(body.rows.length));

function asked(offset) {
  const given = Object.fromEntries([...new FormData(filters)].filter(([, value]) => value));
  return { ...given, ...(area.code ? { area: area.code } : {}), limit: PAGE, offset };
}

async function load(offset = 0) {
  clearTimeout(timer);
  request?.abort();
  request = new AbortController();
  const { signal } = request;
  rows.setAttribute("aria-busy", "true");
  try {
    const answer = await get("/accounts", asked(offset), { signal });
    if (!signal.aborted) show(answer, offset);
  } catch (problem) {
    if (problem.name !== "AbortError") fail(problem);
  }
}

function show({ accounts, total }, offset) {
  const made = accounts.map(row);
  if (offset) body.append(...made);
  else replace(body, made);
  found.textContent = t("{n} accounts", { n: total });
  more.hidden = body.rows.length >= total;
  rows.hidden = total === 0;
  note.hidden = total > 0;
  if (!total) replace(note, icon("person-x"), h("p", {}, t("No account fits these filters.")), button(t("Clear the filters"), clear));
  rows.removeAttribute("aria-busy");
  if (offset) made[0]?.querySelector("button").focus();
}

function fail(problem) {
  rows.removeAttribute("aria-busy");
  rows.hidden = more.hidden = true;
  found.textContent = "";
  replace(note, icon("cloud-slash"), h("p", { role: "alert" }, problem.message), button(t("Try again"), () => load()));
  note.hidden = false;
}

const button = (text, onclick) => h("button", { type: "button", class: "btn btn-outline-secondary", onclick }, text);

function clear() {
  filters.reset();
  area.set(null);
  load();
}

function row(account) {
  const name = h("button", { type: "button", class: "row-open", onclick: () => sheet.open(account.login) }, account.name);
  const role = account.department ? `${named(account.role.name)} · ${named(account.department.name)}` : named(account.role.name);
  return h(
    "tr",
    { class: account.active ? null : "is-closed", dataset: { login: account.login } },
    h("td", { class: "row-name" }, name, h("span", { class: "row-login" }, account.login)),
    h("td", { class: "row-role" }, role),
    h("td", { class: "row-area" }, named(account.area.name), h("small", {}, t(LEVEL_WORDS[account.area.level] ?? account.area.level))),
    h("td", { class: "row-seen", dataset: { label: t("Last log-in") } }, account.last_login_at ? dateTime(account.last_login_at) : t("never")),
    h("td", { class: "row-state" }, state(account)),
  );
}

function state({ active, must_change_password: temporary }) {
  if (!active) return h("span", { class: "badge-state" }, t("Closed"));
  if (temporary) return h("span", { class: "badge-state is-waiting" }, t("Temporary password"));
  return h("span", { class: "badge-state is-open" }, t("May log in"));
}

replace(body, Array.from({ length: SKELETONS }, () => h("tr", {}, h("td", { colspan: 5 }, h("span", { class: "row-skeleton" })))));
load();
