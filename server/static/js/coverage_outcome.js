// What the question comes to: the large numbers, what was found on the way, and the communities in view, uncovered first.

import { NONE, integer, metres } from "./format.js";
import { h, icon, replace } from "./dom.js";
import { findingWords, share } from "./coverage_words.js";
import { PagedTable } from "./paged_table.js";
import { named, t } from "./words.js";

export class Outcome {
  /** `open(code)` brings a community into view, `light(code)` outlines it, `inView()` gives the codes on the map. */
  constructor(element, desk) {
    Object.assign(this, { element, desk, typed: "", onlyUncovered: false, follows: true });
    this.sums = h("div", { class: "sums-box", "aria-live": "polite" });
    this.findings = h("ul", { class: "found-list" });
    this.title = h("h2", {}, t("Communities"), " ", h("span", { class: "count muted", role: "status" }));
    this.finder = h("input", { class: "form-control finder", type: "search", placeholder: t("Find a community or town"), "aria-label": t("Find a community or town"), oninput: () => { this.typed = this.finder.value; this.list(); } });
    this.box = h("div", { class: "community-table" });
    this.table = new PagedTable(this.box, {
      label: t("Communities"), columns: this.columns, keyOf: (row) => row.code, choose: (row) => desk.map.goTo(row.code), empty: t("No community fits."),
    });
    this.box.addEventListener("pointerover", (event) => this.point(event.target.closest("tr[data-key]")?.dataset.key ?? null));
    this.box.addEventListener("pointerleave", () => this.point(null));
    replace(element, this.sums, this.findings, this.title, this.wishes(), this.box);
    this.empty();
  }

  wishes() {
    const uncovered = h("input", { class: "form-check-input", type: "checkbox", id: "only-uncovered", onchange: () => { this.onlyUncovered = uncovered.checked; this.list(); } });
    const follow = h("input", { class: "form-check-input", type: "checkbox", id: "follow-map", onchange: () => { this.follows = follow.checked; this.list(); } });
    follow.checked = true;
    return h("div", { class: "table-wishes" }, this.finder, h("label", {}, uncovered, " ", t("Uncovered only")), h("label", {}, follow, " ", t("As on the map")));
  }

  get columns() {
    return [
      { key: "covered", label: h("span", { class: "visually-hidden" }, t("Covered")), cell: (row) => (row.covered ? h("i", { class: "bi bi-check-circle is-covered", role: "img", "aria-label": t("covered") }) : h("i", { class: "bi bi-x-circle-fill is-uncovered", role: "img", "aria-label": t("not covered") })) },
      { key: "name", label: t("Community"), order: (row) => named(row.name), cell: (row) => [named(row.name), h("small", {}, this.townOf(row))] },
      { key: "share", label: t("Covered"), numeric: true, order: (row) => fraction(row), cell: (row) => (row.residents ? share(fraction(row)) : NONE) },
      { key: "residents", label: t("Not covered"), numeric: true, order: (row) => missing(row), cell: (row) => integer(missing(row)) },
      { key: "mean", label: t("Mean way"), numeric: true, order: (row) => row.mean_m ?? Infinity, cell: (row) => (row.mean_m == null ? NONE : metres(row.mean_m)) },
    ];
  }

  townOf(row) {
    return named(this.towns?.get(row.parent)?.name);
  }

  show() {}

  empty() {
    this.element.classList.add("is-unasked");
    replace(this.sums, h("p", { class: "muted when-idle" }, t("Choose what, and how far: the answer stands here.")), h("p", { class: "muted when-busy" }, t("Measuring …")));
    replace(this.findings);
    this.rows = [];
    this.list();
  }

  /** Take an answer of /coverage/reach, or an audit's, with the words that say how it was measured. */
  take(answer, bands, howWords) {
    this.element.classList.remove("is-unasked");
    this.towns = new Map(answer.rows.filter((row) => row.level === "town").map((row) => [row.code, row]));
    this.rows = answer.rows.filter((row) => row.level === "community").sort((a, b) => a.covered - b.covered || missing(b) - missing(a) || fraction(a) - fraction(b));
    replace(this.sums, this.big(answer), h("p", { class: "measured" }, howWords), this.bandBar(bands), this.numbers(answer));
    replace(this.findings, answer.findings.map((finding) => h("li", { class: `finding finding-${finding.code}` }, icon("exclamation-triangle"), h("span", {}, findingWords(finding)))));
    this.list();
  }

