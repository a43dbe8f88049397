// Choosing an area by name or code: an ARIA combobox over the search.

import { get } from "./api.js";
import { h, replace } from "./dom.js";
import { named, t } from "./words.js";

const PAUSE_MS = 160;
const LIMIT = 60;
const LEVEL_WORDS = { city: "City", town: "Town", community: "Community" };

export class AreaPicker {
  /** `own` is offered before anything is typed; `onChange(code | null)` is told what was chosen or taken away. */
  constructor(element, own, onChange = () => {}) {
    this.own = own;
    this.input = element.querySelector("input");
    this.list = element.querySelector("[role=listbox]");
    this.status = element.querySelector("[role=status]");
    this.onChange = onChange;
    this.results = [];
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => !this.input.value && this.show([this.own]));
    this.input.addEventListener("blur", () => this.leave());
  }

  /** The code of the area chosen, null if none; what was typed and not chosen is none. */
  get code() {
    return this.chosen?.code ?? null;
  }

  set(area) {
    clearTimeout(this.timer);
    this.request?.abort(); // its answer would open the list again
    this.chosen = area;
    this.input.value = area ? named(area.name) : "";
    this.close();
  }

  typed() {
    if (this.chosen) {
      this.chosen = null;
      this.onChange(null);
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.find(), PAUSE_MS);
  }

  async find() {
    this.request?.abort();
    const text = this.input.value.trim();
    if (!text) return this.show([this.own]);
    this.request = new AbortController();
    try {
      const { results } = await get("/search", { q: text, limit: LIMIT }, { signal: this.request.signal });
      this.show(results.filter((each) => each.type === "area"));
    } catch (problem) {
      if (problem.name !== "AbortError") this.say(problem.message);
    }
  }

  show(results) {
    this.results = results;
    if (!results.length) return this.say(t("No area of this name or code."));
    replace(this.list, results.map((result, i) => this.option(result, i)));
    this.status.textContent = t("{n} results", { n: results.length });
    this.open();
    this.activate(0);
  }

  say(text) {
    this.results = [];
    replace(this.list, h("li", { class: "muted" }, text));
    this.status.textContent = text;
    this.open();
  }

  option(result, i) {
    const where = [t(LEVEL_WORDS[result.level] ?? result.level), named(result.context), result.code].filter(Boolean).join(" · ");
    const option = h("li", { role: "option", id: `${this.list.id}-${i}`, "aria-selected": "false" }, named(result.name), h("small", {}, where));
    option.addEventListener("pointerdown", (event) => event.preventDefault());
    option.addEventListener("click", () => this.choose(i));
    return option;
  }

  key(event) {
    if (event.isComposing || this.list.hidden) return;
    const last = this.results.length - 1;
    const moves = { ArrowDown: Math.min(last, this.active + 1), ArrowUp: Math.max(0, this.active - 1) };
    if (event.key in moves) this.activate(moves[event.key]);
    else if (event.key === "Enter" && this.results.length) this.choose(this.active);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  activate(i) {
    this.active = i;
    const options = this.list.querySelectorAll("[role=option]");
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === i)));
    if (!options[i]) return;
    this.input.setAttribute("aria-activedescendant", options[i].id);
    options[i].scrollIntoView({ block: "nearest" });
  }

  choose(i) {
    if (!this.results[i]) return;
    this.set(this.results[i]);
    this.onChange(this.code);
  }

  leave() {
    this.request?.abort();
    this.close();
  }

  open() {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close() {
    this.list.hidden = true;
    this.results = [];
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
