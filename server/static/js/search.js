// The search box: an ARIA combobox over towns, communities, grids and facilities, and over typed coordinates.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { gridName, named, t } from "./words.js";

const PAUSE_MS = 160;
const LIMIT = 20;
const PAIR = /^\s*\(?\s*(-?\d{1,3}(?:\.\d+)?)\s*°?\s*[,，;\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*°?\s*\)?\s*$/;
const GREATEST_LATITUDE = 90;
const ICONS = { town: "buildings", community: "houses", grid: "bounding-box", facility: "geo-alt", city: "map", place: "crosshair" };
const LEVEL_WORDS = { city: "City", town: "Town", community: "Community", grid: "Grid", facility: "Facility" };

export class Search {
  /** `onChoose(result)` gets a search result, or {type: "place", lon, lat, datum}. */
  constructor(form, onChoose) {
    this.form = form;
    this.input = form.querySelector("input");
    this.list = form.querySelector("[role=listbox]");
    this.clearButton = form.querySelector(".search-clear");
    this.status = form.querySelector("[role=status]");
    this.onChoose = onChoose;
    this.results = [];
    this.active = -1;
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => this.results.length && this.open());
    this.clearButton.addEventListener("click", () => this.clear());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.choose(Math.max(0, this.active));
    });
    document.addEventListener("pointerdown", (event) => !form.contains(event.target) && this.close());
  }

  focus() {
    this.input.focus();
    this.input.select();
  }

  later() {
    clearTimeout(this.timer);
    this.clearButton.hidden = !this.input.value;
    this.timer = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    const text = this.input.value.trim();
    this.request?.abort();
    if (!text) return this.close(true);
    const places = placesIn(text);
    if (places.length) return this.show(places);
    this.request = new AbortController();
    this.form.classList.add("is-busy");
    try {
      const { results } = await get("/search", { q: text, limit: LIMIT }, { signal: this.request.signal });
      this.show(results);
    } catch (problem) {
      if (problem.name !== "AbortError") this.showNote(problem.message);
    } finally {
      this.form.classList.remove("is-busy");
    }
  }

  show(results) {
    this.results = results;
    if (!results.length) return this.showNote(t("Nothing found. Try a name, a grid code or coordinates."));
    replace(this.list, results.map((result, i) => this.option(result, i)));
    this.status.textContent = t("{n} results", { n: results.length });
    this.open();
    this.activate(0);
  }

  showNote(text) {
    this.results = [];
    replace(this.list, h("li", { class: "search-note" }, text));
    this.status.textContent = text;
    this.open();
  }

  option(result, i) {
    const level = result.type === "facility" ? "facility" : (result.level ?? result.type);
    const option = h(
      "li",
      { role: "option", id: `search-option-${i}`, "aria-selected": "false", dataset: { type: result.type, code: result.code ?? "" } },
      icon(ICONS[level] ?? "geo-alt"),
      h("span", { class: "search-text" }, h("span", { class: "search-name" }, nameOf(result)), h("span", { class: "search-context" }, contextOf(result))),
      LEVEL_WORDS[level] ? h("span", { class: "search-kind" }, t(LEVEL_WORDS[level])) : null,
    );
    option.addEventListener("pointerdown", (event) => event.preventDefault());
    option.addEventListener("click", () => this.choose(i));
    option.addEventListener("pointermove", () => this.activate(i));
    return option;
  }

  key(event) {
    if (event.isComposing) return;
    const last = this.results.length - 1;
    const moves = { ArrowDown: Math.min(last, this.active + 1), ArrowUp: Math.max(0, this.active - 1) };
    if (event.key in moves && this.results.length) {
      event.preventDefault();
      this.open();
      this.activate(moves[event.key]);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (this.list.hidden) this.input.blur();
      this.close();
    }
  }

  activate(i) {
    this.active = i;
    const options = this.list.querySelectorAll("[role=option]");
    options.forEach((option, n) => option.setAttribute("aria-selected", String(n === i)));
    if (options[i]) {
      this.input.setAttribute("aria-activedescendant", options[i].id);
      options[i].scrollIntoView({ block: "nearest" });
    }
  }

  choose(i) {
    const chosen = this.results[i];
    if (!chosen) return;
    this.input.value = chosen.type === "place" ? this.input.value.trim() : nameOf(chosen);
    this.close();
    this.input.blur();
    this.onChoose(chosen);
  }

  open() {
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
  }

  close(forget = false) {
    if (forget) this.results = [];
    this.list.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  clear() {
    this.input.value = "";
    this.clearButton.hidden = true;
    this.close(true);
    this.input.focus();
  }
}

const nameOf = (result) => (result.type === "grid" ? gridName(result, result.community) : named(result.name));

function contextOf(result) {
  const context = named(result.context);
  return result.type === "grid" ? [context, result.code].filter(Boolean).join(" · ") : context;
}

/** Typed coordinates as places to look up, one per datum; latitude first is understood where it can only be that. */
export function placesIn(text) {
  const match = PAIR.exec(text);
  if (!match) return [];
  let [lon, lat] = [Number(match[1]), Number(match[2])];
  if (Math.abs(lat) > GREATEST_LATITUDE) [lon, lat] = [lat, lon];
  if (Math.abs(lat) > GREATEST_LATITUDE || Math.abs(lon) > 2 * GREATEST_LATITUDE) return [];
  const place = (datum, name, context) => ({ type: "place", level: "place", datum, lon, lat, name: `${lon}, ${lat}`, context: `${name} · ${context}` });
  return [
    place("cgcs2000", "CGCS2000 / WGS 84", t("Which grid is this point in? Surveyed or GPS coordinates")),
    place("gcj02", "GCJ-02", t("Taken from AMap or Tencent")),
    place("bd09", "BD-09", t("Taken from Baidu")),
  ];
}
