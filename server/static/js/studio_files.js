// A table of cells and grids, or a file of boundaries, brought into the draft as one edit.

import { Problem, postForm } from "./api.js";
import { h, replace } from "./dom.js";
import { integer } from "./format.js";
import { ruleWords } from "./studio_words.js";
import { t } from "./words.js";

const SHOWN = 20;

export class FileDialog {
  constructor(dialog, desk) {
    Object.assign(this, { dialog, desk });
    this.told = dialog.querySelector(".file-told");
    this.input = dialog.querySelector("[type=file]");
    dialog.querySelector("form").addEventListener("submit", (event) => this.send(event));
  }

  open() {
    this.input.value = "";
    replace(this.told);
    this.dialog.showModal();
  }

  async send(event) {
    event.preventDefault();
    const [file] = this.input.files;
    if (!file) return;
    replace(this.told, h("p", { class: "muted" }, t("Reading the file …")));
    const { draft } = this.desk;
    const form = new FormData();
    form.append("file", file);
    form.append("seen_version", String(draft.version));
    try {
      const answer = await postForm(`/plans/${draft.id}/file`, form);
      draft.take(answer, { by: "me" });
      this.dialog.close();
      this.desk.studio.say(t("The file moved {n} cells.", { n: integer(answer.cells?.length ?? 0) }));
    } catch (problem) {
      this.refuse(problem);
    }
  }

  refuse(problem) {
    if (!(problem instanceof Problem)) throw problem;
    const findings = problem.rest?.findings ?? [];
    replace(this.told, h("p", { class: "inline-error", role: "alert" }, problem.message), findings.length ? h("ul", { class: "plain-rows" }, findings.slice(0, SHOWN).map((finding) => h("li", {}, ruleWords(finding, (key) => this.desk.nameOf(key))))) : null);
  }
}
