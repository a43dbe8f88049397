// The dispatcher's page: joins stream, store, queue, map and the case at hand. Folium's script calls `start`.

import { get } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { coordinates } from "./format.js";
import { Alerts } from "./live_alerts.js";
import { Detail } from "./live_detail.js";
import { Figures } from "./live_figures.js";
import { FilterBar } from "./live_filter_bar.js";
import { Filters } from "./live_filters.js";
import { keyList, listenToKeys } from "./live_keys.js";
import { CaseLayer } from "./live_layer.js";
import { showLegend } from "./live_legend.js";
import { Line } from "./live_line.js";
import { Names } from "./live_names.js";
import { OfficerCard } from "./live_officer_card.js";
import { Officers } from "./live_officers.js";
import { Overlay } from "./live_overlay.js";
import { Places } from "./live_places.js";
import { Queue } from "./live_queue.js";
import { Replay } from "./live_replay.js";
import { PhoneReport } from "./live_report.js";
import { CaseStore } from "./live_store.js";
import { Sheet, isPhone } from "./sheet.js";
import { Ground } from "./studio_shapes.js";
import { dueWords } from "./live_time.js";
import { named, t } from "./words.js";

const element = (id) => document.getElementById(id);
const TOLD_MS = 5000;
const SORT_EVERY_MS = 250;
const LATENESS_MS = 20_000; // what becomes late by itself moves up within this time
const TRIES_BEFORE_ASKING = 2; // then it is asked why: perhaps nobody is logged in any more
const OVERFLOW = 0.15; // of a zoom step
const CASE_ZOOM = 15;
const BUBBLE_ZOOM = 17;
const LINE_WORDS = { waiting: "Connecting …", live: "As it happens", reconnecting: "Reconnecting …", behind: "{n} s behind" };

export function start({ map, division, page }) {
  window.wangge = { map, division, live: new Live({ map, division, page }) };
}

class Live {
  constructor({ map, division, page }) {
    Object.assign(this, { map, division, page, chosen: null, list: [] });
    const own = { command: page.me.command, department: page.me.department };
    this.ground = new Ground(page.bbox);
    this.store = new CaseStore(this.ground);
    this.buildLayers();
    this.names = new Names({ officers: this.officers });
    this.filters = new Filters({ own, names: this.names });
    this.bar = new FilterBar({ filters: this.filters, names: this.names, own: page.me.area, fault: (problem) => this.say(problem.message, { bad: true }) });
    this.queue = new Queue(element("queue"), { choose: (number) => this.choose(number), names: this.names });
    this.buildPanels();
    this.line = new Line(page.kinds);
    this.listen();
    this.buildMap();
    listenToKeys(this);
    this.open();
  }

  // --- building ---

  buildLayers() {
    const { map, ground, page } = this;
    this.replay = new Replay({ map, ground, element: element("replay"), colours: page.colours, shown: (on) => this.standBack(on) });
    const redraw = () => this.layer.board.redraw();
    this.officers = new Officers({ map, ground, redraw });
    this.overlay = new Overlay(redraw);
    this.layer = new CaseLayer({ map, ground, colours: page.colours, below: [new Places({ ground, redraw }), this.officers], above: [this.overlay] });
    showLegend(element("legend"), page.colours);
  }

