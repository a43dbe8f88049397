// The day in figures: received, open, overdue, on time, median handling. Asked again when something happened, not more often than it is read.

import { get } from "./api.js";
import { h, replace } from "./dom.js";
import { cityDay, integer, NONE } from "./format.js";
import { minuteWords } from "./live_time.js";
import { t } from "./words.js";

const ASK_AT_MOST_EVERY_MS = 10_000;

export class Figures {
  constructor(element) {
    Object.assign(this, { element, within: null, askedAt: -ASK_AT_MOST_EVERY_MS });
  }

  soon() {
    if (this.timer) return;
    const wait = Math.max(0, this.askedAt + ASK_AT_MOST_EVERY_MS - performance.now());
    this.timer = setTimeout(() => this.read(), wait);
  }

  async read() {
    this.askedAt = performance.now();
    this.timer = null;
    const found = await get("/cases/figures", { from: cityDay(), ...(this.within ? { area: this.within } : {}) }).catch(() => null); // the next event asks again
    if (found) this.show(found);
  }

  show({ received, open, late, on_time_fraction: onTime, median_handling_min: median }) {
    const rows = [
      [t("Received today"), integer(received)], [t("Open"), integer(open)], [t("Overdue"), integer(late), late ? "is-bad" : null],
      [t("On time"), onTime == null ? NONE : `${Math.round(onTime * 100)} %`], [t("Median handling"), minuteWords(median)],
    ];
    replace(this.element, rows.map(([term, value, mark]) => h("div", { class: mark }, h("dt", {}, term), h("dd", {}, value))));
  }
}
