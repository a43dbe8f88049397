// A form that fills the phone: fields one below the other, one large button at the end.

import { h, icon, replace } from "./dom.js";
import { Matters } from "./officer_matters.js";
import { Photos } from "./officer_photos.js";
import { t } from "./words.js";

const NOTE_LIMIT = 2000;

export class Form {
  constructor(dialog) {
    this.dialog = dialog;
    dialog.addEventListener("close", () => replace(dialog));
  }

  get isOpen() {
    return this.dialog.open;
  }

  /** `fields` by name; `send(values)` gets {note, matter, photos} once nothing is missing. */
  open({ title, about, fields, button, send, danger = false }) {
    const form = h("form", { method: "dialog", novalidate: true }, about ? h("p", { class: "form-about" }, about) : null, Object.values(fields).map((field) => field.element));
    const submit = h("button", { type: "submit", class: `big-button ${danger ? "is-warning" : "is-main"}` }, button);
    form.append(h("div", { class: "form-end" }, submit));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const faulty = Object.values(fields).find((field) => !field.check());
      if (faulty) return faulty.element.scrollIntoView({ block: "center" });
      submit.disabled = true;
      return send(valuesOf(fields)).then(() => this.close());
    });
    const head = h("header", { class: "form-head" }, h("button", { type: "button", class: "round-button", "aria-label": t("Cancel"), onclick: () => this.close() }, icon("arrow-left")), h("h2", {}, title));
    replace(this.dialog, head, form);
    this.dialog.showModal();
    form.querySelector("[data-first]")?.focus({ preventScroll: true });
  }

  close() {
    this.dialog.close();
  }
}

const valuesOf = (fields) => Object.assign({}, ...Object.values(fields).map((field) => field.value()));

export function note({ label, required }) {
  const control = h("textarea", { class: "form-control", rows: 4, maxlength: NOTE_LIMIT, "aria-required": String(required) });
  const told = h("p", { class: "field-told", role: "alert" });
  control.addEventListener("input", () => { told.textContent = ""; });
  return {
    element: h("div", { class: "field" }, h("label", {}, h("span", { class: "field-name" }, label), control), told),
    value: () => (control.value.trim() ? { note: control.value.trim() } : {}),
    check() {
      const missing = required && !control.value.trim();
      told.textContent = missing ? t("A few words are needed.") : "";
      return !missing;
    },
  };
}

export function photos({ required = false } = {}) {
  const taken = new Photos({ required });
  return { element: taken.element, value: () => ({ photos: taken.blobs }), check: () => taken.check() };
}

export function matter(known) {
  const picker = new Matters(known);
  return { element: picker.element, value: () => ({ matter: picker.chosen.code }), check: () => picker.check() };
}

/** Where it is: the phone's place, looked for until it is known. */
export function place(places) {
  const told = h("p", { class: "place-told", role: "status" });
  const again = h("button", { type: "button", class: "plain-button" }, icon("crosshair"), t("Look again"));
  let found = null;
  const look = async () => {
    again.hidden = true;
    told.textContent = t("Looking for your place …");
    found = await places.here();
    told.textContent = found ? t("Here, within {n} m", { n: Math.max(1, found.accuracy_m) }) : t("The phone does not say where it is. Allow it to, and step into the open.");
    told.classList.toggle("is-bad", !found);
    again.hidden = false;
  };
  again.addEventListener("click", look);
  look();
  return {
    element: h("div", { class: "field field-place" }, h("span", { class: "field-name" }, t("Place")), told, again),
    value: () => ({ lon: found.lon, lat: found.lat }),
    check: () => found !== null,
  };
}