  buildPanels() {
    const desk = {
      names: this.names, officers: this.officers, store: this.store,
      choose: (number) => this.choose(number, { move: true }), close: () => this.close(), changed: (told) => this.store.apply(told),
      say: (words) => this.say(words), showOfficer: (number) => this.showOfficer(number), closeOfficer: () => this.closeOfficer(),
      pick: (callback) => this.pick(callback), pin: (latlng) => this.overlay.point(latlng && this.ground.at([latlng.lng, latlng.lat])),
      pointOut: (officer) => this.pointOut(officer), zoomTo: (place) => this.zoomTo(place), focusQueue: () => element("queue").focus({ preventScroll: true }),
      made: ({ number }) => this.made(number),
    };
    this.detail = new Detail(element("detail"), desk);
    this.card = new OfficerCard(element("officer"), desk);
    this.report = new PhoneReport(element("report"), desk);
    this.figures = new Figures(element("figures"));
    this.alerts = new Alerts({ notes: element("notes"), button: element("sound"), open: (number) => this.choose(number, { move: true }), words: (one) => this.caseWords(one) });
    this.sheets = { queue: new Sheet(element("queue-panel"), { height: "half" }), detail: new Sheet(element("detail"), { height: "full" }) };
    keyList(element("key-list"));
    if (isPhone()) this.toggleLegend();
    const acts = { replay: () => this.replay.toggle(), report: () => this.report.open(), keys: () => this.showKeys(), officers: () => this.toggleOfficers(), legend: () => this.toggleLegend() };
    for (const button of document.querySelectorAll("[data-act]")) button.addEventListener("click", () => acts[button.dataset.act]());
  }

  listen() {
    this.store.addEventListener("changed", ({ detail }) => this.changed(detail));
    this.filters.addEventListener("changed", ({ detail }) => this.filtered(detail));
    this.line.addEventListener("state", ({ detail }) => this.showLine(detail));
    this.line.addEventListener("reload", () => this.load());
    this.line.addEventListener("told", ({ detail }) => this.told(detail));
    this.line.addEventListener("positions", ({ detail }) => this.officers.moved(detail));
    setInterval(() => !document.hidden && this.sortSoon(), LATENESS_MS);
  }

