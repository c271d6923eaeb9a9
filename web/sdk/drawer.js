/**
 * What the browser keeps for `rapport.js`, in localStorage: the decision, the visitor's id, and the queue.
 *
 * Tabs share it, each with a view that may be a moment old. So everything is read when it is needed, and each event
 * that waits has an entry of its own: none can undo what another tab wrote. A browser that refuses to store keeps it
 * in the page.
 */

const PREFIX = "rapport:events:";
const QUEUE = "queue:";
/** Events that wait at most; the oldest go first. */
const MOST_WAITING = 500;
/** Characters of the events of one request as JSON, so that its bytes stay below 64 KiB in any language. */
const LONGEST_BATCH = 20_000;

export class Drawer {
  #inPage = new Map();
  #count = 0;

  read(name) {
    try {
      const text = localStorage.getItem(PREFIX + name);
      if (text !== null) return JSON.parse(text);
    } catch {
      // Not ours to read, or not JSON: as if there were nothing.
    }
    return this.#inPage.get(name) ?? null;
  }

  write(name, value) {
    if (value === null) {
      this.forget(name);
      return;
    }
    this.#inPage.delete(name);
    try {
      localStorage.setItem(PREFIX + name, JSON.stringify(value));
    } catch {
      this.forget(name);
      this.#inPage.set(name, value);
    }
  }

  forget(name) {
    this.#inPage.delete(name);
    try {
      localStorage.removeItem(PREFIX + name);
    } catch {
      // Nothing was stored here.
    }
  }

  /** Put an event behind the others. */
  queue(event, token) {
    this.#count += 1;
    const place = [Date.now(), this.#count].map((number) => String(number).padStart(14, "0")).join(":");
    this.write(`${QUEUE}${place}:${event.messageId}`, { token, event });
    const waiting = this.#waiting();
    for (const name of waiting.slice(0, Math.max(0, waiting.length - MOST_WAITING))) this.forget(name);
  }

  /** The first events of one session that go into a request, with the names of their entries; null when none wait. */
  next() {
    const batch = { token: null, events: [], names: [] };
    let length = 0;
    for (const name of this.#waiting()) {
      const entry = this.read(name);
      if (!entry?.event) {
        this.forget(name); // sent by another tab meanwhile, or not ours
        continue;
      }
      length += JSON.stringify(entry.event).length;
      if (batch.events.length && (length > LONGEST_BATCH || entry.token !== batch.token)) break;
      batch.token = entry.token;
      batch.events.push(entry.event);
      batch.names.push(name);
    }
    return batch.events.length ? batch : null;
  }

  /** These entries need not be sent any more. */
  settle(names) {
    for (const name of names) this.forget(name);
  }

  /** A session that is over vouches for nobody. */
  disown(token) {
    for (const name of this.#waiting()) {
      const entry = this.read(name);
      if (entry?.token === token) this.write(name, { ...entry, token: null });
    }
  }

  forgetQueue() {
    this.settle(this.#waiting());
  }

  /** Names of the entries that wait, the oldest first. */
  #waiting() {
    let stored = [];
    try {
      stored = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    } catch {
      // Nothing is stored here.
    }
    const names = [...stored.map((key) => key.slice(PREFIX.length)), ...this.#inPage.keys()];
    return [...new Set(names)].filter((name) => name.startsWith(QUEUE)).sort();
  }
}
