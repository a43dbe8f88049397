// What lies above all marks: the chosen case, rings around new ones, the place being pointed out.

import { drawChosen, drawPulse } from "./live_marks.js";

const PULSE_MS = 6000;
const FRAME_MS = 40;
const PULSES_AT_MOST = 60;

export class Overlay {
  /** `redraw()` asks for `paint` to be called. */
  constructor(redraw) {
    Object.assign(this, { redraw, pulses: new Map(), chosen: null, pin: null, shown: true });
  }

  choose(one) {
    this.chosen = one ? [one.x, one.y] : null;
    this.redraw();
  }

  point(place) {
    this.pin = place;
    this.redraw();
  }

  setShown(shown) {
    this.shown = shown;
    this.redraw();
  }

  /** Cases that were not there before. */
  pulse(fresh) {
    const since = performance.now();
    for (const one of fresh.slice(-PULSES_AT_MOST)) this.pulses.set(one.number, { place: [one.x, one.y], urgent: one.urgency === 1, since });
    while (this.pulses.size > PULSES_AT_MOST) this.pulses.delete(this.pulses.keys().next().value);
    this.redraw();
  }

  paint(pen, view) {
    if (this.shown) this.paintPulses(pen, view);
    if (this.shown && this.chosen) drawChosen(pen, view.toPx(this.chosen));
    if (this.pin) paintPin(pen, view.toPx(this.pin));
  }

  paintPulses(pen, view) {
    const now = performance.now();
    for (const [number, { place, urgent, since }] of this.pulses) {
      const age = (now - since) / PULSE_MS;
      if (age >= 1) this.pulses.delete(number);
      else drawPulse(pen, view.toPx(place), { age, urgent });
    }
    clearTimeout(this.frame);
    if (this.pulses.size) this.frame = setTimeout(this.redraw, FRAME_MS);
  }
}

function paintPin(pen, [x, y]) {
  pen.beginPath();
  pen.arc(x, y, 7, 0, 2 * Math.PI);
  pen.fillStyle = "#c2371b";
  pen.fill();
  pen.lineWidth = 3;
  pen.strokeStyle = "#fff";
  pen.stroke();
}
