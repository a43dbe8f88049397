// The weights of the model as fields: what they hold, what of it is changed, and what the server refused.

const SINGLES = ["resident_min", "household_min", "walking_kmh", "rounds", "fixed_h", "post_h"];
const MONTHS = 12;

export class WeightForm {
  /** `changed()` hears of every keystroke. */
  constructor(form, changed) {
    this.form = form;
    this.inputs = [...form.querySelectorAll("input[data-field], #period-to")];
    form.addEventListener("input", changed);
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** Fill the fields from a version. */
  take({ weights, period }) {
    this.weights = weights;
    for (const name of SINGLES) this.input(name).value = weights[name];
    for (const input of this.form.querySelectorAll("[data-place]")) {
      input.value = weights.places[input.dataset.place]?.[input.dataset.field.split(".").at(-1)] ?? input.dataset.standard;
    }
    for (const input of this.form.querySelectorAll("[data-matter]")) input.value = weights.matters[input.dataset.matter] ?? "";
    this.input("period").value = period.from.slice(0, 7);
    this.form.querySelector("#period-to").value = monthBefore(period.until);
    // A kind of place that the version does not know has a standard that is not saved yet.
    for (const input of this.inputs) input.dataset.was = input.dataset.place && !(input.dataset.place in weights.places) ? "" : input.value;
  }

  input(field) {
    return this.form.querySelector(`[data-field="${field}"]`);
  }

  /** All weights as they stand in the fields. */
  whole() {
    const weights = Object.fromEntries(SINGLES.map((name) => [name, Number(this.input(name).value)]));
    weights.places = {};
    for (const input of this.form.querySelectorAll("[data-place]")) {
      const standard = (weights.places[input.dataset.place] ??= {});
      standard[input.dataset.field.split(".").at(-1)] = Number(input.value);
    }
    const named = [...this.form.querySelectorAll("[data-matter]")].filter((input) => input.value !== "");
    weights.matters = Object.fromEntries(named.map((input) => [input.dataset.matter, Number(input.value)]));
    return weights;
  }

  /** The weights that differ from the version's; places and matters as wholes. */
  changes() {
    const whole = this.whole();
    const fields = this.changedInputs().map((input) => input.dataset.field?.split(".")[0]);
    return Object.fromEntries(Object.entries(whole).filter(([name]) => fields.includes(name)));
  }

  /** The counted months as the API has them; null when they are as they were. */
  period() {
    const to = this.form.querySelector("#period-to");
    const from = this.input("period");
    if (!isChanged(from) && !isChanged(to)) return null;
    return { from: `${from.value}-01`, until: `${monthAfter(to.value)}-01` };
  }

  changedInputs() {
    return this.inputs.filter(isChanged);
  }

  /** Mark what is changed and what cannot be; returns how many fields are changed. */
  markChanged() {
    for (const input of this.inputs) {
      input.classList.toggle("is-changed", isChanged(input));
      input.setAttribute("aria-invalid", String(!input.validity.valid));
    }
    return this.changedInputs().length;
  }

  /** Mark the fields that the server named. */
  mark(errors) {
    for (const { field } of errors) this.input(field)?.setAttribute("aria-invalid", "true");
  }

  isValid() {
    return this.inputs.every((input) => input.validity.valid);
  }
}

const isChanged = (input) => input.value !== input.dataset.was;

const monthBefore = (day) => shifted(day, -1);
const monthAfter = (month) => shifted(`${month}-01`, 1);

function shifted(day, by) {
  const [year, month] = day.split("-").map(Number);
  const at = year * MONTHS + month - 1 + by;
  return `${Math.floor(at / MONTHS)}-${String((at % MONTHS) + 1).padStart(2, "0")}`;
}
