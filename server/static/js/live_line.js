// The line to the server's stream of events, and how it stands: live, reconnecting, or some seconds behind.

const LOOK_EVERY_MS = 2000;
const BEHIND_MS = 5000;
const SETTLED_AFTER_MS = 3000; // what is sent again after a break is old by nature
const AGAIN_MS = [1000, 2000, 5000, 10_000, 20_000];

export class Line extends EventTarget {
  /** `kinds` of events to hear. Tells "hello" once a new line stands, "told" for each event, "positions", "reload", "state". */
  constructor(url, kinds) {
    super();
    Object.assign(this, { url, kinds, state: "waiting", behindMs: 0, tries: 0 });
    setInterval(() => this.look(), LOOK_EVERY_MS);
    window.addEventListener("online", () => this.source?.readyState === EventSource.CLOSED && this.open());
  }

  open() {
    clearTimeout(this.again);
    this.source?.close();
    this.isNew = true;
    this.source = new EventSource(this.url, { withCredentials: true });
    this.source.addEventListener("hello", () => this.stands());
    this.source.addEventListener("reload", () => this.dispatchEvent(new Event("reload")));
    this.source.addEventListener("positions", ({ data }) => this.pass("positions", JSON.parse(data).officers));
    for (const kind of this.kinds) this.source.addEventListener(kind, ({ data }) => this.heard(JSON.parse(data)));
    this.source.addEventListener("error", () => this.broken());
  }

  stands() {
    this.tries = 0;
    this.stoodAt = performance.now();
    this.turn("live");
    if (this.isNew) this.dispatchEvent(new Event("hello")); // a line that was taken up again goes on where it broke
    this.isNew = false;
  }

  heard(told) {
    this.behindMs = Math.max(0, Date.now() - Date.parse(told.at));
    this.pass("told", told);
  }

  pass(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** The browser comes back by itself, saying what it heard last; after a refusal it does not, so we do. */
  broken() {
    this.turn("reconnecting");
    if (this.source.readyState !== EventSource.CLOSED) return;
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
    if (state === this.state && state !== "behind") return;
    this.state = state;
    this.pass("state", { state, behindS: Math.round(this.behindMs / 1000) });
  }
}
