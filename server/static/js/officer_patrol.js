// Today's places in walking order: the next one leads, with what may be said of it; the others follow, and all lie on the map.

import { h, icon, replace } from "./dom.js";
import { date, metres } from "./format.js";
import { minuteWords } from "./live_time.js";
import { matter, note, photos } from "./officer_form.js";
import { named, t } from "./words.js";

const OUTCOMES = [["fine", "In order", "check-lg"], ["finding", "Finding", "exclamation-triangle"], ["closed", "Nobody there", "door-closed"], ["refused", "Not let in", "sign-stop"]];
const FITS_TO = 17;
const NEAR_ZOOM = 17;

export class Patrol {
  /** `desk`: form, outbox, places, matters; `map` and `colours` of its drawing, `count` of what is left. */
  constructor(box, { desk, map, colours, count }) {
    Object.assign(this, { box, desk, map, colours, count, patrol: null, chosen: null });
    this.drawn = L.layerGroup().addTo(map);
    this.me = null;
  }

  show(patrol) {
    this.patrol = patrol;
    this.fitted = false;
    this.draw();
  }

  /** What is left: without the places of which something waits to be sent. */
  get left() {
    return (this.patrol?.places ?? []).filter(({ code }) => !this.desk.outbox.of(code).some(({ state }) => state === "waiting"));
  }

  draw() {
    if (!this.patrol) return;
    const left = this.left;
    const next = left.find(({ code }) => code === this.chosen) ?? left[0] ?? null;
    const rest = left.filter((place) => place !== next);
    this.count.textContent = left.length || "";
    replace(this.box, this.summary(left), next ? this.lead(next) : h("div", { class: "empty" }, icon("check2-circle"), h("p", {}, t("Nothing more to inspect today."))),
      rest.length ? h("ol", { class: "places" }, rest.map((place) => this.row(place, left))) : null,
      this.patrol.left_over ? h("p", { class: "muted" }, t("{n} more are due, but do not fit into the day.", { n: this.patrol.left_over })) : null);
    this.drawMap(left, next);
  }

  summary(left) {
    const way = left.reduce((sum, { leg_m: leg }) => sum + leg, 0);
    const minutes = left.reduce((sum, place) => sum + place.leg_min + place.standard_min, 0);
    const done = this.patrol.done + this.patrol.places.length - left.length;
    return h("p", { class: "patrol-sum" }, h("strong", {}, t("{n} places", { n: left.length })), ` · ${metres(way)} · ${minuteWords(minutes)}`, done ? h("span", { class: "patrol-done" }, icon("check2"), t("{n} done", { n: done })) : null);
  }

  lead(place) {
    const buttons = OUTCOMES.map(([outcome, words, sign]) => h("button", { type: "button", class: `big-button${outcome === "fine" ? " is-good" : outcome === "finding" ? " is-warning" : ""}`, dataset: { outcome }, onclick: () => this.inspect(place, outcome, t(words)) }, icon(sign), t(words)));
    return h("article", { class: "place-lead", dataset: { place: place.code } },
      h("h3", {}, nameOf(place)), h("p", { class: "card-where" }, icon("geo-alt"), [place.address, named(place.kind.name)].filter(Boolean).join(" · ")),
      h("p", { class: "place-facts" }, farWords(place), ...lateWords(place), place.inspected_at ? ` · ${t("last {date}", { date: date(place.inspected_at) })}` : ` · ${t("never inspected")}`),
      h("div", { class: "outcomes" }, buttons));
  }

  row(place, left) {
    const number = left.indexOf(place) + 1;
    return h("li", {}, h("button", { type: "button", class: "place-row", dataset: { place: place.code }, onclick: () => this.choose(place.code) },
      h("span", { class: "place-number" }, String(number)),
      h("span", { class: "place-name" }, h("strong", {}, nameOf(place)), h("small", {}, farWords(place), ...lateWords(place)))));
  }

  has(code) {
    return this.left.some((each) => each.code === code);
  }

