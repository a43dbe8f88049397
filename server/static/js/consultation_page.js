// The page of one consultation, for residents without log-in and for the planners who lead it. Folium's script calls `start`.

import { get, patch, post } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { date, integer } from "./format.js";
import { PairedMaps, legendRows, mapButtons, share } from "./paired_maps.js";
import { language, named, t } from "./words.js";

const element = (id) => document.getElementById(id);
const NARROW = window.matchMedia("(max-width: 767.98px)");
const PLACE_ZOOM = 15;
const POSITION_TIMEOUT_MS = 15_000;

export function start(parts) {
  window.wangge = { ...parts, consultation: new ConsultationPage(parts) };
}

class ConsultationPage {
  constructor({ map, page }) {
    this.page = page;
    this.path = `/consultations/${page.id}`;
    this.pair = new PairedMaps({ map, page, frame: element("pair"), pick: (_, latlng) => this.setPlace(latlng) });
    this.pins = ["before", "after"].map((side) => L.layerGroup().addTo(this.pair.maps[side]));
    const layers = ["before", "after"].map((side) => L.layerGroup().addTo(this.pair.maps[side]));
    this.voices = { layers, clear: () => layers.forEach((layer) => layer.clearLayers()) };
    for (const side of ["before", "after"]) this.pair.maps[side].on("click", ({ latlng }) => this.setPlace(latlng));
    mapButtons(this.pair);
    element("map-attribution").textContent = page.attribution;
    element("pair").classList.toggle("is-narrow", NARROW.matches);
    element("opinion").addEventListener("submit", (event) => this.say(event));
    element("more").addEventListener("click", () => this.readOpinions());
    element("locate")?.addEventListener("click", () => this.locate());
    element("community")?.addEventListener("change", (event) => this.goToCommunity(event.target.value));
    if (page.mayLead) this.buildLead();
    this.load();
    this.drawMap();
    this.readOpinions();
  }

  async load() {
    try {
      this.show(await get(this.path));
    } catch (problem) {
      this.showFault(problem, () => this.load());
    }
  }

  showFault(problem, again) {
    element("fault").hidden = false;
    replace(element("fault"), problem.detail ?? problem.title, " ", h("button", { type: "button", class: "btn-link", onclick: () => { element("fault").hidden = true; again(); } }, t("Try again")));
  }

  show(held) {
    this.held = held;
    element("kind").textContent = named(held.kind.name);
    element("area").textContent = named(held.area.name);
    element("dates").textContent = t("opinions from {from} to {to}", { from: date(held.open.from), to: date(held.open.to) });
    const at = this.page.stages.indexOf(held.stage.code);
    for (const [i, item] of [...element("stages").children].entries()) {
      item.classList.toggle("is-done", i < at);
      if (i === at) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    }
    element("outcome").hidden = !held.outcome;
    element("outcome").textContent = held.outcome ?? "";
    element("speak").hidden = !held.takes_opinions;
    this.showSupport(held);
    replace(element("communities"), held.communities.map((each) => supportRow(each)));
    element("by-community").hidden = held.communities.length === 0;
    replace(element("steps"), held.steps.map((step) => h("li", {}, h("strong", {}, named(step.stage.name)), " ", h("time", { class: "muted", datetime: step.at }, date(step.at)), step.note ? h("p", {}, step.note) : null)));
    if (this.page.mayLead) this.showLead(held);
  }

  showSupport({ voices, support_needed: needed, override, supported }) {
    const verdict = voices.fraction == null ? t("Nobody has spoken yet.") : supported ? t("Enough: {needed} are needed.", { needed: share(needed) }) : t("Not enough: {needed} are needed, or it is generally not carried out.", { needed: share(needed) });
    replace(
      element("support"),
      supportBar(voices, needed),
      h("p", { class: supported ? "verdict is-enough" : "verdict" }, verdict),
      voices.hidden ? h("p", { class: "muted" }, t("{n} opinions were taken out by moderation and are not counted.", { n: integer(voices.hidden) })) : null,
      override ? h("p", { class: "own-note" }, t("To be carried out all the same, since {date}: {reason}", { date: date(override.at), reason: override.reason })) : null,
    );
  }

  // --- the map, and my place on it ---

  async drawMap() {
    try {
      const maps = await get(`${this.path}/map`);
      this.maps = maps;
      for (const side of ["before", "after"]) L.geoJSON(maps.area, { interactive: false, style: { color: this.page.colours.changed, weight: 2, dashArray: "6 4", fill: false } }).addTo(this.pair.maps[side]);
      if (maps.before) this.drawChange(maps);
      else this.pair.goTo(L.geoJSON(maps.area).getBounds());
      replace(element("legend"), [...(maps.before ? legendRows(this.page.colours) : []), h("li", {}, t("The dashed line is the area that is asked.")), this.voiceLegend("support", t("Voice for it")), this.voiceLegend("against", t("Voice against it"))]);
    } catch (problem) {
      this.showFault(problem, () => this.drawMap());
    }
  }

