// The queue: thousands of cases in a list of which only what is seen exists. One clock runs for all rows.

import { h } from "./dom.js";
import { isLate, isSoon } from "./live_store.js";
import { stageOf, STATE_WORDS } from "./live_stages.js";
import { dueWords } from "./live_time.js";
import { t } from "./words.js";

const ROW_PX = 60;
const SPARE_ROWS = 4;
const CLOCK_MS = 1000;

export class Queue {
  /** `choose(number, {open})` hears what was clicked; `names` words matters, places and officers. */
  constructor(element, { choose, names }) {
    Object.assign(this, { element, choose, names, list: [], rows: [], at: -1, was: 0, first: -1 });
    this.room = h("div", { class: "queue-room" });
    this.element.replaceChildren(this.room);
    this.element.addEventListener("scroll", () => this.drawSoon(), { passive: true });
    this.room.addEventListener("click", (event) => this.clicked(event));
    new ResizeObserver(() => this.drawSoon()).observe(this.element);
    setInterval(() => !document.hidden && this.tick(), CLOCK_MS);
  }

  /** The cases in their order; the chosen one stays chosen wherever it went. */
  show(list) {
    if (this.at >= 0) this.was = this.at;
    this.list = list;
    this.room.style.height = `${list.length * ROW_PX}px`;
    this.at = this.chosen ? list.findIndex(({ number }) => number === this.chosen) : -1;
    this.drawSoon();
  }

  /** Mark a case as chosen and bring it into view. */
  mark(number, { reveal = true } = {}) {
    this.chosen = number;
    this.at = number ? this.list.findIndex((one) => one.number === number) : -1;
    if (reveal && this.at >= 0) this.reveal();
    this.drawSoon();
  }

  /** Go `by` rows on from the chosen one, or from where it was before it left the list; returns the number there, or null. */
  step(by) {
    if (!this.list.length) return null;
    const from = this.at < 0 ? this.was - (by > 0 ? 1 : 0) : this.at;
    const to = Math.min(this.list.length - 1, Math.max(0, from + by));
    return this.list[to].number;
  }

  reveal() {
    const { scrollTop, clientHeight } = this.element;
    const top = this.at * ROW_PX;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + ROW_PX > scrollTop + clientHeight) this.element.scrollTop = top + ROW_PX - clientHeight;
  }

  clicked(event) {
    const row = event.target.closest("[data-number]");
    if (row) this.choose(row.dataset.number, { open: true });
  }

  drawSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const { scrollTop, clientHeight } = this.element;
    this.first = Math.max(0, Math.floor(scrollTop / ROW_PX) - SPARE_ROWS);
    const wanted = Math.min(this.list.length - this.first, Math.ceil(clientHeight / ROW_PX) + 2 * SPARE_ROWS);
    this.makeRows(Math.max(0, wanted));
    const now = Date.now();
    this.rows.forEach((row, i) => this.fill(row, this.list[this.first + i], { at: this.first + i, now }));
    this.element.setAttribute("aria-activedescendant", this.at >= this.first && this.at < this.first + this.rows.length ? `queue-${this.at}` : "");
    this.element.setAttribute("aria-rowcount", String(this.list.length));
  }

  makeRows(wanted) {
    while (this.rows.length < wanted) {
      const row = emptyRow();
      this.rows.push(row);
      this.room.append(row.element);
    }
    while (this.rows.length > wanted) this.rows.pop().element.remove();
  }

  fill(row, one, { at, now }) {
    const { element } = row;
    element.id = `queue-${at}`;
    element.style.transform = `translateY(${at * ROW_PX}px)`;
    setOnce(element, "data-number", one.number);
    setOnce(element, "aria-selected", String(one.number === this.chosen));
    setOnce(element, "aria-posinset", String(at + 1));
    setOnce(element, "aria-setsize", String(this.list.length));
    setOnce(row.sign, "class", `case-sign urgency-${one.urgency} stage-${stageOf(one.state)}`);
    text(row.matter, this.names.matter(one.matter));
    text(row.place, [this.names.place(one), one.number].filter(Boolean).join(" · "));
    text(row.state, t(STATE_WORDS[one.state] ?? one.state));
    text(row.who, one.officer ? this.names.officer(one.officer) : "");
    this.time(row, one, now);
  }

  time(row, one, now) {
    text(row.due, dueWords(one, now));
    setOnce(row.due, "class", isLate(one, now) ? "case-due is-late" : isSoon(one, now) ? "case-due is-soon" : "case-due");
  }

  tick() {
    const now = Date.now();
    this.rows.forEach((row, i) => {
      const one = this.list[this.first + i];
      if (one) this.time(row, one, now);
    });
  }
}

function emptyRow() {
  const part = (name) => h("span", { class: name });
  const row = { sign: part("case-sign"), matter: part("case-matter"), place: part("case-place"), state: part("case-state"), who: part("case-who"), due: part("case-due") };
  row.element = h("div", { class: "case-row", role: "option" }, row.sign, row.matter, row.due, row.place, h("span", { class: "case-end" }, row.who, row.state));
  return row;
}

function text(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function setOnce(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