  /** A place that is inspected although it is not due. */
  add(place) {
    const here = { ...place, leg_m: 0, leg_min: 0, standard_min: place.standard_min ?? 0, overdue_d: 0 };
    this.show({ done: 0, left_over: 0, ...this.patrol, places: [here, ...(this.patrol?.places ?? [])] });
  }

  choose(code) {
    this.chosen = code;
    this.draw();
    const place = this.left.find((each) => each.code === code);
    if (place) this.map.setView([place.lat, place.lon], Math.max(NEAR_ZOOM, this.map.getZoom()), { animate: false });
    this.box.scrollIntoView({ block: "start" });
  }

  inspect(place, outcome, words) {
    if (outcome === "fine") return this.keep(place, outcome, words, {});
    const isFinding = outcome === "finding";
    const fields = isFinding ? { matter: matter(this.desk.matters), note: note({ label: t("What you see"), required: false }), photos: photos() } : { note: note({ label: t("Note"), required: false }) };
    return this.desk.form.open({ title: words, about: nameOf(place), fields, button: isFinding ? t("Open a case") : t("Keep"), danger: isFinding, send: ({ photos: taken = [], ...given }) => this.keep(place, outcome, words, given, taken) });
  }

  async keep(place, outcome, words, given, taken = []) {
    const { fix } = this.desk.places;
    this.chosen = null;
    await this.desk.outbox.add({
      kind: "inspection", subject: place.code, path: "/inspections", photos: taken, title: { what: words, of: nameOf(place) },
      body: { place: place.code, outcome, ...given, ...(fix ? { lon: fix.lon, lat: fix.lat } : {}) },
    });
  }

  /** The server has the inspection: the place is done for today. */
  took({ subject }) {
    this.patrol = { ...this.patrol, done: this.patrol.done + 1, places: this.patrol.places.filter(({ code }) => code !== subject) };
    this.draw();
    return this.patrol;
  }

  drawMap(left, next) {
    this.drawn.clearLayers();
    const at = ({ lat, lon }) => [lat, lon];
    const from = this.patrol.start ? [at(this.patrol.start)] : [];
    L.polyline([...from, ...left.map(at)], { color: this.colours.way, weight: 4, opacity: 0.75, interactive: false }).addTo(this.drawn);
    left.forEach((place, i) => L.marker(at(place), { icon: stop(i + 1, place === next ? this.colours.next : this.colours.later), keyboard: false, zIndexOffset: place === next ? 1000 : -i, title: nameOf(place) }).on("click", () => this.choose(place.code)).addTo(this.drawn));
    this.fit(left);
  }

  /** All places in view, once the map has its room. */
  fit(left = this.left) {
    this.map.invalidateSize({ animate: false });
    if (this.fitted || !left.length || !this.map.getSize().x) return;
    this.fitted = true;
    this.map.fitBounds(left.map(({ lat, lon }) => [lat, lon]), { padding: [28, 28], maxZoom: FITS_TO, animate: false });
  }

  moved({ lon, lat, accuracy_m: within }) {
    this.me ??= { dot: L.circleMarker([lat, lon], { radius: 8, weight: 3, color: "#fff", fillColor: this.colours.me, fillOpacity: 1, interactive: false }), ring: L.circle([lat, lon], { weight: 1, color: this.colours.me, fillOpacity: 0.12, interactive: false }) };
    this.me.ring.setLatLng([lat, lon]).setRadius(within).addTo(this.map);
    this.me.dot.setLatLng([lat, lon]).addTo(this.map);
  }
}

const nameOf = (place) => place.name || named(place.kind.name);

const farWords = ({ leg_m: leg, leg_min: minutes }) => `${metres(leg)} · ${minuteWords(minutes)}`;

const lateWords = ({ overdue_d: days }) => (days > 0 ? [" · ", h("span", { class: "is-late" }, t("{n} days over", { n: days }))] : []);

function stop(number, colour) {
  return L.divIcon({ className: "stop", html: h("span", { style: { background: colour } }, String(number)), iconSize: [30, 30] });
}
