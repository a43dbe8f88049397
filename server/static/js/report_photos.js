// Photos go up while the words are typed; one that fails costs no report.

import { postForm } from "./api.js";
import { h, icon } from "./dom.js";
import { smaller } from "./smaller_photo.js";
import { t } from "./words.js";

const AT_MOST = 6;
const box = document.getElementById("photos");
const said = document.getElementById("photo-said");

export class Photos {
  constructor() {
    this.sent = new Map(); // the picture on the page → its id, or null while it goes up
    this.waiting = new Set();
    const input = document.getElementById("photo-files");
    input.addEventListener("change", () => {
      for (const file of [...input.files].slice(0, AT_MOST - this.sent.size)) this.add(file);
      input.value = "";
    });
  }

  get ids() {
    return [...this.sent.values()].filter(Boolean);
  }

  /** Resolves when nothing is on its way any more. */
  async settled() {
    await Promise.all(this.waiting);
  }

  add(file) {
    const address = URL.createObjectURL(file);
    const shown = h("div", { class: "photo is-waiting" }, h("img", { src: address, alt: file.name }), h("button", { type: "button", "aria-label": t("Remove the photo"), onclick: () => this.remove(shown, address) }, icon("x-lg")));
    box.insertBefore(shown, box.lastElementChild);
    this.sent.set(shown, null);
    const going = this.send(file, shown).finally(() => this.waiting.delete(going));
    this.waiting.add(going);
    this.room();
  }

  async send(file, shown) {
    const form = new FormData();
    form.append("photo", await smaller(file), "photo.jpg");
    try {
      const { id } = await postForm("/public/photos", form);
      if (this.sent.has(shown)) this.sent.set(shown, id);
    } catch (problem) {
      shown.classList.add("is-refused");
      said.classList.add("is-fault");
      said.textContent = problem.status === 507 ? t("The photo was not kept; the report can be sent without it.") : problem.detail ?? problem.title;
    }
    shown.classList.remove("is-waiting");
  }

  remove(shown, address) {
    URL.revokeObjectURL(address);
    this.sent.delete(shown);
    shown.remove();
    said.textContent = "";
    this.room();
  }

  room() {
    box.lastElementChild.hidden = this.sent.size >= AT_MOST;
  }
}
