// Which cases the queue and the map show, and in which order.

import { isLate } from "./live_store.js";
import { stageOf } from "./live_stages.js";

export const TABS = ["mine", "all", "late", "unassigned", "citizens", "wishes"];
export const TAB_WORDS = { mine: "Mine", all: "All", late: "Late", unassigned: "Unassigned", citizens: "From citizens", wishes: "Wishes" };
export const FIELDS = ["category", "matter", "department", "stage", "urgency", "level"];

export class Filters extends EventTarget {
  /** `own`: what is one's own queue, as {command, department}; `names` knows matters. */
  constructor({ own, names }) {
    super();
    Object.assign(this, { own, names, tab: own.command || own.department ? "mine" : "all", area: null, q: "", found: null, chosen: {} });
  }

  /** What a saved view keeps. */
  get settings() {
    return { tab: this.tab, area: this.area, q: this.q, ...this.chosen };
  }

  take({ tab = "all", area = null, q = "", ...chosen }) {
    const given = Object.fromEntries(Object.entries(chosen).filter(([name, value]) => FIELDS.includes(name) && value));
    const moved = area?.code !== this.area?.code;
    Object.assign(this, { tab: TABS.includes(tab) ? tab : "all", area, q, found: null, chosen: given });
    this.tell({ moved });
  }

  set(name, value) {
    if (name in this && name !== "chosen") this[name] = value;
    else if (value) this.chosen[name] = value;
    else delete this.chosen[name];
    if (name === "q") this.found = null;
    this.tell({ moved: name === "area" });
  }

  /** Whoever has nothing of her own just now begins with all that lies below her. */
  begin(cases) {
    const { counts } = this.sift(cases);
    if (this.tab === "mine" && !counts.mine && counts.all) this.set("tab", "all");
  }

  /** How many filters are on, the tab aside. */
  get count() {
    return Object.keys(this.chosen).length + (this.area ? 1 : 0);
  }

  tell(detail) {
    this.dispatchEvent(new CustomEvent("changed", { detail }));
  }

  /** Cases that pass, the hurried first, and how many each tab would show. */
  sift(cases, now = Date.now()) {
    const counts = Object.fromEntries(TABS.map((tab) => [tab, 0]));
    const list = [];
    for (const one of cases) {
      if (!this.passes(one)) continue;
      for (const tab of TABS) {
        if (!this.belongs(one, tab, now)) continue;
        counts[tab] += 1;
        if (tab === this.tab) list.push(one);
      }
    }
    return { list: list.sort(byHaste), counts };
  }

  belongs(one, tab, now) {
    if (tab === "all") return true;
    if (tab === "late") return isLate(one, now);
    if (tab === "unassigned") return stageOf(one.state) === "waiting";
    if (tab === "citizens") return one.channel === "citizen";
    if (tab === "wishes") return one.tier !== null || this.names.isWish(one.matter);
    return this.own.command ? one.command === this.own.command : Boolean(this.own.department) && one.department === this.own.department;
  }

  passes(one) {
    const { category, matter, department, stage, urgency, level } = this.chosen;
    return (!stage || stageOf(one.state) === stage) && (!urgency || one.urgency === Number(urgency)) && (!level || one.level === level)
      && (!matter || one.matter === matter) && (!department || one.department === department)
      && (!category || this.names.matters.get(one.matter)?.category.en === category) && this.isAsked(one);
  }

  /** Numbers are looked at here; addresses are known to the server, which says what it found. */
  isAsked(one) {
    return !this.q || one.number.includes(this.q.toUpperCase()) || Boolean(this.found?.has(one.number));
  }
}

/** By when it is due, what has no limit last; then the more urgent, then the older. */
function byHaste(a, b) {
  return (a.due ?? Infinity) - (b.due ?? Infinity) || a.urgency - b.urgency || a.reported - b.reported || (a.number < b.number ? -1 : 1);
}
