// The question at the left: what, how far, and who counts. What stands in the form is what is asked; an old question can be put back.

import { h, replace } from "./dom.js";
import { integer, metres, short } from "./format.js";
import { named, t } from "./words.js";

const USUAL_KIND = "service_centre";
const MINUTES_AN_HOUR = 60;
const PERCENT = 100;

const element = (id) => document.getElementById(id);

export class Question {
  /** `options` of the API, `services` the list of them; `changed()` is told after every change. */
  constructor(form, { options, services, changed }) {
    Object.assign(this, { form, options, services, changed });
    this.kinds = new Set(options.kinds.some(({ code }) => code === USUAL_KIND) ? [USUAL_KIND] : []);
    this.chosenServices = new Set();
    this.levels = new Set();
    this.buildLists();
    this.buildHow();
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => !event.target.matches(".finder, [data-pick]") && this.heard());
    element("kind-find").addEventListener("input", () => this.drawKinds());
    element("service-find").addEventListener("input", () => this.drawServices());
    this.show();
  }

  buildLists() {
    this.drawKinds();
    this.drawServices();
    replace(element("levels"), this.options.levels.map((level) => {
      const box = h("input", { type: "checkbox", value: level.code, "data-pick": true, onchange: () => { toggle(this.levels, level.code, box.checked); this.heard(); } });
      return h("label", {}, box, h("span", {}, named(level.name)));
    }));
  }

  buildHow() {
    replace(element("group"), this.options.groups.map((group) => h("option", { value: group.code }, t("{group} · {speed} km/h", { group: named(group.name), speed: group.speed_kmh }))));
    const { network } = this.options;
    element("network-words").textContent = network ? t("Streets: {name}, {length} km", { name: network.name, length: integer(network.length_km) }) : t("No walking network is in force: only straight lines can be measured.");
    if (!network) this.form.elements.method.value = "radius";
  }

  drawKinds() {
    const found = matching(this.options.kinds, element("kind-find").value, ({ name, code }) => [name.zh, name.en, code]);
    found.sort((one, other) => this.kinds.has(other.code) - this.kinds.has(one.code)); // the chosen ones are seen at once
    replace(element("kinds"), found.map((kind) => this.pick(this.kinds, kind, integer(kind.count))), found.length ? null : h("li", { class: "muted" }, t("Nothing of this name")));
  }

  drawServices() {
    const found = matching(this.services, element("service-find").value, ({ name, category, code }) => [name.zh, name.en, category.zh, category.en, code]);
    const lines = [];
    let category = null;
    for (const service of found) {
      if (named(service.category) !== category) lines.push(h("li", { class: "pick-head" }, named(service.category)));
      category = named(service.category);
      lines.push(this.pick(this.chosenServices, service, service.code));
    }
    replace(element("services"), lines, found.length ? null : h("li", { class: "muted" }, t("Nothing of this name")));
  }

  pick(chosen, one, note) {
    const box = h("input", { class: "form-check-input", type: "checkbox", "data-pick": true, value: one.code, onchange: () => { toggle(chosen, one.code, box.checked); this.heard(); } });
    box.checked = chosen.has(one.code);
    return h("li", {}, h("label", {}, box, h("span", {}, named(one.name)), h("span", { class: "count" }, note)));
  }

  // --- what is asked ---

  get value() {
    const of = this.form.elements;
    const radius = of.method.value === "radius";
    const byServices = of.what.value === "services";
    const unit = element("amount-unit").value;
    const amount = Number(element("amount").value);
    return {
      kinds: byServices ? [] : [...this.kinds],
      services: byServices ? [...this.chosenServices] : [],
      levels: [...this.levels],
      floor_area_m2: Number(element("floor-area").value) || null,
      open_at: this.openAt(),
      method: of.method.value,
      minutes: unit === "minutes" ? amount : null,
      metres: unit === "metres" ? amount : null,
      group: element("group").value,
      detour: radius ? Number(element("detour").value) : 1,
      k: Number(element("k").value),
      rule: element("rule").value,
      share: Number(element("share").value) / PERCENT,
      scope: element("scope").selectedOptions[0]?.hasAttribute("data-whole") ? null : element("scope").value,
      by_ground: radius && element("by-ground").checked,
    };
  }

  openAt() {
    const weekday = Number(element("open-day").value);
    if (!weekday) return null;
    const [hours, minutes] = (element("open-time").value || "10:00").split(":").map(Number);
    return { weekday, minute: hours * MINUTES_AN_HOUR + minutes };
  }

  /** Put a question back into the form. */
  take(question) {
    this.kinds = new Set(question.kinds);
    this.chosenServices = new Set(question.services);
    this.levels = new Set(question.levels);
    const of = this.form.elements;
    of.what.value = question.services?.length ? "services" : "kinds";
    of.method.value = question.method;
    element("floor-area").value = question.floor_area_m2 ?? "";
    element("open-day").value = question.open_at?.weekday ?? "";
    if (question.open_at) element("open-time").value = clock(question.open_at.minute);
    element("amount-unit").value = question.metres == null ? "minutes" : "metres";
    element("amount").value = question.metres ?? question.minutes;
    element("group").value = question.group;
    element("detour").value = question.detour;
    element("k").value = question.k;
    element("rule").value = question.rule;
    element("share").value = Math.round(question.share * PERCENT * 10) / 10;
    element("scope").value = question.scope ?? element("scope").querySelector("[data-whole]")?.value;
    element("by-ground").checked = question.by_ground;
    for (const box of element("levels").querySelectorAll("input")) box.checked = this.levels.has(box.value);
    this.drawKinds();
    this.drawServices();
    this.show();
  }

  heard() {
    this.show();
    this.changed();
  }

  /** Fields that do not belong to the question are hidden, what is chosen is said. */
  show() {
    const { method, what } = this.form.elements;
    for (const part of this.form.querySelectorAll("[data-of]")) part.hidden = part.dataset.of !== method.value && part.dataset.of !== what.value;
    element("share-line").hidden = element("rule").value !== "share";
    element("open-time").disabled = !element("open-day").value;
    const wishes = [element("open-day").value, element("floor-area").value, this.levels.size].filter(Boolean).length;
    element("more-count").textContent = wishes ? integer(wishes) : "";
    element("picked-words").textContent = this.whatWords();
    this.drawPresets();
  }

  drawPresets() {
    const asked = this.value;
    replace(element("presets"), this.options.presets.filter((preset) => preset.method === asked.method).map((preset) => {
      const same = preset.minutes === null ? preset.metres === asked.metres : preset.minutes === asked.minutes;
      return h("button", { type: "button", class: "chip", "aria-pressed": String(same), title: preset.source ?? null, onclick: () => this.takePreset(preset) }, named(preset.name));
    }));
  }

  takePreset(preset) {
    element("amount-unit").value = preset.minutes === null ? "metres" : "minutes";
    element("amount").value = preset.minutes ?? preset.metres;
    this.heard();
  }

  whatWords() {
    const asked = this.value;
    if (asked.services.length) return t("Facilities that do {what}", { what: list(asked.services.map((code) => named(this.services.find((one) => one.code === code)?.name) || code)) });
    if (this.form.elements.what.value === "services") return t("Facilities that do any service or none: choose one");
    if (!asked.kinds.length) return t("All kinds of facilities");
    return list(asked.kinds.map((code) => named(this.options.kinds.find((kind) => kind.code === code)?.name) || code));
  }

  /** The way is always said: on foot or in a straight line, how far, and by whom. */
  howWords(limit_m) {
    const asked = this.value;
    const group = this.options.groups.find(({ code }) => code === asked.group);
    const values = { metres: metres(limit_m), minutes: short(asked.minutes), group: named(group?.name), speed: group?.speed_kmh, detour: asked.detour };
    if (asked.method === "walk") return asked.minutes ? t("On foot along the streets, {minutes} minutes of {group} at {speed} km/h: {metres}", values) : t("On foot along the streets: {metres}", values);
    if (asked.detour > 1) return t("In a straight line made longer by {detour}: {metres}", values);
    return t("In a straight line: {metres}", values);
  }

  get faults() {
    return [...this.form.querySelectorAll("input:invalid")].filter((input) => !input.closest("[hidden]") && !input.disabled);
  }

  mark(field) {
    const names = { floor_area_m2: "floor-area", minutes: "amount", metres: "amount", open_at: "open-time", speed_kmh: "group" };
    for (const input of this.form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
    for (const input of this.faults) input.setAttribute("aria-invalid", "true");
    const name = field?.replace(/^question\./, "");
    element(names[name] ?? name ?? "")?.setAttribute("aria-invalid", "true");
  }
}

const clock = (minute) => `${String(Math.floor(minute / MINUTES_AN_HOUR)).padStart(2, "0")}:${String(minute % MINUTES_AN_HOUR).padStart(2, "0")}`;

const list = (names) => (names.length > 3 ? t("{names} and {n} more", { names: names.slice(0, 2).join(t(", ")), n: integer(names.length - 2) }) : names.join(t(", ")));

function toggle(chosen, code, wanted) {
  if (wanted) chosen.add(code);
  else chosen.delete(code);
}

function matching(rows, typed, wordsOf) {
  const wanted = typed.trim().toLocaleLowerCase();
  return rows.filter((row) => !wanted || wordsOf(row).some((word) => word.toLocaleLowerCase().includes(wanted)));
}
