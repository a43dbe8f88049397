// What the phone keeps of an account: what waits to be sent, and what the server last said. Nobody else's is ever read.

const NAME = "wangge-officer";
const VERSION = 1;

export class Store {
  constructor(login) {
    this.login = login;
    this.opened = open();
  }

  /** What waits, oldest first. */
  async queued() {
    return this.ask("outbox", "readonly", (box) => box.index("login").getAll(this.login));
  }

  /** Keep an entry; returns its id. */
  async put(entry) {
    return this.ask("outbox", "readwrite", (box) => box.put(entry));
  }

  async remove(id) {
    return this.ask("outbox", "readwrite", (box) => box.delete(id));
  }

  /** {value, at} as it was kept under a name, or null. */
  async kept(name) {
    return (await this.ask("answers", "readonly", (box) => box.get([this.login, name]))) ?? null;
  }

  async keep(name, value) {
    return this.ask("answers", "readwrite", (box) => box.put({ login: this.login, name, value, at: Date.now() }));
  }

  /** Forget what the server said; what waits to be sent stays. */
  async forgetAnswers() {
    return this.ask("answers", "readwrite", (box) => box.delete(IDBKeyRange.bound([this.login, ""], [this.login, "\uffff"])));
  }

  async ask(name, mode, question) {
    const change = (await this.opened).transaction(name, mode);
    const asked = question(change.objectStore(name));
    return new Promise((resolve, reject) => {
      change.oncomplete = () => resolve(asked.result);
      change.onabort = change.onerror = () => reject(change.error ?? asked.error);
    });
  }
}

function open() {
  const asked = indexedDB.open(NAME, VERSION);
  asked.onupgradeneeded = () => {
    asked.result.createObjectStore("outbox", { keyPath: "id", autoIncrement: true }).createIndex("login", "login");
    asked.result.createObjectStore("answers", { keyPath: ["login", "name"] });
  };
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}
