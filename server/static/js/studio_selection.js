// Which grids are chosen, in order: the first takes what is moved or merged.

export class Selection extends EventTarget {
  constructor(draft) {
    super();
    this.draft = draft;
    this.keys = [];
    draft.on("grids", () => this.set(this.keys.filter((key) => draft.of(key)), { quiet: true }));
  }

  get first() {
    return this.keys[0] ?? null;
  }

  get grid() {
    return this.first === null ? null : this.draft.of(this.first);
  }

  get community() {
    return this.grid?.properties.community ?? null;
  }

  get grids() {
    return this.keys.map((key) => this.draft.of(key));
  }

  has(key) {
    return this.keys.includes(key);
  }

  set(keys, { quiet = false } = {}) {
    const same = keys.length === this.keys.length && keys.every((key, i) => key === this.keys[i]);
    this.keys = keys;
    if (!same || !quiet) this.dispatchEvent(new Event("changed"));
  }

  toggle(key) {
    this.set(this.has(key) ? this.keys.filter((each) => each !== key) : [...this.keys, key]);
  }
}
