// The page of all imports: a new file goes up, the others are listed with their state.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { dateTime, integer } from "./format.js";
import { RUNNING, bytesWords, kindName, stateName, stepName } from "./import_words.js";
import { send } from "./upload.js";
import { t } from "./words.js";

const POLL_MS = 1500;
const STATE_ICONS = {
  uploaded: "cloud-arrow-up", checking: "hourglass-split", checked: "clipboard-check", applying: "hourglass-split", applied: "check-circle-fill",
  failed: "x-octagon-fill", cancelled: "slash-circle",
};

class NewImport {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=file]");
    this.zone = form.querySelector(".drop-zone");
    this.progress = document.getElementById("upload-progress");
    this.fault = document.getElementById("upload-fault");
    this.input.addEventListener("change", () => this.input.files.length && this.begin(this.input.files[0]));
    for (const name of ["dragenter", "dragover"]) this.zone.addEventListener(name, (event) => this.over(event));
    for (const name of ["dragleave", "drop"]) this.zone.addEventListener(name, () => this.zone.classList.remove("is-over"));
    this.zone.addEventListener("drop", (event) => this.drop(event));
    document.getElementById("upload-cancel").addEventListener("click", () => this.sending?.abort());
    window.addEventListener("beforeunload", (event) => this.sending && event.preventDefault());
  }

  over(event) {
    event.preventDefault();
    this.zone.classList.add("is-over");
  }

  drop(event) {
    event.preventDefault();
    const files = [...event.dataTransfer.files];
    if (files.length > 1) return this.refuse(t("One file at a time. Pack the parts of a shapefile into one .zip."));
    return files.length && this.begin(files[0]);
  }

  async begin(file) {
    if (this.sending) return;
    this.fault.hidden = true;
    const limit = Number(this.form.dataset.limitMb);
    if (file.size > limit * 2 ** 20) return this.refuse(t("The file is larger than {n} MB, the most that this server takes.", { n: integer(limit) }));
    const kind = this.form.elements.kind.value;
    const asked = new URLSearchParams({ kind, filename: file.name });
    this.show(file, 0);
    this.sending = send(file, `/api/v1/imports?${asked}`, (fraction) => this.show(file, fraction));
    try {
      const { id } = await this.sending.answered;
      this.sending = null;
      location.assign(`/imports/${id}`);
    } catch (problem) {
      this.sending = null;
      this.progress.hidden = true;
      this.zone.hidden = false;
      if (problem.name === "AbortError") this.refuse(t("The upload was cancelled; nothing was kept."));
      else this.refuse(problem.message);
    }
    this.input.value = "";
  }

  show(file, fraction) {
    this.zone.hidden = true;
    this.progress.hidden = false;
    const bar = this.progress.querySelector("[role=progressbar]");
    bar.setAttribute("aria-valuenow", String(Math.round(fraction * 100)));
    bar.firstElementChild.style.width = `${fraction * 100}%`;
    const said = fraction < 1 ? t("{done} of {total}", { done: bytesWords(file.size * fraction), total: bytesWords(file.size) }) : t("Looking into the file");
    this.progress.querySelector(".progress-name").textContent = file.name;
    this.progress.querySelector(".progress-said").textContent = said;
  }

  refuse(text) {
    this.fault.querySelector("span").textContent = text;
    this.fault.hidden = false;
  }
}

class List {
  constructor(body) {
    this.body = body;
    document.addEventListener("visibilitychange", () => !document.hidden && this.load());
    this.load();
  }

  async load() {
    clearTimeout(this.next);
    try {
      const { imports } = await get("/imports");
      this.show(imports);
      if (imports.some((job) => RUNNING.includes(job.state)) && !document.hidden) this.next = setTimeout(() => this.load(), POLL_MS);
    } catch (problem) {
      const again = h("button", { type: "button", class: "btn-link", onclick: () => this.load() }, t("Try again"));
      this.whole(h("p", { class: "inline-error", role: "alert" }, problem.message, again));
    }
  }

  show(jobs) {
    if (!jobs.length) return this.whole(h("div", { class: "state-box" }, icon("inbox"), h("p", {}, t("Nothing was imported yet."))));
    return replace(this.body, jobs.map((job) => row(job)));
  }

  whole(node) {
    replace(this.body, h("tr", {}, h("td", { colspan: 6 }, node)));
  }
}

function row(job) {
  return h("tr", { dataset: { id: job.id } },
    h("td", { class: "file-cell" }, h("a", { href: `/imports/${job.id}` }, job.filename), h("span", { class: "muted" }, bytesWords(job.bytes))),
    h("td", {}, kindName(job.kind)),
    h("td", {}, badge(job)),
    h("td", { class: "findings-cell" }, findingsWords(job)),
    h("td", {}, job.opened.by),
    h("td", { class: "time-cell" }, dateTime(job.opened.at)),
  );
}

/** The state of an import as an icon and a word. */
function badge(job) {
  const blocked = job.state === "checked" && job.outcome?.errors > 0;
  const name = blocked ? t("Blocked") : stateName(job.state);
  const step = RUNNING.includes(job.state) ? h("span", { class: "muted" }, stepName(job.progress.step)) : null;
  return h("span", { class: `state-badge state-${blocked ? "blocked" : job.state}` }, icon(blocked ? "exclamation-octagon" : STATE_ICONS[job.state]), name, step);
}

function findingsWords({ outcome }) {
  if (!outcome) return "";
  const said = [];
  if (outcome.errors) said.push(t("{n} errors", { n: integer(outcome.errors) }));
  if (outcome.left_out) said.push(t("{n} rows left out", { n: integer(outcome.left_out) }));
  if (outcome.repaired) said.push(t("{n} mended", { n: integer(outcome.repaired) }));
  if (outcome.notices) said.push(t("{n} notices", { n: integer(outcome.notices) }));
  return said.join(" · ") || t("Nothing found");
}

new NewImport(document.getElementById("new-import"));
new List(document.getElementById("import-list"));
