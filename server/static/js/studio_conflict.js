// Two people at the same grids: what the other one changed, and whether mine is to be done on top of it.

import { h, replace } from "./dom.js";
import { dateTime } from "./format.js";
import { actionWords, editWords } from "./studio_words.js";
import { t } from "./words.js";

export class Conflict {
  constructor(dialog, desk) {
    Object.assign(this, { dialog, desk });
    dialog.addEventListener("close", () => this.answered(dialog.returnValue));
  }

  /** The edits of others come first in any case; mine waits for the answer. */
  async open({ problem, path, body }) {
    const { draft } = this.desk;
    this.mine = { path, body };
    const since = problem.rest?.since ?? [];
    await draft.readSince(draft.version).catch((fault) => this.desk.fault(fault));
    replace(this.dialog.querySelector(".conflict-steps"), since.map((step) => this.row(step)));
    this.dialog.querySelector(".conflict-mine").textContent = t("Yours: {edit}", { edit: path === "/edits" ? editWords(body.kind) : t(path === "/undo" ? "Undo" : "Redo") });
    this.dialog.returnValue = "";
    this.dialog.showModal();
  }

  row({ author, kind, action, at, grids = [] }) {
    const words = [actionWords(action), editWords(kind)].filter(Boolean).join(" · ");
    return h("li", {}, h("strong", {}, author), ` ${words}`, grids.length ? ` · ${grids.map((key) => this.desk.nameOf(key)).join(", ")}` : "", h("span", { class: "muted" }, ` ${dateTime(at)}`));
  }

  answered(value) {
    const { mine } = this;
    this.mine = null;
    if (value === "mine" && mine) this.desk.draft.queue(mine.path, mine.body);
  }
}
