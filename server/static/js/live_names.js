// What codes are called: matters, places, departments, officers. Read once, asked for by every row.

import { get } from "./api.js";
import { labelsOf } from "./labels.js";
import { named, t } from "./words.js";

const WITHOUT_ACCOUNT = { public: "Citizen", clock: "By rule" };

/** Who took a step: a person, citizens, or the clock that takes those of the rules. */
export const actorWords = (actor) => named(actor?.name) || (WITHOUT_ACCOUNT[actor?.login] ? t(WITHOUT_ACCOUNT[actor.login]) : (actor?.login ?? ""));

export class Names {
  constructor({ officers }) {
    Object.assign(this, { officers, matters: new Map(), wishes: new Set(), areas: new Map() });
  }

  /** Matters and wishes decide what the filters offer; names of places may come a moment later. */
  async read() {
    const [matters, wishes] = await Promise.all([get("/matters"), get("/matters", { kind: "wish" }).catch(() => ({ matters: [] }))]);
    for (const each of matters.matters) this.matters.set(each.code, each);
    for (const each of wishes.matters.filter(({ code }) => !this.matters.has(code))) {
      this.matters.set(each.code, each);
      this.wishes.add(each.code);
    }
    const levels = await Promise.allSettled(["community", "town"].map((level) => labelsOf(level)));
    for (const { value } of levels) for (const [code, label] of value ?? []) this.areas.set(code, label);
  }

  matter = (code) => named(this.matters.get(code)?.name) || code;

  area = (code) => named(this.areas.get(code)) || "";

  place = (one) => this.area(one.community ?? one.command);

  officer = (number) => named(this.officers.get(number)?.name) || number;

  isWish = (code) => this.wishes.has(code);

  /** Departments with their names, in the order of the catalogue. */
  get departments() {
    return unique([...this.matters.values()].map(({ department }) => department));
  }

  get categories() {
    return unique([...this.matters.values()].map(({ category }) => ({ code: category.en, name: category })));
  }
}

const unique = (list) => [...new Map(list.map((each) => [each.code, each])).values()];
