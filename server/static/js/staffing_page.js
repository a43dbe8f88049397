// The staffing of a plan: posts before and after on each grid, and who would move.

import { get } from "./api.js";
import { h, replace } from "./dom.js";
import { NONE, integer, metres } from "./format.js";
import { gridName, named, t } from "./words.js";

const PAUSE_MS = 300;
const MOST_ROWS = 500;
const PERCENT = 100;
const TABS = ["grids", "moves"];
const element = (id) => document.getElementById(id);
const { plan } = element("staffing").dataset;
const nameOf = (grid) => gridName({ code: grid.code, name: grid.code || grid.label }, grid.community);

let request = null;
let timer = null;
let shownTab = "grids";

async function load() {
  request?.abort();
  request = new AbortController();
  const { signal } = request;
  element("facts").setAttribute("aria-busy", "true");
  try {
    show(await get(`/plans/${plan}/staffing`, wishes(), { signal }));
    element("fault").hidden = true;
  } catch (problem) {
    if (problem.name === "AbortError") return;
    element("fault").textContent = problem.message;
    element("fault").hidden = false;
  }
  element("facts").removeAttribute("aria-busy");
}

function wishes() {
  const posts = element("posts").value;
  return { area: element("area").value, method: element("method").value, ...(posts ? { posts } : {}) };
}

function show(found) {
  window.wangge = { staffing: found };
  showFacts(found);
  showGrids(found);
  showMoves(found);
  linkWorkbook();
}

function linkWorkbook() {
  element("workbook").href = `/api/v1/plans/${plan}/staffing/${shownTab}.xlsx?${new URLSearchParams(wishes())}`;
}

function showFacts({ summary, duties }) {
  const { before, after } = summary;
  const each = (value) => (value == null ? NONE : integer(value));
  const rows = [
    [t("Posts"), integer(summary.posts), duties.map((duty) => `${named(duty.name)} ${integer(duty.after)}`).join(" · ")],
    [t("Hours per officer, mean"), t("{before} → {after} h", { before: each(before.mean), after: each(after.mean) }), ""],
    [t("Hours per officer, most"), t("{before} → {after} h", { before: each(before.most), after: each(after.most) }), ""],
    [t("Unevenness between officers"), `${each(before.variation * PERCENT)} → ${each(after.variation * PERCENT)} %`, ""],
    [t("Who would move"), integer(summary.moves), t("of {n} officers", { n: integer(summary.officers) })],
    [t("Open posts"), integer(summary.vacancies), summary.homeless ? t("{n} work grids that end", { n: integer(summary.homeless) }) : ""],
  ];
  replace(element("facts"), rows.map(([name, value, more]) => h("div", {}, h("dt", {}, name), h("dd", {}, value, more && h("small", {}, ` ${more}`)))));
}

function fill(tab, heads, rows, total) {
  const table = element(`table-${tab}`).querySelector("table");
  replace(table.tHead, h("tr", {}, heads.map((head, i) => h("th", { scope: "col", class: i === 0 && "words" }, head))));
  if (total > rows.length) rows.push(h("tr", {}, h("td", { class: "words muted", colspan: heads.length }, t("{shown} of {of}; all of them are in the workbook.", { shown: rows.length, of: integer(total) }))));
  if (!rows.length) rows.push(h("tr", {}, h("td", { class: "words muted", colspan: heads.length }, t("Nobody would move."))));
  replace(table.tBodies[0], rows);
}

function showGrids({ grids, duties }) {
  const heads = [t("Grid"), t("Hours a month"), ...duties.map((duty) => named(duty.name)), t("Hours per officer, now"), t("Hours per officer, then")];
  const most = [...grids].sort((a, b) => moved(b, duties) - moved(a, duties) || b.hours - a.hours).slice(0, MOST_ROWS);
  fill("grids", heads, most.map((grid) => h(
    "tr", {},
    h("td", { class: "words" }, nameOf(grid), h("small", {}, named(grid.town.name))),
    h("td", {}, integer(grid.hours)),
    duties.map(({ code }) => h("td", { class: kindOf(grid.after[code] - grid.before[code]) }, grid.before[code] === grid.after[code] ? integer(grid.after[code]) : `${grid.before[code]} → ${grid.after[code]}`)),
    h("td", {}, integer(grid.hours_per_officer_before)), h("td", {}, integer(grid.hours_per_officer_after)),
  )), grids.length);
}

const moved = (grid, duties) => duties.reduce((sum, { code }) => sum + Math.abs(grid.after[code] - grid.before[code]), 0);
const kindOf = (change) => (change > 0 ? "is-more" : change < 0 ? "is-fewer" : null);

function showMoves({ moves }) {
  const heads = [t("Officer"), t("Duty"), t("From"), t("To"), t("Distance")];
  fill("moves", heads, moves.slice(0, MOST_ROWS).map((move) => h(
    "tr", {},
    h("td", { class: "words" }, named(move.name), h("small", {}, move.number)),
    h("td", {}, named(move.duty.name)),
    h("td", { class: "words" }, nameOf(move.from)),
    h("td", { class: "words" }, move.to ? nameOf(move.to) : t("no post left")),
    h("td", {}, move.metres == null ? NONE : metres(move.metres)),
  )), moves.length);
}

function open(tab) {
  shownTab = tab;
  for (const each of TABS) {
    element(`table-${each}`).hidden = each !== tab;
    element(`tab-${each}`).setAttribute("aria-selected", String(each === tab));
    element(`tab-${each}`).tabIndex = each === tab ? 0 : -1;
  }
  linkWorkbook();
}

for (const tab of TABS) {
  element(`tab-${tab}`).addEventListener("click", () => open(tab));
  element(`tab-${tab}`).addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const other = TABS[1 - TABS.indexOf(tab)];
    open(other);
    element(`tab-${other}`).focus();
  });
}
element("wishes").addEventListener("submit", (event) => event.preventDefault());
element("wishes").addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(load, PAUSE_MS);
});
load();
