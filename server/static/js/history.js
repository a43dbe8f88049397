// The city's plans through the years: a slider plays them, a click tells the grids of a place through time. Folium's script calls `start`.

import { get } from "./api.js";
import { h, replace } from "./dom.js";
import { cityMonth, coordinates, date, integer, NONE } from "./format.js";
import { PlaceHistory } from "./history_place.js";
import { isPhone } from "./sheet.js";
import { named, t } from "./words.js";

const STEP_MS = 2500;
const EDGE_PX = 12;
const PHONE_CARD_PX = 150;

export function start({ map, division, page }) {
  window.wangge = { map, division, history: new History({ map, division, page }) };
}

class History {
  constructor(parts) {
    Object.assign(this, parts);
    this.plans = [];
    this.shown = -1;
    this.playing = null;
    this.when = document.getElementById("when");
    this.buildMap();
    this.buildTimeline();
    this.place = new PlaceHistory(this.map, { colour: this.page.colours.chosen, showPlan: (id) => this.show(this.plans.findIndex((plan) => plan.id === id)) });
    this.load();
  }

  buildMap() {
    const { map } = this;
    L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 110 }).addTo(map);
    new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
    map.on("click", ({ latlng }) => this.place.open(latlng));
    map.on("mousemove", ({ latlng }) => { document.getElementById("map-status-place").textContent = coordinates(latlng); });
    document.getElementById("zoom-in").addEventListener("click", () => map.zoomIn());
    document.getElementById("zoom-out").addEventListener("click", () => map.zoomOut());
    document.getElementById("zoom-city").addEventListener("click", () => this.fit());
    document.getElementById("map-attribution").textContent = this.page.basemap.attribution;
    const container = map.getContainer();
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", t("Map. Arrow keys move, plus and minus zoom, Enter tells the grids of the middle through time."));
    container.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === container) this.place.open(map.getCenter());
    });
    this.fit();
  }

  fit() {
    const [west, south, east, north] = this.page.bbox;
    const card = isPhone() ? [EDGE_PX, PHONE_CARD_PX] : [document.querySelector(".plan-card").offsetWidth + 2 * EDGE_PX, EDGE_PX];
    this.map.fitBounds([[south, west], [north, east]], { paddingTopLeft: card, paddingBottomRight: [EDGE_PX, EDGE_PX], animate: false });
  }

  buildTimeline() {
    this.when.addEventListener("input", () => {
      this.pause();
      this.show(Number(this.when.value));
    });
    document.getElementById("play").addEventListener("click", () => (this.playing ? this.pause() : this.play()));
    document.getElementById("earlier").addEventListener("click", () => this.step(-1));
    document.getElementById("later").addEventListener("click", () => this.step(1));
    document.addEventListener("keydown", (event) => {
      if (event.target.matches("input, textarea, select, button, summary, a")) return;
      if (event.key === " ") {
        event.preventDefault();
        if (this.playing) this.pause();
        else this.play();
      } else if (event.key === "Escape") this.place.close();
    });
  }

  async load() {
    try {
      this.plans = (await get("/plans/timeline")).plans;
    } catch (problem) {
      document.getElementById("plan-name").textContent = problem.message;
      return;
    }
    this.when.max = String(Math.max(0, this.plans.length - 1));
    replace(document.getElementById("ticks"), this.plans.map((plan) => h("li", {}, isPhone() ? cityMonth(plan.valid.from) : date(plan.valid.from))));
    const now = Date.now();
    const inForce = this.plans.findLastIndex((plan) => new Date(plan.valid.from) <= now);
    const asked = Number(new URLSearchParams(window.location.search).get("plan"));
    const wanted = this.plans.findIndex((plan) => plan.id === asked);
    if (this.plans.length) this.show(wanted >= 0 ? wanted : inForce);
  }

  step(by) {
    this.pause();
    this.show(Math.min(Math.max(this.shown + by, 0), this.plans.length - 1));
  }

  play() {
    if (this.plans.length < 2) return;
    if (this.shown === this.plans.length - 1) this.show(0);
    this.playing = setInterval(() => {
      if (this.shown === this.plans.length - 1) this.pause();
      else this.show(this.shown + 1);
    }, STEP_MS);
    this.tellPlaying();
  }

  pause() {
    clearInterval(this.playing);
    this.playing = null;
    this.tellPlaying();
  }

  tellPlaying() {
    const button = document.getElementById("play");
    button.setAttribute("aria-pressed", String(Boolean(this.playing)));
    button.setAttribute("aria-label", this.playing ? t("Pause") : t("Play"));
    button.firstElementChild.className = `bi bi-${this.playing ? "pause" : "play"}-fill`;
  }

  show(index) {
    const plan = this.plans[index];
    if (!plan || index === this.shown) return;
    this.shown = index;
    this.when.value = String(index);
    this.when.setAttribute("aria-valuetext", `${named(plan.name)}, ${date(plan.valid.from)}`);
    const { changed, unchanged } = this.page.colours;
    const codes = new Set(plan.changed);
    this.division.setFill("grid", (code) => (codes.has(code) ? changed : unchanged), { opacity: this.page.basemap.shown ? 0.6 : 1 });
    this.division.setSourceUrl("grids", `${this.page.gridTiles}?plan=${plan.id}`);
    document.querySelectorAll("#ticks li").forEach((tick, i) => tick.classList.toggle("is-shown", i === index));
    this.tell(plan);
    this.place.planShown(plan.id);
  }

  tell(plan) {
    document.getElementById("plan-name").textContent = named(plan.name);
    const until = plan.valid.to ? date(plan.valid.to) : t("until further notice");
    const fact = (term, value, wide = false) => [h("dt", {}, term), h("dd", { class: wide ? "wide" : null }, value)];
    replace(
      document.getElementById("plan-facts"),
      fact(t("In force"), `${date(plan.valid.from)} – ${until}`, true),
      fact(t("Grids"), integer(plan.grids)),
      fact(t("New"), integer(plan.grids_new)),
      fact(t("Ended"), integer(plan.grids_ended)),
      fact(t("Changed"), integer(plan.changed.length)),
      fact(t("Decision"), plan.decision || NONE, true),
      fact(t("Drawn by"), plan.author || NONE),
      fact(t("Published by"), plan.published_by || NONE),
    );
  }
}