  buildMap() {
    const { map } = this;
    L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 110 }).addTo(map);
    element("zoom-in").addEventListener("click", () => map.zoomIn());
    element("zoom-out").addEventListener("click", () => map.zoomOut());
    element("zoom-all").addEventListener("click", () => this.fit(this.page.bbox));
    element("map-attribution").textContent = this.page.basemap.attribution;
    new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
    map.on("click", ({ latlng }) => this.clicked(latlng));
    map.on("mousemove", (event) => this.over(event));
    map.on("mouseout movestart", () => { element("map-tooltip").hidden = true; });
    const container = map.getContainer();
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", t("Map. Arrow keys move, plus and minus zoom; the queue beside it lists the same cases."));
    this.fit(this.page.me.bbox);
  }

  // --- reading ---

  async open() {
    this.showState("loading");
    this.figures.soon();
    this.officers.read().catch(() => {}); // the map works without them; they are asked for again every minute
    const names = this.names.read().then(() => this.bar.offer(), (problem) => this.say(problem.message, { bad: true }));
    await Promise.allSettled([names, this.load()]);
    this.filters.begin(this.store.cases.values());
    if (this.isOpen) this.line.open(this.seq);
    this.sortSoon();
  }

  /** All open cases anew: at the start, when the stream missed something, and when the area is another. */
  async load() {
    const within = this.filters.area?.code ?? null;
    this.figures.within = this.officers.within = this.replay.within = within;
    try {
      this.seq = await this.store.load(() => get("/cases/points", within ? { area: within } : {}), { within });
      this.isOpen = true;
    } catch (problem) {
      if (!this.store.isLoaded) this.showState("fault", problem);
      else this.say(problem.message, { bad: true });
    }
  }

  told(told) {
    if (told.kind === "case.left") this.store.drop(told.number);
    else this.store.apply(told);
    if (told.number === this.detail.number) this.detail.heard(told);
    this.figures.soon();
  }

  // --- showing ---

  changed({ fresh }) {
    this.sortSoon();
    if (!this.isOpen || !fresh.length) return;
    this.overlay.pulse(fresh);
    this.alerts.tell(fresh);
  }

  filtered({ moved }) {
    if (moved) {
      this.load();
      this.officers.read().catch(() => {});
      this.figures.soon();
    }
    this.sort();
  }

  /** Sorting ten thousand takes some milliseconds: not at every event. */
  sortSoon() {
    this.sorting ??= setTimeout(() => this.sort(), SORT_EVERY_MS);
  }

  sort() {
    clearTimeout(this.sorting);
    this.sorting = null;
    if (!this.store.isLoaded) return;
    const { list, counts } = this.filters.sift(this.store.cases.values());
    this.list = list;
    this.queue.show(list);
    this.bar.counted(counts);
    const one = this.chosen ? this.store.get(this.chosen) : null;
    this.layer.show(one && this.queue.at < 0 ? [...list, one] : list); // what is open beside the map is on it, whatever the filters
    this.overlay.choose(one);
    this.officers.count(this.store.cases.values());
    this.card.show();
    this.showState(list.length ? "listed" : this.store.size ? "filtered" : "empty");
  }

  showState(state, problem) {
    const box = element("queue-state");
    element("queue-panel").dataset.state = state;
    box.hidden = state === "listed";
    const words = { loading: t("Reading the cases …"), empty: t("No open case in your part of the city."), filtered: t("No case passes these filters."), fault: problem?.message }[state];
    const again = state === "fault" ? h("button", { type: "button", class: "btn btn-outline-secondary btn-sm", onclick: () => this.open() }, t("Try again")) : null;
    replace(box, state === "loading" ? h("div", { class: "spinner-border text-secondary", "aria-hidden": "true" }) : icon(state === "fault" ? "exclamation-triangle" : "check2-circle"), h("p", { role: state === "fault" ? "alert" : "status" }, words ?? ""), again);
  }

  async showLine({ state, behindS, tries }) {
    const box = element("line");
    box.dataset.state = state;
    box.querySelector("span").textContent = t(LINE_WORDS[state], { n: behindS });
    if (state !== "reconnecting" || tries !== TRIES_BEFORE_ASKING) return;
    const problem = await get("/me").then(() => null, (refused) => refused);
    if (problem?.status === 401) this.say(problem.message, { bad: true });
  }

  say(words, { bad = false } = {}) {
    const box = element("told");
    box.classList.toggle("is-bad", bad);
    box.textContent = words;
    box.hidden = false;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => { box.hidden = true; }, TOLD_MS);
  }

  caseWords(one) {
    return [this.names.matter(one.matter), this.names.place(one), dueWords(one)].filter(Boolean).join(" · ");
  }

  standBack(on) {
    for (const layer of [this.layer, this.officers, this.overlay]) layer.setShown(!on);
    document.querySelector("[data-act=replay]").setAttribute("aria-pressed", String(on));
  }

  toggleOfficers() {
    this.officers.setShown(!this.officers.shown);
    document.querySelector("[data-act=officers]").setAttribute("aria-pressed", String(this.officers.shown));
  }

  toggleLegend() {
    const legend = element("legend");
    legend.hidden = !legend.hidden;
    document.querySelector("[data-act=legend]").setAttribute("aria-expanded", String(!legend.hidden));
  }

  // --- choosing ---

  choose(number, { move = false, open = true } = {}) {
    this.chosen = number;
    const one = this.store.get(number) ?? null;
    this.closeOfficer();
    this.queue.mark(number);
    this.layer.choose(number);
    this.overlay.choose(one);
    if (one && (move || !this.map.getBounds().contains([one.lat, one.lon]))) this.zoomTo(one, { near: move });
    if (open) this.detail.open(number);
    else if (this.detail.isOpen) this.detail.open(number);
  }

  close() {
    this.detail.close();
    this.chosen = null;
    this.queue.mark(null);
    this.layer.choose(null);
    this.overlay.choose(null);
    element("queue").focus({ preventScroll: true });
  }

  walk(by) {
    const number = this.queue.step(by);
    if (number) this.choose(number, { open: false });
    element("queue").focus({ preventScroll: true });
  }

  enter() {
    const number = this.chosen ?? this.queue.step(1);
    if (!number) return false;
    this.choose(number, { move: true });
    return true;
  }

  /** A step by its key: for the case that is open, or first of all opens the one chosen. */
  act(action) {
    if (this.chosen && !this.detail.isOpen) this.detail.open(this.chosen).then(() => this.detail.actions.start(action));
    else if (!this.detail.found) return false;
    else if (!this.detail.actions.start(action)) this.say(t("This step cannot be taken now, or not by you."), { bad: true });
    return true;
  }

  digit(n) {
    return this.detail.isOpen && this.detail.actions.digit(n);
  }

  search() {
    element("queue-search").focus();
    element("queue-search").select();
  }

  showKeys() {
    element("keys").showModal();
  }

  letGo() {
    if (this.report.isOpen) this.report.close();
    else if (this.detail.actions.doing) this.detail.actions.cancel();
    else if (this.card.number !== null) this.closeOfficer();
    else if (this.detail.isOpen) this.close();
    else if (this.replay.isOpen) this.replay.close();
    else element("queue").focus({ preventScroll: true });
    return true;
  }

  showOfficer(number) {
    this.officers.choose(number);
    this.card.open(number);
    const officer = this.officers.get(number);
    if (officer?.lon != null && !this.map.getBounds().contains([officer.lat, officer.lon])) this.zoomTo(officer);
  }

  closeOfficer() {
    this.officers.choose(null);
    this.card.close();
  }

  pointOut({ number }) {
    this.officers.choose(number);
  }

  /** A report was taken in: show it as soon as the stream has brought it. */
  made(number) {
    this.say(t("Taken in as {number}.", { number }));
    this.choose(number);
  }

  // --- map ---

  pick(callback) {
    this.picking = callback;
    if (!callback) this.overlay.point(null);
    this.map.getContainer().classList.toggle("is-picking", Boolean(callback));
  }

  clicked(latlng) {
    if (this.picking) {
      this.overlay.point(this.ground.at([latlng.lng, latlng.lat]));
      this.picking(latlng);
      return;
    }
    const officer = this.officers.at(latlng);
    const found = this.layer.at(latlng);
    if (found?.n) this.openBubble(found);
    else if (found) this.choose(found.one.number);
    else if (officer) this.showOfficer(officer.number);
  }

  /** Into a bubble; where all lie in one place there is nothing to zoom to but the closest view. */
  openBubble({ box: [west, south, east, north] }) {
    this.map.fitBounds([[south, west], [north, east]], { maxZoom: BUBBLE_ZOOM, padding: [60, 60] });
  }

  over({ latlng, containerPoint }) {
    element("map-status-place").textContent = coordinates(latlng);
    const tip = element("map-tooltip");
    const found = this.layer.at(latlng);
    const officer = found ? null : this.officers.at(latlng);
    this.map.getContainer().classList.toggle("is-over", Boolean(found || officer));
    tip.hidden = !found && !officer;
    if (tip.hidden) return;
    if (officer) tip.textContent = `${named(officer.name)} · ${t("{n} in hand", { n: this.officers.loadOf(officer) })}`;
    else tip.textContent = found.n ? t("{n} cases: {late} late, {urgent} urgent", found) : this.caseWords(found.one);
    tip.style.transform = `translate(${containerPoint.x + 14}px, ${containerPoint.y + 14}px)`;
  }

  zoomToChosen() {
    const one = this.store.get(this.chosen);
    if (one) this.zoomTo(one, { near: true });
    return Boolean(one);
  }

  zoomTo({ lon, lat }, { near = false } = {}) {
    this.map.setView([lat, lon], near ? Math.max(CASE_ZOOM, this.map.getZoom()) : this.map.getZoom());
  }

  /** The whole zoom at which a box fills the map best; a little of its edge may lie outside. */
  fit([west, south, east, north]) {
    const { map } = this;
    const [from, to] = [map.project([north, west], 0), map.project([south, east], 0)];
    const room = map.getSize();
    const zoom = Math.log2(Math.min(room.x / (to.x - from.x), room.y / (to.y - from.y)));
    map.setView([(south + north) / 2, (west + east) / 2], Math.round(zoom - OVERFLOW), { animate: false });
  }
}
