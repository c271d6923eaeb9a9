/**
 * What a visitor looks at and puts into the basket, for their profile; a module without dependencies.
 *
 *     import { Rapport } from "https://SERVER/sdk/rapport.js";
 *     const rapport = new Rapport();
 *     rapport.page("Kettles");
 *     rapport.productViewed({ sku: "HV-KT-01", name: "Copperline kettle", price: 49, currency: "GBP" });
 *     rapport.allow();      // or refuse(), as the visitor decides
 *
 * Before the visitor decides, events wait in the memory of the page: nothing is stored and nothing leaves.
 * `refuse()` drops them and forgets the visitor's id. After `allow()` they rest in localStorage until the
 * server has them, through reloads and lost connections; an event keeps its `messageId`, by which the server
 * knows it again.
 */

import { Drawer } from "./drawer.js";

/** Decisions are asked for anew after this many days. */
const DECISION_DAYS = 182;
/** Events gather for so long before they go. Seconds. */
const GATHER_SECONDS = 1;
/** Seconds between tries grow from one to this. */
const LONGEST_PAUSE = 60;
/** Seconds after which a request counts as lost. */
const PATIENCE = 15;
/** Characters of an event as JSON: with every one of them three bytes long it stays below 32 KB. */
const LONGEST_EVENT = 10_000;
/** What waits in the page for a decision. */
const MOST_HELD = 100;

const DAY = 86_400_000;
const LIBRARY = { name: "rapport.js", version: "1" };

