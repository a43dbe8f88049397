// Every open case of one's part of the city, kept up with what the journal tells. Older news never overwrites newer.

const TELL_AFTER_MS = 40; // a batch of the stream is told as one; a page in the background is told too, unlike by frames

const moment = (iso) => (iso ? Date.parse(iso) : null);

export class CaseStore extends EventTarget {
  /** `ground` is the plane that cases are drawn in. */
  constructor(ground) {
    super();
    Object.assign(this, { ground, cases: new Map(), within: null, waiting: null, turn: 0, fresh: new Set(), touched: 0 });
  }

  get(number) {
    return this.cases.get(number);
  }

  get size() {
    return this.cases.size;
  }

  /**
   * Read everything anew: `ask()` answers {columns, rows, seq}. What is told meanwhile waits, and is applied on top: a gap in
   * the stream is filled by this. `within` is the code of an area, or null for all of one's part. Returns `seq`.
   */
  async load(ask, { within = null } = {}) {
    this.turn += 1;
    const turn = this.turn;
    this.waiting ??= [];
    try {
      const answer = await ask();
      if (turn === this.turn) this.fill(answer, within);
      return answer.seq;
    } finally {
      if (turn === this.turn) this.release();
    }
  }

  fill({ columns, rows }, within) {
    this.within = within;
    this.cases.clear();
    for (const row of rows) {
      const told = {};
      for (let i = 0; i < columns.length; i += 1) told[columns[i]] = row[i];
      this.cases.set(told.number, this.record(told));
    }
    this.isLoaded = true;
    this.tellSoon();
  }

  release() {
    const waiting = this.waiting ?? [];
    this.waiting = null;
    for (const told of waiting) this.apply(told);
  }

  /** One event of the journal, or a case as an answer has it. Returns false when it is older than what is known. */
  apply(told) {
    if (this.waiting) return Boolean(this.waiting.push(told));
    const known = this.cases.get(told.number);
    if (known && told.version < known.version) return false;
    this.touched += 1;
    if (told.closed_at || told.merged_into || !this.holds(told)) this.cases.delete(told.number);
    else this.put(told, known);
    this.tellSoon();
    return true;
  }

  /** A case that went where one does not see it. */
  drop(number) {
    this.cases.delete(number);
    this.tellSoon();
  }

  put(told, known) {
    const now = this.record(told, known);
    this.cases.set(now.number, now);
    if (!known || (now.urgency === 1 && known.urgency !== 1)) this.fresh.add(now.number);
  }

  /** Whether a case lies in the area that was read; an answer, unlike an event, says no path. */
  holds({ path, command }) {
    return !this.within || path == null || path.split(".").includes(this.within) || command === this.within;
  }

  record(told, known) {
    const [x, y] = known && known.lon === told.lon && known.lat === told.lat ? [known.x, known.y] : this.ground.at([told.lon, told.lat]);
    return {
      number: told.number, version: told.version, state: told.state, urgency: told.urgency, matter: told.matter, department: told.department,
      lon: told.lon, lat: told.lat, x, y, level: told.level, command: told.command, officer: told.officer ?? null,
      channel: told.channel ?? known?.channel ?? null, tier: told.tier ?? known?.tier ?? null,
      community: told.community ?? communityOf(told.path) ?? known?.community ?? null,
      due: moment(told.due_at), warn: moment(told.warn_at), reported: moment(told.reported_at),
    };
  }

  tellSoon() {
    this.telling ??= setTimeout(() => {
      this.telling = null;
      const fresh = [...this.fresh].map((number) => this.cases.get(number)).filter(Boolean);
      this.fresh.clear();
      this.dispatchEvent(new CustomEvent("changed", { detail: { fresh } }));
    }, TELL_AFTER_MS);
  }
}

/** The last code of a path is the community's, where there is one: twelve digits. */
function communityOf(path) {
  const last = path?.split(".").at(-1);
  return last?.length === 12 ? last : null;
}

/** A case as GET /cases/<number> answers it, in the words of the journal. */
export function asTold(answer) {
  return {
    ...answer, state: answer.state.code, matter: answer.matter.code, department: answer.department?.code ?? null, level: answer.command?.level,
    command: answer.command?.code, officer: answer.officer?.number ?? null, community: answer.community?.code ?? null, path: null,
  };
}

export const isLate = (one, now = Date.now()) => one.due !== null && one.due < now;

export const isSoon = (one, now = Date.now()) => one.warn !== null && one.warn < now && !isLate(one, now);
