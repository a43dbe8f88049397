// What waits to be sent, said at the top of the page; a list of it, and for what was refused the choice: once more, or drop it.

import { h, icon, replace } from "./dom.js";
import { clock, reasonOf } from "./officer_words.js";
import { named, t } from "./words.js";

const LINES = {
  broken: ["No connection. What you do is kept here and sent later.", "wifi-off"],
  busy: ["The server does not answer. What you do is kept here and sent later.", "cloud-slash"],
  other: ["Somebody else is logged in on this phone now; what you wrote waits for you.", "person-exclamation"],
};
const WITHOUT_PHOTOS = ["BadPhoto", "PhotoNotKept"];

export class OutboxView {
  constructor({ bar, dialog, outbox }) {
    Object.assign(this, { bar, dialog, outbox });
  }

  draw() {
    const { line, waiting, refused } = this.outbox;
    const [words, sign] = LINES[line] ?? [];
    this.bar.dataset.line = line;
    replace(this.bar,
      words ? h("p", { class: "bar-line" }, icon(sign), t(words)) : null,
      line === "logged_out" ? h("a", { class: "bar-line", href: "/login?next=/officer" }, icon("box-arrow-in-right"), t("Log in again; what you wrote is kept.")) : null,
      waiting.length ? this.count("hourglass-split", t("Waiting to be sent: {n}", { n: waiting.length }), "waiting") : null,
      refused.length ? this.count("exclamation-octagon-fill", t("Not taken: {n}", { n: refused.length }), "refused") : null);
    this.bar.hidden = !this.bar.childElementCount;
    if (this.dialog.open) this.list();
  }

  count(sign, words, state) {
    return h("button", { type: "button", class: "bar-count", dataset: { state }, onclick: () => this.open() }, icon(sign), words, icon("chevron-right"));
  }

  open() {
    this.list();
    this.dialog.showModal();
  }

  list() {
    const { entries } = this.outbox;
    if (!entries.length) this.dialog.close();
    const head = h("header", { class: "form-head" }, h("button", { type: "button", class: "round-button", "aria-label": t("Back"), onclick: () => this.dialog.close() }, icon("arrow-left")), h("h2", {}, t("Not sent yet")));
    const now = this.outbox.waiting.length ? h("button", { type: "button", class: "big-button is-main", onclick: () => this.outbox.flush() }, icon("send"), t("Send now")) : null;
    replace(this.dialog, head, h("div", { class: "form-body" }, h("ol", { class: "unsent" }, entries.map((entry) => this.row(entry))), now));
  }

  row(entry) {
    const { title, made_at: at, body, photos, state, problem } = entry;
    const words = body.note ?? body.description;
    return h("li", { dataset: { state } },
      h("p", { class: "unsent-what" }, h("strong", {}, named(title.what)), ` · ${named(title.of)}`, h("time", {}, clock(at))),
      words ? h("p", { class: "unsent-words" }, words) : null,
      photos.length ? h("p", { class: "muted" }, icon("image"), ` ${t("{n} photos", { n: photos.length })}`) : null,
      problem ? h("p", { class: "unsent-why", role: "alert" }, reasonOf(problem)) : null,
      problem ? this.choices(entry) : null);
  }

  choices(entry) {
    const { problem, body } = entry;
    const mayGoBare = WITHOUT_PHOTOS.includes(problem.kind) && body.action !== "settle";
    return h("div", { class: "card-steps" },
      h("button", { type: "button", class: "big-button is-main", onclick: () => this.outbox.sendAgain(entry) }, t("Send again")),
      mayGoBare ? h("button", { type: "button", class: "big-button", onclick: () => this.outbox.sendAgain(entry, { withoutPhotos: true }) }, t("Without the photos")) : null,
      h("button", { type: "button", class: "big-button", onclick: () => this.outbox.drop(entry) }, t("Do not send")));
  }
}
