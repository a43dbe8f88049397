// Where the phone is: asked for once, or followed while on shift. Only then is it told to the server, every ten seconds.

import { post } from "./api.js";

const FRESH_MS = 60_000;
const WITHIN_MS = 12_000;
const SEND_EVERY_MS = 10_000;
const POINT_EVERY_MS = 5_000;
const HELD_AT_MOST = 1_500; // two hours of a dead spot
const OPTIONS = { enableHighAccuracy: true, timeout: WITHIN_MS, maximumAge: 5_000 };

export class Places {
  /** `moved(fix)` at every new position; `ended()` when the server says that the shift is over. */
  constructor({ moved, ended }) {
    Object.assign(this, { moved, ended, fix: null, points: [], watching: null });
    setInterval(() => this.send(), SEND_EVERY_MS);
  }

  /** Where the phone is now: {lon, lat, accuracy_m}; null when it does not say. */
  async here() {
    if (this.fix && Date.now() - this.fix.at < FRESH_MS) return this.fix;
    if (!navigator.geolocation) return null;
    return new Promise((resolve) => {
      navigator.geolocation.getCurrentPosition((found) => resolve(this.note(found)), () => resolve(null), OPTIONS);
    });
  }

  follow(on) {
    if (on === (this.watching !== null) || !navigator.geolocation) return;
    if (on) {
      this.watching = navigator.geolocation.watchPosition((found) => this.keep(this.note(found)), () => {}, OPTIONS);
    } else {
      navigator.geolocation.clearWatch(this.watching);
      Object.assign(this, { watching: null, points: [] });
    }
  }

  note({ coords, timestamp }) {
    this.fix = { lon: round(coords.longitude), lat: round(coords.latitude), accuracy_m: Math.round(coords.accuracy), at: Math.min(timestamp, Date.now()) };
    this.moved(this.fix);
    return this.fix;
  }

  keep(fix) {
    if (fix.at - (this.points.at(-1)?.at ?? 0) < POINT_EVERY_MS) return;
    this.points.push(fix);
    if (this.points.length > HELD_AT_MOST) this.points.shift();
  }

  /** What could not be sent is sent with the next; what comes twice is kept once. */
  async send() {
    if (this.watching === null || !this.points.length) return;
    const batch = this.points.splice(0);
    const points = batch.map((fix) => ({ lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy_m, at: new Date(fix.at).toISOString() }));
    try {
      const { on } = await post("/me/positions", { points }, { signal: AbortSignal.timeout(SEND_EVERY_MS) });
      if (!on) this.ended();
    } catch (problem) {
      if (problem.status === 0 || problem.status >= 500) this.points.unshift(...batch);
    }
  }
}

const round = (degrees) => Math.round(degrees * 1e6) / 1e6;