const random = () =>
  globalThis.crypto?.randomUUID?.() ?? `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
/** The relay lets no browser use ids that begin otherwise. */
const newId = () => `web-${random()}`;
/** An address without what may be personal in it: no query, no fragment. */
const bare = (address) => address.split(/[?#]/)[0];
const mayPass = (status) => status === 408 || status === 429 || status >= 500;

export class Rapport {
  #server;
  #drawer = new Drawer();
  #held = [];
  #token = null;
  #person = null;
  #decision;
  #sending = false;
  #attempt = 0;
  #due = 0;
  #recall = new AbortController();

  /** @param {string} server where the events go; by default where this file came from */
  constructor(server = new URL(import.meta.url).origin) {
    this.#server = server.replace(/\/$/, "");
    this.#decision = this.allowed;
    addEventListener("online", () => this.#soon(0));
    addEventListener("pagehide", () => this.#leave());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.#leave());
    // Another tab may have decided.
    addEventListener("storage", () => this.#decided());
    this.#soon(0);
  }

  /** What the visitor decided: true, false, or null when they should be asked. */
  get allowed() {
    const decision = this.#drawer.read("decision");
    const days = decision ? (Date.now() - Date.parse(decision.at)) / DAY : Infinity;
    return days < DECISION_DAYS ? decision.analytics : null;
  }

  allow() {
    this.#decide(true);
  }

  /** Also takes back an earlier yes. */
  refuse() {
    this.#decide(false);
  }

  /**
   * Somebody signed in. What follows is theirs, and so is what this browser did before, unless it was
   * somebody else's.
   *
   * @param {string} token of their session: the server takes from it who they are
   * @param {string} person tells customers of this browser apart, such as a customer number; never sent
   */
  signedIn(token, person) {
    if (token === this.#token) return;
    if (this.#known !== null && this.#known !== person) this.signedOut();
    this.#token = token;
    this.#person = person;
    if (this.allowed) this.#identify();
  }

  /** Who signed in is gone: from now on it is a visitor whom nobody knows. */
  signedOut() {
    this.#token = null;
    if (this.#known === null) return;
    this.#person = null;
    this.#held = [];
    this.#drawer.forget("person");
    this.#drawer.forget("visitor");
  }

  page(name = document.title, properties = {}) {
    const { url, ...seen } = this.#page();
    this.#record({ type: "page", name, properties: { ...seen, url, ...properties } });
  }

  track(event, properties = {}) {
    this.#record({ type: "track", event, properties });
  }

  /** Products are as the Segment specification has them: `product_id` or `sku`, `name`, `category`, `price`, … */
  productViewed(product) {
    this.track("Product Viewed", product);
  }

  productAdded(product, quantity = 1) {
    this.track("Product Added", { ...product, quantity });
  }

  productRemoved(product, quantity = 1) {
    this.track("Product Removed", { ...product, quantity });
  }

  cartViewed(products) {
    this.track("Cart Viewed", { products });
  }

  get #known() {
    return this.#person ?? this.#drawer.read("person");
  }

  #identify() {
    this.#drawer.write("person", this.#person);
    this.#record({ type: "identify" });
  }

  #page() {
    const { title, referrer } = document;
    return { path: location.pathname, referrer: bare(referrer), title, url: bare(location.href) };
  }

  #record(message) {
    const event = {
      messageId: newId(),
      timestamp: new Date().toISOString(),
      ...message,
      context: { library: LIBRARY, locale: navigator.language, page: this.#page() },
    };
    if (this.allowed === false) return;
    if (JSON.stringify(event).length > LONGEST_EVENT) {
      console.warn(`rapport: an event is longer than ${LONGEST_EVENT} characters and was not recorded`);
      return;
    }
    this.#held.push({ token: this.#token, event });
    if (this.allowed) this.#keep();
    else this.#held = this.#held.slice(-MOST_HELD);
  }

  #decide(analytics) {
    // First, for another tab hears of the decision at once.
    if (analytics) this.#visitor();
    this.#drawer.write("decision", { analytics, at: new Date().toISOString() });
    this.#decided();
  }

  #decided() {
    if (this.allowed === this.#decision) return;
    this.#decision = this.allowed;
    if (this.#decision === false) {
      this.#recall.abort();
      this.#recall = new AbortController();
      this.#held = [];
      this.#drawer.forgetQueue();
      for (const name of ["visitor", "person"]) this.#drawer.forget(name);
    } else if (this.#decision) {
      this.#keep();
      if (this.#token) this.#identify();
    }
  }

  /** The id of this browser's visitor, who agreed to have one. */
  #visitor() {
    const anonymousId = this.#drawer.read("visitor") ?? newId();
    this.#drawer.write("visitor", anonymousId);
    return anonymousId;
  }

  /** Move what was recorded to where it rests until it is sent. */
  #keep() {
    const anonymousId = this.#visitor();
    for (const { token, event } of this.#held) {
      const context = { ...event.context, consent: { categoryPreferences: { analytics: true } } };
      this.#drawer.queue({ ...event, anonymousId, context }, token);
    }
    this.#held = [];
    if (!this.#attempt) this.#soon(GATHER_SECONDS);
  }

  #soon(seconds) {
    clearTimeout(this.#due);
    this.#due = setTimeout(() => this.#send(), seconds * 1000);
  }

  async #send() {
    // One tab at a time. Where there are no locks, the server drops what comes twice.
    const alone = (work) => navigator.locks?.request("rapport:sending", work) ?? work();
    if (!this.#sending && this.allowed && this.#drawer.next()) await alone(() => this.#empty());
  }

  /** The page may end now: the request outlives it, and what does not leave stays in the queue. */
  #leave() {
    if (!this.#sending && this.allowed) this.#empty();
  }

  async #empty() {
    this.#sending = true;
    for (let batch = this.#drawer.next(); batch && this.allowed; batch = this.#drawer.next()) {
      const { status, retryAfter } = await this.#post(batch);
      if (!this.allowed) break;
      if (batch.token && [401, 403, 404].includes(status)) {
        // The session is over; whose browser it is was said while it lasted.
        this.#drawer.disown(batch.token);
      } else if (mayPass(status)) {
        this.#attempt += 1;
        const pause = Math.min(LONGEST_PAUSE, 2 ** (this.#attempt - 1)) * (0.75 + Math.random() / 2);
        this.#soon(Math.max(retryAfter, pause));
        break;
      } else {
        this.#attempt = 0;
        this.#drawer.settle(batch.names);
      }
    }
    this.#sending = false;
  }

  async #post({ token, events }) {
    const headers = { "Content-Type": "application/json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    try {
      const response = await fetch(`${this.#server}/v1/batch`, {
        method: "POST",
        headers,
        body: JSON.stringify({ batch: events, sentAt: new Date().toISOString() }),
        // Goes on when the page does not; the browser grants this to 64 KiB at a time.
        keepalive: true,
        credentials: "omit",
        signal: AbortSignal.any([this.#recall.signal, AbortSignal.timeout(PATIENCE * 1000)]),
      });
      return { status: response.status, retryAfter: Number(response.headers.get("Retry-After")) || 0 };
    } catch {
      return { status: 503, retryAfter: 0 };
    }
  }
}