  voiceLegend(which, words) {
    return h("li", {}, h("span", { class: "legend-dot", style: { "--fill": this.page.supportColours[which] }, "aria-hidden": "true" }), words);
  }

  drawChange(maps) {
    this.pair.draw(maps);
    this.pair.fitAll();
    const codes = new Map(maps.after.features.map(({ properties }) => [properties.community, properties.community_name]));
    const choices = [...codes].sort((x, y) => named(x[1]).localeCompare(named(y[1]), language));
    element("community").append(...choices.map(([code, name]) => h("option", { value: code }, named(name))));
    const said = maps.change.sentences.map((sentence) => h("p", {}, named(sentence)));
    element("summary").after(h("details", { class: "paper" }, h("summary", {}, t("The change in figures")), said));
  }

  locate() {
    if (!navigator.geolocation) return this.sayPlace(t("This browser tells no position. Tap the map instead."));
    this.sayPlace(t("Looking for your position …"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.setPlace(L.latLng(coords.latitude, coords.longitude), { go: true }),
      () => this.sayPlace(t("Your position was not told. Tap the map instead.")),
      { enableHighAccuracy: true, timeout: POSITION_TIMEOUT_MS },
    );
    return undefined;
  }

  goToCommunity(code) {
    const grids = this.maps?.after.features.filter(({ properties }) => properties.community === code) ?? [];
    if (grids.length) this.pair.goTo(L.geoJSON(grids).getBounds());
  }

  setPlace(latlng, { go = false } = {}) {
    this.place = latlng;
    for (const pins of this.pins) {
      pins.clearLayers();
      pins.addLayer(L.circleMarker(latlng, { radius: 8, color: "#ffffff", weight: 3, fillColor: this.page.colours.selected, fillOpacity: 1, interactive: false }));
    }
    if (go) this.pair.maps.before.setView(latlng, Math.max(PLACE_ZOOM, this.pair.maps.before.getZoom()));
    element("place-said").textContent = t("Your opinion is for the place marked on the map.");
    if (element("my-place")) this.tellPlace(latlng);
  }

  sayPlace(words) {
    replace(element("my-place"), h("p", { class: "place-card" }, words));
  }

  /** My grid before and after, and who works there by role: no names. */
  tellPlace(latlng) {
    const [before, after] = ["before", "after"].map((side) => this.pair.gridAt(side, latlng));
    if (!before || !after) return this.sayPlace(t("Nothing changes here: no grid of this community is redrawn."));
    const stays = before.key === after.key;
    replace(
      element("my-place"),
      h("div", { class: stays ? "place-card" : "place-card is-changed" },
        h("p", {}, h("strong", {}, stays ? t("Your place stays in its grid.") : t("Your place passes to another grid."))),
        h("dl", {}, h("dt", {}, t("Plan before")), h("dd", {}, this.gridWords(before)), h("dt", {}, t("Plan after")), h("dd", {}, this.gridWords(after))),
        stays && after.changed ? h("p", { class: "muted" }, t("The grid itself gains or loses other ground.")) : null),
    );
    this.pair.mark(after.key);
    return undefined;
  }

  gridWords(grid) {
    const posts = (this.maps.posts[grid.key] ?? []).map((role) => t("{role}: {n}", { role: named(role.name), n: role.n }));
    const who = grid.key < 0 ? t("a new grid; its officers are named when the plan is published") : posts.join(t(", ")) || t("no officer is posted now");
    return [h("strong", {}, t("{community} grid {number}", { community: named(grid.community_name), number: grid.label })), h("span", { class: "muted" }, who)];
  }

  // --- opinions ---

  async say(event) {
    event.preventDefault();
    const said = element("said");
    const given = new FormData(event.target).get("support");
    if (!given) return;
    element("say").disabled = true;
    try {
      const place = this.place ? [this.place.lng, this.place.lat] : null;
      const { new: fresh } = await post(`${this.path}/opinions`, { support: given === "yes", words: element("words-said").value, place });
      said.className = "is-said";
      said.textContent = fresh ? t("Thank you. Your voice is counted.") : t("Your earlier voice is changed.");
      this.opinionsBefore = null;
      await Promise.all([this.load(), this.readOpinions({ anew: true })]);
    } catch (problem) {
      said.className = "is-fault";
      said.textContent = problem.detail ?? problem.title;
    } finally {
      element("say").disabled = false;
    }
  }

  async readOpinions({ anew = false } = {}) {
    try {
      const query = this.opinionsBefore && !anew ? { before: this.opinionsBefore } : {};
      const { opinions, before } = await get(`${this.path}/opinions`, query);
      const rows = opinions.map((opinion) => this.opinionRow(opinion));
      if (!query.before) this.voices.clear();
      for (const opinion of opinions) this.drawVoice(opinion);
      if (query.before) element("opinions").append(...rows);
      else replace(element("opinions"), rows.length ? rows : h("li", { class: "muted" }, t("No opinions yet.")));
      this.opinionsBefore = before;
      element("more").hidden = !before;
    } catch (problem) {
      this.showFault(problem, () => this.readOpinions({ anew }));
    }
  }

  /** Where a voice comes from, roughly; the same on both maps. */
  drawVoice({ place, support, hidden }) {
    if (!place || hidden) return;
    const fillColor = this.page.supportColours[support ? "support" : "against"];
    for (const layer of this.voices.layers) layer.addLayer(L.circleMarker([place[1], place[0]], { radius: 6, color: "#ffffff", weight: 1.5, fillColor, fillOpacity: 0.9, interactive: false }));
  }

  opinionRow(opinion) {
    const { support, words, community, at, hidden } = opinion;
    const moderate = this.page.mayLead ? h("button", { type: "button", class: "btn-link", onclick: () => this.moderate(opinion) }, hidden ? t("Show again") : t("Hide")) : null;
    return h(
      "li",
      { class: hidden ? "is-hidden" : null },
      h("p", { class: "opinion-head" }, h("span", { class: support ? "vote vote-yes" : "vote vote-no" }, icon(support ? "hand-thumbs-up" : "hand-thumbs-down"), support ? t("For") : t("Against")), h("span", { class: "muted" }, [named(community.name), date(at), hidden && t("hidden")].filter(Boolean).join(" · ")), moderate),
      words ? h("p", { class: "opinion-words" }, words) : null,
    );
  }

  async moderate({ id, hidden }) {
    await this.lead(() => patch(`${this.path}/opinions/${id}`, { hidden: !hidden }));
    await this.readOpinions({ anew: true });
  }

  // --- leading it ---

  buildLead() {
    const on = (id, act) => element(id).addEventListener("submit", (event) => { event.preventDefault(); this.lead(act); });
    on("stage-form", () => post(`${this.path}/stage`, { stage: element("stage").value, note: element("note").value.trim() || null }));
    on("override-form", () => post(`${this.path}/override`, { reason: element("reason").value }));
    on("change-form", () => patch(`${this.path}`, { until: element("until").value, outcome: element("outcome-text").value }));
  }

  showLead(held) {
    const at = this.page.stages.indexOf(held.stage.code);
    for (const option of element("stage").options) {
      const stage = this.page.stages.indexOf(option.value);
      option.disabled = stage > at + 1 || stage === at;
      option.selected = stage === Math.min(at + 1, this.page.stages.length - 1);
    }
    element("override-form").hidden = held.supported;
    element("until").value = held.open.to;
    element("outcome-text").value = held.outcome ?? "";
  }

  async lead(act) {
    const said = element("lead-said");
    try {
      await act();
      element("note").value = "";
      said.className = "is-said";
      said.textContent = t("Saved.");
      await this.load();
    } catch (problem) {
      said.className = "is-fault";
      said.textContent = problem.detail ?? problem.title;
    }
  }
}

export function supportBar(voices, needed) {
  const fraction = voices.fraction ?? 0;
  return h(
    "div",
    { class: "support" },
    h("div", { class: "support-numbers" }, h("span", {}, t("For"), " ", h("strong", {}, integer(voices.support))), h("strong", { class: "support-rate" }, share(voices.fraction)), h("span", {}, t("Against"), " ", h("strong", {}, integer(voices.against)))),
    h("div", { class: "support-bar", role: "img", "aria-label": t("{rate} are for it", { rate: share(voices.fraction) }) }, voices.fraction == null ? null : h("span", { style: { width: `${100 * fraction}%` } }), h("i", { style: { left: `${100 * needed}%` }, title: share(needed) })),
  );
}

function supportRow({ name, support, against, fraction }) {
  return h("tr", {}, h("th", { scope: "row" }, name ? named(name) : t("without a place")), h("td", {}, h("span", { class: "support-bar" }, fraction == null ? null : h("span", { style: { width: `${100 * fraction}%` } }))), h("td", {}, `${integer(support)} : ${integer(against)}`), h("td", {}, share(fraction)));
}
