// A table that stays quick with thousands of rows: sorted by any column, shown page by page, walked through with the arrow keys.

import { h, icon, replace } from "./dom.js";
import { integer } from "./format.js";
import { t } from "./words.js";

const PAGE_ROWS = 100;

export class PagedTable {
  /**
   * `columns`: [{key, label, numeric, order(row), cell(row)}]; `keyOf(row)` tells rows apart; `choose(row)` hears which one is
   * wanted; `detail(row)` is shown below it. Without a chosen column rows stay in the order given.
   */
  constructor(element, { label, columns, keyOf, choose, detail, empty }) {
    Object.assign(this, { element, label, columns, keyOf, choose, detail, empty });
    this.rows = [];
    this.sorting = null;
    this.page = 0;
    this.selected = null;
    this.build();
  }

  build() {
    this.heads = new Map(this.columns.map((column) => [column.key, this.head(column)]));
    this.body = h("tbody");
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.pager = h("div", { class: "pager" });
    const table = h("table", { class: "paged-table", role: "grid", "aria-label": this.label }, h("thead", {}, h("tr", {}, [...this.heads.values()])), this.body);
    replace(this.element, table, this.pager);
  }

  head(column) {
    if (!column.order) return h("th", { scope: "col" }, column.label);
    const button = h("button", { type: "button", class: "sort", onclick: () => this.sortBy(column.key) }, column.label, icon("chevron-expand"));
    return h("th", { scope: "col", class: column.numeric ? "is-number" : null, "aria-sort": "none" }, button);
  }

  show(rows) {
    this.rows = rows;
    this.page = 0;
    this.draw();
  }

  get pages() {
    return Math.max(1, Math.ceil(this.rows.length / PAGE_ROWS));
  }

  sortBy(key) {
    const column = this.columns.find((each) => each.key === key);
    const first = column.numeric ? "descending" : "ascending";
    const other = column.numeric ? "ascending" : "descending";
    if (this.sorting?.key !== key) this.sorting = { key, way: first };
    else this.sorting = this.sorting.way === first ? { key, way: other } : null;
    for (const [name, head] of this.heads) head.setAttribute("aria-sort", this.sorting?.key === name ? this.sorting.way : "none");
    this.page = 0;
    this.draw();
  }

  get ordered() {
    if (!this.sorting) return this.rows;
    const { order } = this.columns.find((each) => each.key === this.sorting.key);
    const sign = this.sorting.way === "ascending" ? 1 : -1;
    return [...this.rows].sort((one, other) => sign * compare(order(one), order(other)));
  }

  draw() {
    this.listed = this.ordered;
    const from = this.page * PAGE_ROWS;
    this.shown = this.listed.slice(from, from + PAGE_ROWS);
    if (this.shown.length) replace(this.body, this.shown.flatMap((row, at) => this.row(row, at)));
    else replace(this.body, h("tr", {}, h("td", { colspan: this.columns.length, class: "empty-cell" }, this.empty)));
    this.drawPager(from);
  }

  row(row, at) {
    const key = this.keyOf(row);
    const chosen = key === this.selected;
    const focusable = chosen || (at === 0 && !this.shown.some((each) => this.keyOf(each) === this.selected));
    const line = h("tr", { dataset: { key }, tabindex: focusable ? 0 : -1, "aria-selected": String(chosen), onclick: () => this.select(key, { focus: true }) },
      this.columns.map((column) => h("td", { class: column.numeric ? "is-number" : `cell-${column.key}` }, column.cell(row))));
    if (!chosen || !this.detail) return [line];
    return [line, h("tr", { class: "detail-row" }, h("td", { colspan: this.columns.length }, this.detail(row)))];
  }

  drawPager(from) {
    const { page, pages, listed } = this;
    if (pages === 1) return replace(this.pager);
    const turn = (by, label, name) => h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, disabled: page + by < 0 || page + by >= pages, onclick: () => this.turn(page + by) }, icon(name));
    const said = t("{from}–{to} of {n}", { from: integer(from + 1), to: integer(Math.min(from + PAGE_ROWS, listed.length)), n: integer(listed.length) });
    return replace(this.pager, turn(-1, t("Previous page"), "chevron-left"), h("span", { "aria-live": "polite" }, said), turn(1, t("Next page"), "chevron-right"));
  }

  turn(page) {
    this.page = page;
    this.draw();
    this.element.scrollTop = 0;
  }

  /** Choose a row by its key, wherever it is; false if the table does not list it. */
  select(key, { focus = false, tell = true } = {}) {
    const at = this.listed.findIndex((row) => this.keyOf(row) === key);
    if (at < 0) return false;
    this.selected = key;
    this.page = Math.floor(at / PAGE_ROWS);
    this.draw();
    const line = this.body.querySelector("[aria-selected=true]");
    line.scrollIntoView({ block: "nearest" });
    if (focus) line.focus({ preventScroll: true });
    if (tell) this.choose(this.listed[at]);
    return true;
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE_ROWS, PageUp: -PAGE_ROWS, Home: -Infinity, End: Infinity, Enter: 0 }[event.key];
    if (step === undefined || !event.target.matches("tr")) return;
    event.preventDefault();
    const at = this.listed.findIndex((row) => String(this.keyOf(row)) === event.target.dataset.key);
    const next = Math.min(this.listed.length - 1, Math.max(0, at + step));
    this.select(this.keyOf(this.listed[next]), { focus: true });
  }
}

function compare(one, other) {
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), document.documentElement.lang, { numeric: true });
}