  big({ totals }) {
    const all = totals.communities > 0 && totals.covered_communities === totals.communities;
    return h("div", { class: "big-numbers" },
      h("div", { class: "big", id: "big-residents" }, h("span", { class: "big-name" }, t("Residents covered")), h("strong", {}, share(totals.covered_fraction)), h("small", {}, t("{n} of {all}", { n: integer(totals.covered_residents), all: integer(totals.residents) }))),
      h("div", { class: `big ${all ? "is-good" : ""}`, id: "big-communities" }, h("span", { class: "big-name" }, t("Communities covered")), h("strong", {}, integer(totals.covered_communities)), h("small", {}, t("of {n}", { n: integer(totals.communities) }))));
  }

  numbers({ totals, gaps, facilities }) {
    const found = gaps.features;
    const failing = facilities.features.filter(({ properties }) => properties.fails?.length).length;
    const rows = [
      [t("Grids"), totals.grids == null ? NONE : t("{n} of {all}", { n: integer(totals.covered_grids), all: integer(totals.grids) })],
      [t("Basic units"), t("{n} of {all}", { n: integer(totals.covered_cells), all: integer(totals.cells) })],
      [t("Households"), t("{n} of {all}", { n: integer(totals.covered_households), all: integer(totals.households) })],
      [t("Gaps"), found.length ? t("{n}, with {residents} residents", { n: integer(found.length), residents: integer(found.reduce((sum, gap) => sum + gap.properties.residents, 0)) }) : t("none")],
      [t("Mean way"), totals.mean_m == null ? NONE : metres(totals.mean_m)],
      [t("Facilities"), integer(facilities.features.length)],
      ...(failing ? [[t("Facilities below their standard"), integer(failing)]] : []),
      ...(totals.k ?? []).map((residents, i) => [t("{n} or more within reach", { n: i + 1 }), share(totals.residents ? residents / totals.residents : 0)]),
    ];
    return h("dl", { class: "number-list" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
  }

  /** Residents by band as one bar; the legend on the map says which colour is which. */
  bandBar(bands) {
    const told = bands.residents.map((residents, band) => ({ residents: residents ?? 0, words: bands.words(band), colour: bands.colours[band] }));
    const all = told.reduce((sum, { residents }) => sum + residents, 0);
    if (!all || bands.residents.includes(null)) return null;
    const said = told.map((band) => `${band.words}: ${share(band.residents / all)}`).join(", ");
    return h("div", { class: "band-bar", role: "img", "aria-label": said }, told.map((band) => h("span", { style: { "flex-grow": band.residents, background: band.colour }, title: `${band.words}: ${t("{n} residents", { n: integer(band.residents) })}` })));
  }

  /** The communities that fit what was typed, those in view if the table follows the map. */
  list() {
    const wanted = this.typed.trim().toLocaleLowerCase();
    const inView = this.follows && !wanted ? this.desk.map.inView : null;
    const fits = (row) => [row.name.zh, row.name.en, row.code, this.townOf(row)].some((word) => String(word).toLocaleLowerCase().includes(wanted));
    const listed = (this.rows ?? []).filter((row) => (!inView || inView.has(row.code)) && (!this.onlyUncovered || !row.covered) && (!wanted || fits(row)));
    const same = this.listed?.length === listed.length && listed.every((row, at) => row === this.listed[at]);
    this.listed = listed;
    this.title.querySelector(".count").textContent = t("{shown} of {of}", { shown: integer(listed.length), of: integer(this.rows?.length ?? 0) });
    if (!same) this.table.show(listed);
  }

  point(code) {
    if (code !== this.pointed) this.desk.map.light((this.pointed = code));
  }

  /** The map's pointer is over a community: its row is lit, and shown if the table lists it here. */
  hover(code) {
    this.box.querySelector("tr.is-pointed")?.classList.remove("is-pointed");
    if (code) this.box.querySelector(`tr[data-key="${CSS.escape(code)}"]`)?.classList.add("is-pointed");
  }

  choose(code) {
    this.table.select(code, { tell: false });
  }
}

const fraction = (row) => (row.residents ? row.covered_residents / row.residents : Number(row.covered));

const missing = (row) => Math.max(0, Math.round(row.residents - row.covered_residents));
