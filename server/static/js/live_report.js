// A report by phone: the place is clicked on the map, the rest is a few words.

import { post } from "./api.js";
import { h, replace } from "./dom.js";
import { coordinates } from "./format.js";
import { URGENCY_WORDS } from "./live_stages.js";
import { named, t } from "./words.js";

export class PhoneReport {
  /** `desk`: {names, pick(callback | null), pin(latlng | null), made(answer)}. */
  constructor(element, desk) {
    Object.assign(this, { element, desk, place: null });
    this.form = element.querySelector("form");
    this.where = element.querySelector(".report-where");
    this.form.addEventListener("submit", (event) => this.send(event));
    element.querySelector("[data-close]").addEventListener("click", () => this.close());
  }

  get isOpen() {
    return !this.element.hidden;
  }

  open() {
    this.offer();
    this.element.hidden = false;
    this.at(null);
    this.desk.pick((latlng) => this.at(latlng));
    this.form.elements.matter.focus();
  }

  close() {
    this.element.hidden = true;
    this.form.reset();
    this.desk.pick(null);
    this.desk.pin(null);
  }

  at(latlng) {
    this.place = latlng;
    this.where.textContent = latlng ? coordinates(latlng) : t("Click the place on the map.");
    this.where.classList.toggle("is-missing", !latlng);
    this.desk.pin(latlng);
  }

  offer() {
    const { matter, urgency } = this.form.elements;
    if (matter.options.length > 1) return;
    const { names } = this.desk;
    for (const { code, name } of names.categories) {
      const own = [...names.matters.values()].filter(({ category }) => category.en === code);
      matter.append(h("optgroup", { label: named(name) }, own.map((each) => h("option", { value: each.code }, named(each.name)))));
    }
    replace(urgency, h("option", { value: "" }, t("As the matter says")), Object.entries(URGENCY_WORDS).map(([value, words]) => h("option", { value }, t(words))));
  }

  async send(event) {
    event.preventDefault();
    const fault = this.form.querySelector(".form-error");
    if (!this.place) return this.at(null);
    const { matter, urgency, address, description } = Object.fromEntries(new FormData(this.form));
    const button = this.form.querySelector("[type=submit]");
    button.disabled = true;
    fault.hidden = true;
    try {
      const answer = await post("/incidents", {
        matter, lon: this.place.lng, lat: this.place.lat, datum: "wgs84", channel: "hotline",
        ...(urgency ? { urgency: Number(urgency) } : {}), ...(address.trim() ? { address: address.trim() } : {}), ...(description.trim() ? { description: description.trim() } : {}),
      });
      this.close();
      this.desk.made(answer);
    } catch (problem) {
      fault.textContent = problem.message;
      fault.hidden = false;
    } finally {
      button.disabled = false;
    }
    return null;
  }
}
