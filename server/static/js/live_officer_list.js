// Whom to send: officers in the order the server ranks them, with its reasons, and the department as the last choice.

import { get } from "./api.js";
import { h, replace } from "./dom.js";
import { metres } from "./format.js";
import { minuteWords } from "./live_time.js";
import { named, t } from "./words.js";

const LISTED = 9; // as many as there are digits

export class OfficerList {
  constructor({ found, desk }) {
    Object.assign(this, { found, desk, officers: [], picked: null, chosen: () => {} });
    this.list = h("div", { class: "officer-list", role: "radiogroup", "aria-label": t("Officers") });
    this.element = h("div", { class: "act-field" }, this.list);
    this.read();
  }

  async read() {
    replace(this.list, h("div", { class: "skeleton w-90" }), h("div", { class: "skeleton w-75" }));
    try {
      const answer = await get(`/cases/${this.found.number}/officers`);
      this.officers = (answer.officers ?? answer).slice(0, LISTED);
      this.show();
    } catch (problem) {
      replace(this.list, h("p", { class: "inline-error", role: "alert" }, problem.message), this.department());
    }
  }

  show() {
    const none = this.officers.length ? null : h("p", { class: "muted" }, t("Nobody with the right duty is on shift near by."));
    replace(this.list, none, this.officers.map((officer, i) => this.row(officer, i)), this.department());
    this.list.querySelector("input")?.focus({ preventScroll: true });
  }

  row(officer, i) {
    const { number, name, metres: far, minutes, load, reasons } = officer;
    const input = h("input", { type: "radio", name: "whom", value: number, checked: i === 0, "data-first": i === 0, onchange: () => this.take(officer) });
    if (i === 0) this.take(officer, { point: false });
    const way = [far == null ? null : metres(far), minutes == null ? null : minuteWords(minutes)].filter(Boolean).join(" · ");
    return h("label", { class: "officer-row" }, h("kbd", {}, String(i + 1)), input,
      h("span", { class: "officer-words" }, h("strong", {}, named(name) || number), h("span", { class: "muted" }, [way, t("{n} in hand", { n: load ?? 0 })].filter(Boolean).join(" · ")),
        h("small", {}, (reasons ?? []).map(({ text }) => named(text)).filter(Boolean).join(" · "))));
  }

  department() {
    const name = named(this.found.department?.name);
    const input = h("input", { type: "radio", name: "whom", value: "", checked: !this.officers.length, onchange: () => this.take(null) });
    if (!this.officers.length) this.take(null, { point: false });
    return h("label", { class: "officer-row" }, h("kbd", {}, "0"), input, h("span", { class: "officer-words" }, h("strong", {}, t("To the department: {name}", { name })), h("small", {}, t("It sends its own people."))));
  }

  take(officer, { point = true } = {}) {
    this.picked = officer;
    if (point && officer) this.desk.pointOut(officer);
  }

  /** The officer at a place of the list is sent; 0 is the department. */
  choose(n) {
    const inputs = this.list.querySelectorAll("input");
    const input = n === 0 ? inputs[inputs.length - 1] : inputs[n - 1];
    if (!input || (n > 0 && !this.officers[n - 1])) return false;
    input.checked = true;
    this.take(n === 0 ? null : this.officers[n - 1], { point: false });
    this.chosen();
    return true;
  }

  value() {
    if (!this.picked) return { department: true };
    return { officer: this.picked.number, seen_load: this.picked.load };
  }
}
