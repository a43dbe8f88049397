// What waits to be sent: kept on the phone first, then sent in order. Each carries its key, so that what is sent twice is done once.

import { get, post, postForm, Problem } from "./api.js";
import { dateTime } from "./format.js";
import { renewToken } from "./officer_token.js";
import { t } from "./words.js";

const TRY_AGAIN_MS = 15_000;
const ANSWER_WITHIN_MS = 30_000;
const LATE_FROM_MS = 120_000; // what goes out later than this says when it was written
const NOTE_LIMIT = 2000;
const PASSING = new Set([0, 401, 408, 425, 429, 500, 502, 503, 504]);

export class Outbox {
  /** `changed()` whenever something waits, went or was refused; `sent(entry, answer)` when the server has it. */
  constructor({ store, changed, sent }) {
    Object.assign(this, { store, changed, sent, entries: [], line: "open", going: null });
    window.addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => document.hidden || this.flush());
    setInterval(() => this.waiting.length && this.flush(), TRY_AGAIN_MS);
  }

  async open() {
    this.entries = await this.store.queued();
    this.changed();
    this.flush();
  }

  get waiting() {
    return this.entries.filter(({ state }) => state === "waiting");
  }

  get refused() {
    return this.entries.filter(({ state }) => state === "refused");
  }

  /** What still waits, or was refused, of a case or a place, oldest first. */
  of(subject) {
    return this.entries.filter((entry) => entry.subject === subject);
  }

  /** Keep it on the phone, then send it as soon as there is a line. */
  async add({ kind, subject, path, body, photos = [], title }) {
    const entry = { login: this.store.login, key: makeKey(), kind, subject, path, body, photos, photo_ids: [], title, made_at: Date.now(), state: "waiting", problem: null };
    entry.id = await this.store.put(entry);
    if (!this.entries.some(({ id }) => id === entry.id)) this.entries.push(entry);
    this.changed();
    this.flush();
  }

  /** Send what waits. Only one tab does so at a time; whoever comes in meanwhile is taken along. */
  flush() {
    if (this.going) {
      this.again = true;
      return this.going;
    }
    this.going = alone(() => this.sendAll()).finally(() => {
      this.going = null;
      this.changed();
      if (this.again) this.flush();
    });
    return this.going;
  }

  async sendAll() {
    this.again = false;
    this.entries = await this.store.queued();
    if (!this.waiting.length || !(await this.isMine())) return;
    const heldUp = new Set(); // after a step that was refused, those of the same case wait
    for (const entry of [...this.entries]) {
      if (entry.state === "refused" || heldUp.has(entry.subject)) heldUp.add(entry.subject);
      else if (!(await this.send(entry))) return;
      else if (entry.state === "refused") heldUp.add(entry.subject);
    }
  }

  /** Whether the line is open and this phone is still logged in as whoever wrote this. */
  async isMine() {
    try {
      const { login } = await get("/me", {}, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      this.line = login === this.store.login ? "open" : "other";
    } catch (problem) {
      this.line = lineAfter(problem);
    }
    return this.line === "open";
  }

  /** Returns false when the line broke: then the rest waits too. */
  async send(entry) {
    try {
      const answer = await this.post(entry);
      await this.store.remove(entry.id);
      this.entries = this.entries.filter(({ id }) => id !== entry.id);
      this.sent(entry, answer);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (PASSING.has(problem.status)) {
        this.line = lineAfter(problem);
        return false;
      }
      await this.refuse(entry, problem);
    }
    this.changed();
    return true;
  }

  async post(entry) {
    try {
      return await this.postOnce(entry);
    } catch (problem) {
      if (problem.status !== 400 || !(await renewToken())) throw problem;
      return this.postOnce(entry);
    }
  }

  async postOnce(entry) {
    for (const photo of entry.photos.slice(entry.photo_ids.length)) {
      const form = new FormData();
      form.append("photo", photo, "photo.jpg");
      const { id } = await postForm("/photos", form, { signal: AbortSignal.timeout(2 * ANSWER_WITHIN_MS) });
      entry.photo_ids.push(id);
      await this.store.put(entry);
    }
    return post(entry.path, bodyOf(entry), { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  }

  async refuse(entry, problem) {
    const kind = String(problem.rest?.type ?? "").replace("urn:wangge:", "");
    const { field, state, current_version: version } = problem.rest ?? {};
    Object.assign(entry, { state: "refused", problem: { status: problem.status, kind, field, state, version, detail: problem.message } });
    await this.store.put(entry);
  }

  /** Send what was refused once more: a step as of how the case stands now, photos anew, for they are kept a day only. */
  async sendAgain(entry, { withoutPhotos = false } = {}) {
    if (entry.problem?.version != null) entry.body.seen_version = entry.problem.version;
    if (["at", "reported_at"].includes(entry.problem?.field)) entry.timeless = true;
    if (withoutPhotos) entry.photos = [];
    Object.assign(entry, { state: "waiting", problem: null, photo_ids: [] });
    await this.store.put(entry);
    this.changed();
    return this.flush();
  }

  async drop(entry) {
    await this.store.remove(entry.id);
    for (const later of this.of(entry.subject).filter(({ id, kind }) => id > entry.id && kind === "step")) {
      later.body.seen_version -= 1; // the case did not take the step that was dropped
      await this.store.put(later);
    }
    this.entries = this.entries.filter(({ id }) => id !== entry.id);
    this.changed();
    return this.flush();
  }
}

/** What the server is sent: with the key, the photos, and when it was written if that is a while ago. */
function bodyOf({ kind, key, body, photos, photo_ids: ids, made_at: madeAt, timeless }) {
  const sent = { ...body, key, ...(photos.length ? { photos: ids } : {}) };
  const isLate = Date.now() - madeAt > LATE_FROM_MS;
  const made = new Date(madeAt).toISOString();
  if (!isLate || timeless) return sent;
  if (kind === "inspection") return { ...sent, at: made };
  if (kind === "report") return { ...sent, reported_at: made };
  if (sent.note) sent.note = `${sent.note}\n${t("(Written at {time}, sent later.)", { time: dateTime(made) })}`.slice(0, NOTE_LIMIT);
  return sent;
}

function lineAfter({ status }) {
  if (status === 401) return "logged_out";
  return status === 0 ? "broken" : "busy";
}

function alone(work) {
  return navigator.locks ? navigator.locks.request("wangge-outbox", work) : work();
}

function makeKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
