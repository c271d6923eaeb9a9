/**
 * What the browser keeps for `rapport.js`, in localStorage: the decision, the visitor's id, and the queue.
 *
 * Tabs share it, so that everything is read when it is needed. A browser that refuses to store keeps it in the page.
 */

const PREFIX = "rapport:events:";
/** Events that wait at most; the oldest go first. */
const MOST_WAITING = 500;
/** Characters of the events of one request as JSON, so that its bytes stay below 64 KiB in any language. */
const LONGEST_BATCH = 20_000;

export class Drawer {
  #inPage = new Map();

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

  /** Put an event behind the others. The queue is a list of `{token, events}`, for sessions change. */
  queue(event, token) {
    const groups = this.#groups();
    const last = groups.at(-1);
    if (last && last.token === token) last.events.push(event);
    else groups.push({ token, events: [event] });
    let waiting = groups.reduce((sum, { events }) => sum + events.length, 0);
    for (; waiting > MOST_WAITING; waiting -= 1) {
      groups[0].events.shift();
      if (!groups[0].events.length) groups.shift();
    }
    this.write("queue", groups);
  }

  /** The first events of one session that go into a request; null when none wait. */
  next() {
    const first = this.#groups()[0];
    if (!first) return null;
    const events = [];
    let length = 0;
    for (const event of first.events) {
      length += JSON.stringify(event).length;
      if (events.length && length > LONGEST_BATCH) break;
      events.push(event);
    }
    return { token: first.token, events };
  }

  /** These events need not be sent any more. */
  settle(events) {
    const done = new Set(events.map((event) => event.messageId));
    const groups = this.#groups().map(({ token, events: waiting }) => ({
      token,
      events: waiting.filter((event) => !done.has(event.messageId)),
    }));
    this.#replace(groups.filter(({ events: waiting }) => waiting.length));
  }

  /** A session that is over vouches for nobody. */
  disown(token) {
    this.#replace(this.#groups().map((group) => (group.token === token ? { ...group, token: null } : group)));
  }

  #groups() {
    const groups = this.read("queue");
    return Array.isArray(groups) && groups.every((group) => Array.isArray(group?.events)) ? groups : [];
  }

  #replace(groups) {
    this.write("queue", groups.length ? groups : null);
  }
}
