// What became of a report. It looks again now and then, as long as something may still happen.

import { get, post } from "./api.js";
import { h, replace } from "./dom.js";
import { dateTime } from "./format.js";
import { named, t } from "./words.js";

const EVERY_MS = 20_000;
const ENDED = ["closed", "rejected"];
const element = (id) => document.getElementById(id);
const { number, key, stop } = element("followed").dataset;
const path = `/public/reports/${number}`;
const shown = (id) => `/api/v1/photos/${id}.jpg?key=${encodeURIComponent(key)}`;

async function look() {
  try {
    show(await get(path, key ? { key } : {}));
    element("fault").hidden = true;
  } catch (problem) {
    element("fault").hidden = false;
    element("followed").classList.toggle("is-unknown", !element("matter").textContent);
    element("fault").textContent = problem.status === 404 || problem.status === 422 ? t("There is no report with this number.") : problem.detail ?? problem.title;
  }
}

function show(told) {
  const { state, matter, community, reporters, own } = told;
  element("followed").classList.remove("is-unknown");
  element("matter").textContent = matter ? named(matter.name) : t("Other");
  element("facts").textContent = [dateTime(told.reported_at), named(community), reporters > 1 ? t("{n} people reported it", { n: reporters }) : ""].filter(Boolean).join(" · ");
  const ended = ENDED.includes(state.code);
  element("state").classList.toggle("is-ended", ended);
  const due = !ended && told.due_at ? h("small", {}, t("Expected by {time}", { time: dateTime(told.due_at) })) : null;
  const lead = told.handled_in ? h("small", {}, t("It is handled together with report {number}.", { number: told.handled_in })) : null;
  replace(element("state"), named(state.name), due, lead);
  replace(element("steps"), [...told.steps].reverse().map((step) => h("li", {}, h("strong", {}, named(step.name)), " ", h("time", { datetime: step.at }, dateTime(step.at)), step.words ? h("p", {}, step.words) : null, pictures(step.photos))));
  if (own) showOwn(own);
}

function showOwn(own) {
  element("rating").hidden = !own.may_rate;
  if (own.rating) tellThanks();
  const words = [own.description, own.address].filter(Boolean);
  element("own").hidden = words.length === 0 && own.photos.length === 0;
  replace(element("own-words"), words.map((each) => h("p", {}, each)));
  replace(element("own-photos"), pictures(own.photos));
  element("mail").hidden = !own.mail;
}

function pictures(ids) {
  return ids.length ? h("div", { class: "photos" }, ids.map((id) => h("a", { class: "photo", href: shown(id) }, h("img", { src: shown(id), alt: "", loading: "lazy" })))) : null;
}

function tellThanks() {
  element("rated").hidden = false;
  element("rated").textContent = t("Thank you for saying how it went.");
}

element("rating").addEventListener("submit", async (event) => {
  event.preventDefault();
  const rating = Number(new FormData(event.target).get("rating"));
  try {
    await post(`${path}/rating`, { key, rating, words: element("rating-words").value });
    event.target.hidden = true;
    tellThanks();
    await look();
  } catch (problem) {
    element("fault").hidden = false;
    element("fault").textContent = problem.detail ?? problem.title;
  }
});

async function stopMail() {
  try {
    await post("/public/unsubscribe", { key });
    element("stop-mail").hidden = true;
    element("mail").hidden = false;
    element("mail-said").textContent = t("No e-mail will be sent any more.");
  } catch (problem) {
    element("mail-said").textContent = problem.detail ?? problem.title;
  }
}

element("stop-mail").addEventListener("click", stopMail);
await look();
if (stop !== undefined) {
  element("mail").hidden = false;
  element("stop-mail").focus();
}
setInterval(() => { if (!document.hidden) look(); }, EVERY_MS);
