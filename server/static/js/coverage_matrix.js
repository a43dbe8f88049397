// Services by communities: how many communities reach each service, and the whole matrix as a table of heat.

import { post } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { integer } from "./format.js";
import { Standards } from "./coverage_standards.js";
import { refusalWords, share } from "./coverage_words.js";
import { named, t } from "./words.js";

const ROW_PX = 14;
const COLUMN_PX = 10;
const HEAD_PX = 26;
const NAMES_PX = 170;
const REACHED = "#56994f";
const UNREACHED = "#dd6a34";
const STRIPE = "#ffffff";

export class Matrix {
  constructor(element, desk) {
    Object.assign(this, { element, desk, typed: "", picked: null });
    this.sums = h("p", { class: "measured", "aria-live": "polite" });
    this.finder = h("input", { class: "form-control finder", type: "search", placeholder: t("Find a service"), "aria-label": t("Find a service"), oninput: () => { this.typed = this.finder.value; this.list(); } });
    this.rows = h("ul", { class: "service-list" });
    this.standards = new Standards(desk);
    this.whole = h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", id: "open-matrix", disabled: true, onclick: () => this.openWhole() }, icon("grid-3x3"), ` ${t("The whole matrix")}`);
    replace(element, h("p", { class: "hint" }, t("Which services each community reaches by the question's way and limit; its kinds and services do not count here.")), this.sums, h("div", { class: "button-line" }, this.whole), this.finder, this.rows, this.standards.element);
    document.querySelector("#matrix-box [data-close]").addEventListener("click", () => document.getElementById("matrix-box").close());
  }

  show() {
    this.standards.show();
    if (this.stale !== false) this.load();
    else this.pickService(this.picked);
  }

  hide() {
    this.desk.map.showCommunities(null);
    this.desk.legend();
  }

  /** The question changed. */
  forget() {
    this.stale = true;
    if (this.desk.tabs.name === "matrix") this.load();
  }

  async load() {
    this.request?.abort();
    this.request = new AbortController();
    this.element.setAttribute("aria-busy", "true");
    try {
      const { services: _, kinds: __, ...question } = this.desk.question.value;
      this.found = await post("/services/matrix", { question }, { signal: this.request.signal });
      this.stale = false;
      this.whole.disabled = !this.found.services.length;
      this.list();
      this.pickService(this.picked);
    } catch (problem) {
      if (problem.name !== "AbortError") replace(this.rows, h("li", { class: "inline-error", role: "alert" }, refusalWords(problem)));
    } finally {
      this.element.removeAttribute("aria-busy");
    }
  }

  list() {
    if (!this.found) return;
    const { services, communities } = this.found;
    const all = communities.length;
    const everywhere = services.filter(({ reached }) => reached === all).length;
    this.sums.textContent = t("{n} of {all} services are reached by every one of {communities} communities.", { n: integer(everywhere), all: integer(services.length), communities: integer(all) });
    const wanted = this.typed.trim().toLocaleLowerCase();
    const fits = (one) => [one.code, one.name.zh, one.name.en, one.category.zh, one.category.en].some((word) => word.toLocaleLowerCase().includes(wanted));
    const listed = services.filter(fits);
    replace(this.rows, listed.length ? listed.map((one) => this.line(one, all)) : h("li", { class: "muted" }, t("Nothing of this name")));
  }

  line(one, all) {
    const part = all ? one.reached / all : 0;
    return h("li", {}, h("button", { type: "button", "aria-pressed": String(this.picked === one.code), dataset: { code: one.code }, onclick: () => this.pickService(this.picked === one.code ? null : one.code) },
      h("span", { class: "service-code" }, one.code), h("span", { class: "service-name" }, named(one.name), h("small", {}, [named(one.category), one.at_station ? t("also at stations") : null].filter(Boolean).join(" · "))),
      h("span", { class: "service-share" }, `${integer(one.reached)}`, h("small", {}, share(part))),
      h("span", { class: "service-bar", "aria-hidden": "true" }, h("span", { style: { width: `${part * 100}%` } }))));
  }

  /** Communities on the map by whether they reach one service. */
  pickService(code) {
    this.picked = code;
    this.rows.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.code === code)));
    const at = this.found?.services.findIndex((one) => one.code === code) ?? -1;
    this.desk.map.showCommunities(at < 0 ? null : new Set(this.found.communities.filter((_, i) => this.reaches(at, i)).map((community) => community.code)));
    this.desk.legend();
  }

  reaches(service, community) {
    return this.found.matrix[service][community] === "1";
  }

  // --- the whole of it, on a canvas ---

  openWhole() {
    const { services, communities } = this.found;
    const canvas = h("canvas", { role: "img", "aria-label": this.sums.textContent });
    const [width, height] = [NAMES_PX + services.length * COLUMN_PX + COLUMN_PX, HEAD_PX + communities.length * ROW_PX];
    const ratio = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: width * ratio, height: height * ratio });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    this.paint(canvas.getContext("2d"), ratio);
    canvas.addEventListener("pointermove", (event) => this.say(event));
    canvas.addEventListener("click", (event) => this.go(event));
    replace(document.getElementById("matrix-scroll"), canvas);
    document.getElementById("matrix-box").showModal();
  }

  paint(pen, ratio) {
    const { services, communities } = this.found;
    pen.scale(ratio, ratio);
    Object.assign(pen, { fillStyle: "#17212f", font: `11px ${getComputedStyle(document.body).fontFamily}`, textBaseline: "middle" });
    services.forEach((one, i) => i % 4 === 0 && pen.fillText(one.code, NAMES_PX + i * COLUMN_PX, HEAD_PX / 2));
    communities.forEach((one, row) => {
      const y = HEAD_PX + row * ROW_PX;
      pen.fillStyle = "#17212f";
      pen.fillText(named(one.name), 4, y + ROW_PX / 2, NAMES_PX - 10);
      services.forEach((_, i) => {
        pen.fillStyle = this.reaches(i, row) ? REACHED : UNREACHED;
        pen.fillRect(NAMES_PX + i * COLUMN_PX, y, COLUMN_PX - 1, ROW_PX - 1);
        if (i && services[i].category.en !== services[i - 1].category.en) {
          pen.fillStyle = STRIPE;
          pen.fillRect(NAMES_PX + i * COLUMN_PX - 2, y, 2, ROW_PX);
        }
      });
    });
  }

  under({ offsetX, offsetY }) {
    const [service, community] = [Math.floor((offsetX - NAMES_PX) / COLUMN_PX), Math.floor((offsetY - HEAD_PX) / ROW_PX)];
    return { service: this.found.services[service] && service, community: this.found.communities[community] && community };
  }

  say(event) {
    const { service, community } = this.under(event);
    const said = community === undefined ? "" : named(this.found.communities[community].name);
    const what = service === undefined || community === undefined ? "" : ` · ${this.found.services[service].code} ${named(this.found.services[service].name)}: ${t(this.reaches(service, community) ? "reached" : "not reached")}`;
    document.getElementById("matrix-at").textContent = said + what;
  }

  go(event) {
    const { community } = this.under(event);
    if (community === undefined) return;
    document.getElementById("matrix-box").close();
    this.desk.map.goTo(this.found.communities[community].code);
  }
}
