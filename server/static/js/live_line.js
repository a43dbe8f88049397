// The line to the server's stream of events, and how it stands: live, reconnecting, or some seconds behind.

const LOOK_EVERY_MS = 2000;
const BEHIND_MS = 5000;
const SETTLED_AFTER_MS = 3000; // what is sent again after a break is old by nature
const AGAIN_MS = [500, 1500, 3000, 6000, 12_000];

const address = () => document.querySelector('meta[name="events-url"]')?.content || "/events";

export class Line extends EventTarget {
  /** `kinds` of events to hear. Tells "told" for each event, "positions", "reload" when too much was missed, and "state". */
  constructor(kinds) {
    super();
    Object.assign(this, { kinds, state: "waiting", behindMs: 0, tries: 0, seq: null });
    setInterval(() => this.look(), LOOK_EVERY_MS);
    window.addEventListener("online", () => this.isDown && this.open());
  }

  /** Listen to all that came after an entry of the journal; without one, after the last that was heard. */
  open(seq = this.seq) {
    clearTimeout(this.again);
    this.source?.close();
    this.seq = seq;
    this.isDown = false;
    const source = new EventSource(`${address()}?${new URLSearchParams({ kinds: "case", ...(seq === null ? {} : { last_event_id: seq }) })}`, { withCredentials: true });
    this.source = source;
    source.addEventListener("hello", () => this.stands());
    source.addEventListener("reload", (event) => { this.note(event); this.dispatchEvent(new Event("reload")); });
    source.addEventListener("beat", (event) => this.note(event));
    source.addEventListener("positions", ({ data }) => this.pass("positions", JSON.parse(data).officers));
    for (const kind of this.kinds) source.addEventListener(kind, (event) => this.heard(event));
    source.addEventListener("error", () => this.broken());
  }

  stands() {
    this.tries = 0;
    this.stoodAt = performance.now();
    this.turn("live");
  }

  heard(event) {
    this.note(event);
    const told = JSON.parse(event.data);
    this.behindMs = Math.max(0, Date.now() - Date.parse(told.at));
    this.pass("told", told);
  }

  note({ lastEventId }) {
    if (lastEventId) this.seq = Number(lastEventId);
  }

  pass(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** Come back by ourselves, saying what was heard last: nothing is missed, and a browser gives up after a refusal. */
  broken() {
    this.source.close();
    this.isDown = true;
    this.turn("reconnecting");
    clearTimeout(this.again);
    this.again = setTimeout(() => this.open(), AGAIN_MS[Math.min(this.tries, AGAIN_MS.length - 1)]);
    this.tries += 1;
  }

  look() {
    if (this.state !== "live" && this.state !== "behind") return;
    const settled = performance.now() - this.stoodAt > SETTLED_AFTER_MS;
    this.turn(settled && this.behindMs > BEHIND_MS ? "behind" : "live");
    this.behindMs = 0; // nothing heard since: nothing to be behind of
  }

  turn(state) {
    if (state === this.state && state === "live") return;
    this.state = state;
    this.pass("state", { state, behindS: Math.round(this.behindMs / 1000), tries: this.tries });
  }
}
