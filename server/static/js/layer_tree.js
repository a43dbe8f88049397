// The layer tree: what is drawn, as check boxes.

import { get } from "./api.js";
import { h, replace } from "./dom.js";
import { short } from "./format.js";
import { isClosed } from "./states.js";
import { named, t } from "./words.js";

const OPEN_MARK = { shape: "ring", colour: "#b3341b" };
const CLOSED_MARK = { shape: "ring", colour: "#5f6c7d" };

export class LayerTree {
  constructor(element, { map, division, points, labels, page }) {
    Object.assign(this, { element, map, division, points, labels, page });
    this.kinds = [];
    this.shownKinds = new Set();
    this.markOfKind = new Map();
    points.setMarks((paint, properties) => this.markFor(paint, properties));
    for (const box of element.querySelectorAll("input[data-paint]")) {
      box.addEventListener("change", () => box.dataset.paint.split(" ").forEach((name) => this.layerOf(name).setVisible(name, box.checked)));
    }
    element.querySelector("#show-labels").addEventListener("change", (event) => labels.setShown(event.target.checked));
    this.incidents();
    this.facilities();
    map.on("zoomend", () => this.zoomHints());
    this.zoomHints();
  }

  layerOf(paint) {
    return this.points.options.paints.some((each) => each.name === paint) ? this.points : this.division;
  }

  incidents() {
    const days = this.element.querySelector("#incident-days");
    const { url } = this.points.options.sources.incidents;
    days.addEventListener("change", () => this.points.setSourceUrl("incidents", url.replace(/days=\d+/, `days=${days.value}`)));
  }

  async facilities() {
    const list = this.element.querySelector("#facility-kinds");
    const all = this.element.querySelector("#show-facilities");
    all.addEventListener("change", () => this.showKinds(all.checked ? this.kinds.map((kind) => kind.code) : []));
    try {
      const { kinds } = await get("/facility-kinds");
      this.kinds = kinds;
      kinds.forEach((kind, i) => this.markOfKind.set(kind.code, markFrom(this.page.marks[i % this.page.marks.length])));
      replace(list, kinds.length ? kinds.map((kind) => this.kindRow(kind)) : h("li", { class: "empty" }, t("No facilities yet.")));
      all.disabled = !kinds.length;
    } catch (problem) {
      replace(list, h("li", { class: "inline-error" }, problem.message, h("button", { type: "button", class: "btn-link", onclick: () => this.facilities() }, t("Try again"))));
    }
  }

  kindRow(kind) {
    const box = h("input", { type: "checkbox", class: "form-check-input", value: kind.code, id: `kind-${kind.code}` });
    box.addEventListener("change", () => {
      if (box.checked) this.shownKinds.add(kind.code);
      else this.shownKinds.delete(kind.code);
      this.showKinds([...this.shownKinds]);
    });
    return h("li", {}, h("label", { class: "tree-row" }, box, symbol(this.markOfKind.get(kind.code)), h("span", { class: "tree-name" }, named(kind.name)), h("span", { class: "count" }, short(kind.count))));
  }

  showKinds(codes) {
    this.shownKinds = new Set(codes);
    for (const box of this.element.querySelectorAll("#facility-kinds input")) box.checked = this.shownKinds.has(box.value);
    const all = this.element.querySelector("#show-facilities");
    all.checked = this.kinds.length > 0 && this.shownKinds.size === this.kinds.length;
    all.indeterminate = this.shownKinds.size > 0 && !all.checked;
    this.points.setVisible("facility", this.shownKinds.size > 0);
    this.points.setMarks((paint, properties) => this.markFor(paint, properties));
    this.zoomHints();
  }

  markFor(paint, properties) {
    if (paint.name === "incident") return isClosed(properties.state) ? CLOSED_MARK : OPEN_MARK;
    return this.shownKinds.has(properties.kind) ? (this.markOfKind.get(properties.kind) ?? OPEN_MARK) : null;
  }

  /** Say which layers wait for a closer view. */
  zoomHints() {
    for (const row of this.element.querySelectorAll("[data-min-zoom]")) {
      row.classList.toggle("waits-for-zoom", this.map.getZoom() < Number(row.dataset.minZoom));
    }
  }
}

const markFrom = ([shape, colour]) => ({ shape, colour });

/** A mark as in the map, for lists. */
export function symbol({ shape, colour } = OPEN_MARK) {
  return h("span", { class: `symbol symbol-${shape}`, style: { "--mark": colour }, "aria-hidden": "true" });
}
