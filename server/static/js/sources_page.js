// The board of departments: every source with its light, why, and its figures; one is opened at the side.

import { get, post } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { dateTime, integer } from "./format.js";
import { MappingForm } from "./source_mapping.js";
import { health, light, lightWord, way } from "./source_words.js";
import { named, t } from "./words.js";

const AGAIN_MS = 30_000;

const list = document.getElementById("rows");
const note = document.getElementById("note");
const sums = document.getElementById("sums");
const mayChange = "mayChange" in document.getElementById("sources").dataset;

async function load() {
  try {
    show((await get("/sources")).sources);
  } catch (problem) {
    fail(problem);
  }
}

function show(sources) {
  list.removeAttribute("aria-busy");
  list.hidden = !sources.length;
  note.hidden = sources.length > 0;
  replace(list, sources.map(row));
  const inOrder = sources.filter((source) => source.light === "green").length;
  const rejects = sources.reduce((sum, source) => sum + source.open_rejects, 0);
  sums.textContent = sources.length ? t("{green} of {n} in order · {rejects} records wait to be corrected", { green: inOrder, n: sources.length, rejects: integer(rejects) }) : "";
  if (!sources.length) replace(note, icon("building"), h("p", {}, t("No department delivers yet.")), mayChange ? h("p", {}, t("Open a source to say how a department's records are read.")) : null);
}

function row(source) {
  const words = source.words.length ? source.words.map(health).join(" · ") : lightWord(source.light);
  const last = source.last ? `${dateTime(source.last.at)} · ${way(source.last.way)} · ${t("{n} rows", { n: integer(source.last.rows) })}` : t("Nothing came yet");
  return h("li", { dataset: { code: source.code } },
    light(source.light),
    h("div", {}, h("h2", {}, h("a", { href: `/sources/${source.code}` }, named(source.name))), h("p", {}, named(source.department.name))),
    h("div", { class: "source-words" }, words, h("p", {}, last)),
    figure(source.today.accepted, t("today")),
    figure(source.week.accepted, t("7 days")),
    figure(source.week.late, t("late")),
    figure(source.open_rejects, t("to correct"), source.open_rejects > 0));
}

const figure = (value, label, bad = false) => h("div", { class: bad ? "source-figure is-bad" : "source-figure" }, h("strong", {}, integer(value)), h("span", {}, label));

function fail(problem) {
  list.hidden = true;
  replace(note, icon("cloud-slash"), h("p", { role: "alert" }, problem.message), h("button", { type: "button", class: "btn btn-outline-secondary", onclick: load }, t("Try again")));
  note.hidden = false;
}

function openSheet() {
  const dialog = document.getElementById("source-sheet");
  const form = document.getElementById("source-form");
  const mapping = new MappingForm(form);
  mapping.show({});
  for (const button of dialog.querySelectorAll("[data-close]")) button.onclick = () => dialog.close();
  form.onsubmit = async (event) => {
    event.preventDefault();
    mapping.clear();
    const { code, department, name_zh: zh, name_en: en } = Object.fromEntries(new FormData(form));
    try {
      const made = await post("/sources", { code, department, name: { zh, en }, mapping: mapping.value });
      window.location.assign(`/sources/${made.code}`);
    } catch (problem) {
      mapping.refuse(problem);
    }
  };
  dialog.showModal();
}

document.getElementById("open-source")?.addEventListener("click", openSheet);
load();
setInterval(() => document.hidden || load(), AGAIN_MS);
