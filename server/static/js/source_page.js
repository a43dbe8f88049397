// One source of a department: how it is, what came, what could not be taken, its ways in and back, its mapping.

import { get, patch, post } from "./api.js";
import { h, replace } from "./dom.js";
import { dateTime, integer } from "./format.js";
import { MappingForm, preview, sampleOf } from "./source_mapping.js";
import { Rejects } from "./source_rejects.js";
import { health, light, lightWord, way } from "./source_words.js";
import { send } from "./upload.js";
import { t } from "./words.js";

const AGAIN_MS = 15_000;
const SOON_MS = 1500;
const CALLS = 10;

const { code, ...flags } = document.getElementById("source").dataset;
const mayChange = "mayChange" in flags;
const path = `/sources/${code}`;
const mapping = new MappingForm(document.getElementById("mapping"));
const rejects = new Rejects(code, { mayChange, changed: () => load() });
const ways = document.getElementById("ways");
const toggle = document.getElementById("toggle");
const on = (id, kind, act) => document.getElementById(id)?.addEventListener(kind, act);
let sample = [];

async function load() {
  const [board, delivered, calls] = await Promise.all([get("/sources"), get(`${path}/deliveries`, { limit: 20 }), get(`${path}/calls`, { limit: CALLS }), rejects.load()]);
  const source = board.sources.find((each) => each.code === code);
  showState(source);
  replace(document.getElementById("deliveries"), delivered.deliveries.length ? delivered.deliveries.map(delivery) : h("tr", {}, h("td", { colspan: 8 }, t("Nothing came yet"))));
  replace(document.getElementById("calls"), calls.calls.length ? calls.calls.map(call) : h("li", { class: "muted" }, t("No calls yet.")));
  const again = document.getElementById("calls-again");
  if (again) again.hidden = !source.calls.parked;
  return source;
}

function showState(source) {
  const state = document.getElementById("state");
  const words = source.words.length ? source.words.map(health).join(" · ") : lightWord(source.light);
  const facts = [
    [t("Taken today"), integer(source.today.accepted)], [t("Taken in 7 days"), integer(source.week.accepted)],
    [t("Repeated in 7 days"), integer(source.week.repeated)], [t("Late in 7 days"), integer(source.week.late)],
    [t("Rejected in 7 days"), integer(source.week.rejected)], [t("Calls waiting"), integer(source.calls.waiting)],
    [t("Calls parked"), integer(source.calls.parked)], [t("Last fetch"), source.pull.asked_at ? dateTime(source.pull.asked_at) : "–"],
  ];
  const faults = [source.pull.fault, source.calls.fault].filter(Boolean).map((fault) => h("p", { class: "form-error" }, fault));
  replace(state, h("p", { class: "state-line" }, light(source.light), words), h("dl", { class: "state-figures" }, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))), faults);
  state.removeAttribute("aria-busy");
  if (!toggle) return;
  toggle.hidden = false;
  toggle.textContent = source.active ? t("Close the source") : t("Open it again");
  toggle.onclick = () => attempt(ways, async () => { await patch(path, { active: !source.active }); await load(); });
}

function delivery(each) {
  const cells = [dateTime(each.at), each.name ? `${way(each.way)}: ${each.name}` : way(each.way), each.sent_by, each.rows, each.accepted, each.repeated, each.late, each.rejected];
  const row = h("tr", {}, cells.map((cell) => h("td", {}, typeof cell === "number" ? integer(cell) : cell)));
  if (each.fault) row.children[1].append(h("div", { class: "fault" }, each.fault));
  return row;
}

function call(each) {
  const state = each.done_at ? t("heard at {time}", { time: dateTime(each.done_at) }) : each.next_at ? t("tried {n} times, again at {time}", { n: each.tries, time: dateTime(each.next_at) }) : t("parked after {n} tries", { n: each.tries });
  return h("li", {}, h("span", {}, `${each.number} · ${each.kind}`), h("span", {}, state), each.done_at ? null : h("small", {}, each.fault ?? ""));
}

async function attempt(form, act) {
  const box = form.querySelector(".form-error");
  box.hidden = true;
  try {
    await act();
  } catch (problem) {
    box.textContent = problem.message;
    box.hidden = false;
  }
}

function showWays(source) {
  ways.elements.pull_url.value = source.pull.url ?? "";
  ways.elements.pull_every_min.value = source.pull.every_min ?? "";
  ways.elements.pull_token.placeholder = source.pull.has_token ? t("kept; type another to change it") : "";
  ways.elements.hook_url.value = source.hook.url ?? "";
}

function secret(value) {
  const dialog = document.getElementById("secret");
  document.getElementById("secret-title").textContent = t("The secret of the signatures");
  document.getElementById("secret-text").textContent = t("Give it to the department: with it they prove that a call is ours.");
  document.getElementById("secret-value").textContent = value;
  dialog.showModal();
}

ways.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(ways, async () => {
    const { pull_url: from, pull_every_min: every, pull_token: token, hook_url: to } = Object.fromEntries(new FormData(ways));
    const answer = await patch(path, { pull_url: from || null, pull_every_min: every ? Number(every) : null, hook_url: to || null, ...(token ? { pull_token: token } : {}) });
    ways.elements.pull_token.value = "";
    document.getElementById("ways-told").textContent = t("Saved.");
    showWays(answer);
    if (answer.hook_secret) secret(answer.hook_secret);
    await load();
  });
});
on("secret-copy", "click", () => navigator.clipboard?.writeText(document.getElementById("secret-value").textContent));
on("renew-secret", "click", () => attempt(ways, async () => secret((await post(`${path}/secret`, {})).hook_secret)));
on("pull-now", "click", () => attempt(ways, async () => {
  await post(`${path}/pull`, {});
  document.getElementById("ways-told").textContent = t("The worker fetches now.");
  setTimeout(load, SOON_MS);
}));
on("calls-again", "click", () => attempt(ways, async () => { await post(`${path}/calls/again`, {}); await load(); }));
on("upload", "change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  const told = document.getElementById("upload-told");
  try {
    await send(file, `/api/v1${path}/files?filename=${encodeURIComponent(file.name)}`, () => {}).answered;
    told.textContent = t("{name} was sent; the worker takes it in.", { name: file.name });
    setTimeout(load, SOON_MS);
  } catch (problem) {
    told.textContent = problem.message;
  }
  event.target.value = "";
});

async function tryMapping() {
  mapping.clear();
  try {
    const good = await preview(document.getElementById("preview"), { mapping: mapping.value, records: sample });
    document.getElementById("mapping-told").textContent = t("{good} of {n} would come in.", { good, n: sample.length });
  } catch (problem) {
    mapping.refuse(problem);
  }
}

on("sample", "change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  try {
    const read = await sampleOf(file);
    sample = read.records;
    mapping.offer(read.fields);
    document.getElementById("try").disabled = false;
    await tryMapping();
  } catch (problem) {
    mapping.refuse(problem);
  }
  event.target.value = "";
});
on("try", "click", tryMapping);
on("mapping", "submit", async (event) => {
  event.preventDefault();
  mapping.clear();
  try {
    await patch(path, { mapping: mapping.value });
    document.getElementById("mapping-told").textContent = t("Saved.");
  } catch (problem) {
    mapping.refuse(problem);
  }
});

load().then((source) => {
  mapping.show(source.mapping);
  showWays(source);
}, (problem) => replace(document.getElementById("state"), h("p", { role: "alert" }, problem.message)));
setInterval(() => document.hidden || load().catch(() => undefined), AGAIN_MS);
