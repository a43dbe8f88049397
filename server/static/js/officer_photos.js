// Photos of a form: taken with the phone, made smaller for a slow line, and kept with the words until they are sent.

import { h, icon, replace } from "./dom.js";
import { smaller } from "./smaller_photo.js";
import { t } from "./words.js";

const AT_MOST = 6;

export class Photos {
  constructor({ required = false } = {}) {
    Object.assign(this, { required, blobs: [] });
    this.list = h("div", { class: "photos-list" });
    this.input = h("input", { type: "file", accept: "image/*", multiple: true, class: "visually-hidden", "aria-label": t("Photos") });
    this.input.addEventListener("change", () => this.take());
    this.button = h("label", { class: "photo-add" }, icon("camera"), h("span", {}, required ? t("Photo (needed)") : t("Add a photo")), this.input);
    this.told = h("p", { class: "field-told", role: "alert" });
    this.element = h("div", { class: "field" }, this.list, this.button, this.told);
  }

  async take() {
    const files = [...this.input.files].slice(0, AT_MOST - this.blobs.length);
    this.input.value = "";
    for (const file of files) this.blobs.push(await smaller(file));
    this.told.textContent = "";
    this.show();
  }

  show() {
    replace(this.list, this.blobs.map((blob, i) => this.preview(blob, i)));
    this.button.hidden = this.blobs.length >= AT_MOST;
  }

  preview(blob, i) {
    const src = URL.createObjectURL(blob);
    const shown = h("img", { src, alt: t("Photo {n}", { n: i + 1 }), onload: () => URL.revokeObjectURL(src) });
    return h("div", { class: "photo" }, shown, h("button", { type: "button", "aria-label": t("Remove the photo"), onclick: () => this.remove(blob) }, icon("x-lg")));
  }

  remove(blob) {
    this.blobs = this.blobs.filter((each) => each !== blob);
    this.show();
  }

  /** Says what is missing, or nothing. */
  check() {
    const missing = this.required && !this.blobs.length;
    this.told.textContent = missing ? t("A photo is needed.") : "";
    return !missing;
  }
}
