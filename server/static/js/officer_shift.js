// On shift or not. On shift the phone's place is shared, and only then.

import { get, post } from "./api.js";
import { h, icon, replace } from "./dom.js";
import { clock } from "./officer_words.js";
import { t } from "./words.js";

const ANSWER_WITHIN_MS = 15_000;

export class Shift {
  /** `desk`: places, and say(words). */
  constructor(button, desk) {
    Object.assign(this, { button, desk, on: false });
    button.addEventListener("click", () => this.turn());
  }

  async read() {
    this.show(await get("/me/shift", {}, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }));
  }

  show({ on, since }) {
    this.on = on;
    this.button.setAttribute("aria-checked", String(on));
    this.button.disabled = false;
    replace(this.button, h("span", { class: "switch-knob", "aria-hidden": "true" }), h("span", {}, on ? t("On shift since {time}", { time: clock(since) }) : t("Off shift")), on ? icon("broadcast") : null);
    this.desk.places.follow(on);
  }

  async turn() {
    this.button.disabled = true;
    try {
      this.show(await post("/me/shift", { on: !this.on }, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }));
    } catch (problem) {
      this.desk.say(problem.status === 0 ? t("A shift begins and ends where there is a line.") : problem.message);
    } finally {
      this.button.disabled = false;
    }
  }
}
