// New urgent cases: a tone if it was switched on, a number on the tab, a short list of notes.

import { h, icon } from "./dom.js";
import { t } from "./words.js";

const NOTES_AT_MOST = 4;
const NOTE_MS = 20_000;
const TONE_PAUSE_MS = 2000;
const KEPT = "wangge.live.sound";
const TONES_HZ = [880, 1175];
const TONE_S = 0.16;

export class Alerts {
  /** `open(number)` hears which note was clicked; `words(one)` tells a case in a line. */
  constructor({ notes, button, open, words }) {
    Object.assign(this, { notes, button, open, words, unseen: 0, title: document.title, isOn: localStorage.getItem(KEPT) === "on", soundedAt: 0, timers: new WeakMap() });
    button.addEventListener("click", () => this.switch(!this.isOn));
    document.addEventListener("visibilitychange", () => this.seen());
    window.addEventListener("focus", () => this.seen());
    this.showButton();
  }

  switch(on) {
    this.isOn = on;
    localStorage.setItem(KEPT, on ? "on" : "off");
    this.showButton();
    if (on) this.sound();
  }

  showButton() {
    this.button.setAttribute("aria-pressed", String(this.isOn));
    this.button.querySelector("i").className = `bi bi-${this.isOn ? "bell-fill" : "bell-slash"}`;
  }

  /** Cases that just came up; only the urgent are told. */
  tell(fresh) {
    const urgent = fresh.filter(({ urgency }) => urgency === 1);
    if (!urgent.length) return;
    for (const one of urgent.slice(-NOTES_AT_MOST)) this.note(one);
    if (this.isOn) this.sound();
    if (document.hasFocus()) return;
    this.unseen += urgent.length;
    this.badge();
  }

  note(one) {
    const close = h("button", { type: "button", class: "icon-button", "aria-label": t("Put away") }, icon("x-lg"));
    const note = h("li", { class: "live-note" }, h("span", { class: "case-sign urgency-1 stage-waiting" }), h("button", { type: "button", class: "btn-link", onclick: () => { this.drop(note); this.open(one.number); } }, this.words(one)), close);
    close.addEventListener("click", () => this.drop(note));
    this.timers.set(note, setTimeout(() => this.drop(note), NOTE_MS));
    this.notes.append(note);
    while (this.notes.childElementCount > NOTES_AT_MOST) this.drop(this.notes.firstElementChild);
  }

  /** A note that is gone leaves nothing behind that would keep it. */
  drop(note) {
    clearTimeout(this.timers.get(note));
    note.remove();
  }

  /** Two short tones, never more often than every other second. */
  sound() {
    const now = Date.now();
    if (now - this.soundedAt < TONE_PAUSE_MS) return;
    this.soundedAt = now;
    this.context ??= new AudioContext();
    this.context.resume().then(() => TONES_HZ.forEach((hz, i) => this.tone(hz, i * TONE_S)), () => {});
  }

  tone(hz, after) {
    const { context } = this;
    const [voice, level] = [context.createOscillator(), context.createGain()];
    const from = context.currentTime + after;
    voice.frequency.value = hz;
    level.gain.setValueAtTime(0.18, from);
    level.gain.exponentialRampToValueAtTime(0.001, from + TONE_S);
    voice.connect(level).connect(context.destination);
    voice.start(from);
    voice.stop(from + TONE_S);
    voice.addEventListener("ended", () => level.disconnect());
  }

  seen() {
    if (document.hidden || !this.unseen) return;
    this.unseen = 0;
    this.badge();
  }

  badge() {
    document.title = this.unseen ? `(${this.unseen}) ${this.title}` : this.title;
    if (this.unseen) navigator.setAppBadge?.(this.unseen).catch(() => {});
    else navigator.clearAppBadge?.().catch(() => {});
  }
}
