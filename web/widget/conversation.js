/**
 * One conversation with the server: begun or resumed, followed live, messages sent once and in order.
 *
 * Events dispatched: `session` (its token), `event` (a stored event, in order), `sending` (the state of a message of ours),
 * `typing`, `connection` (`connecting`, `online`, `offline`), `ended` (the server no longer knows us).
 */

const PING_SECONDS = 25;
const PONG_SECONDS = 8;
const LONGEST_PAUSE = 15;
/** Close codes with which the server says that coming back is of no use. */
const NOT_ALLOWED = 4401;
const NOT_FOUND = 4404;

const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
const backOff = (attempt) => Math.min(LONGEST_PAUSE, 0.5 * 2 ** attempt) * (0.75 + Math.random() / 2);
const newId = () =>
  globalThis.crypto?.randomUUID?.() ?? `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;

/** A refusal of the server: its problem document, or what stands for one. */
export class Refusal extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail || "The server refused this.");
    this.status = status;
    this.kind = problem.type || "about:blank";
    this.retryAfter = retryAfter;
  }

  get mayPass() {
    return this.status === 429 || this.status >= 500;
  }
}

export class Conversation extends EventTarget {
  #server;
  #customerId;
  #key;
  #identity = null;
  #lastSeq = 0;
  #socket = null;
  #attempt = 0;
  #closed = false;
  #unsent = [];
  #sending = false;
  #wake = () => {};

  /** `customerId` null: an anonymous visitor. */
  constructor(server, customerId) {
    super();
    this.#server = server.replace(/\/$/, "");
    this.#customerId = customerId || null;
    this.#key = `rapport:${this.#server}:${this.#customerId || "anonymous"}`;
    this.#identity = this.#read(localStorage, "conversation");
    this.#unsent = this.#read(sessionStorage, "unsent") || [];
  }

  get known() {
    return this.#identity !== null;
  }

  /** Text that was typed but not sent survives a reload. */
  get draft() {
    return this.#read(sessionStorage, "draft") || "";
  }

  set draft(text) {
    this.#write(sessionStorage, "draft", text || null);
  }

  /** Resume the conversation of last time, or begin one; then stay connected. */
  async open() {
    addEventListener("online", this.#nudge);
    for (const message of this.#unsent) this.#tell("sending", { message, state: "sending" });
    await this.#beginIfNeeded();
    if (this.#closed) return;
    this.#tell("session", this.#identity.token);
    this.#connect();
    this.#sendAll();
  }

  /** Leave this conversation behind; the next one begins anew. */
  forget() {
    this.#write(localStorage, "conversation", null);
    this.#write(sessionStorage, "unsent", null);
    this.close();
  }

  close() {
    this.#closed = true;
    removeEventListener("online", this.#nudge);
    this.#socket?.close(1000);
  }

  /** Send a text, or a quick reply `{id, title}`; tried until the server has it or refuses it. */
  send(text, quickReply = null) {
    const message = { client_id: newId(), text, quick_reply: quickReply?.id ?? null };
    this.#unsent.push(message);
    this.#write(sessionStorage, "unsent", this.#unsent);
    this.#tell("sending", { message, state: "sending" });
    this.#sendAll();
  }

  /** Why the reply at `seq` was given (demo mode). */
  async why(seq) {
    return this.#call(`/api/conversations/${this.#identity.id}/turns/${seq}/why`);
  }

  #nudge = () => {
    this.#attempt = 0;
    this.#wake();
  };

  async #beginIfNeeded() {
    for (let attempt = 0; !this.#identity && !this.#closed; attempt += 1) {
      try {
        const body = this.#customerId ? { customer_id: this.#customerId } : {};
        const begun = await this.#call("/api/conversations", body);
        this.#identity = { id: begun.conversation_id, token: begun.token };
        this.#write(localStorage, "conversation", this.#identity);
      } catch (error) {
        if (error instanceof Refusal && !error.mayPass) {
          this.#tell("ended", { detail: error.message });
          this.#closed = true;
          return;
        }
        this.#tell("connection", "offline");
        await this.#rest(error.retryAfter || backOff(attempt));
      }
    }
  }

  async #rest(seconds) {
    await Promise.race([pause(seconds), new Promise((wake) => (this.#wake = wake))]);
  }

  async #call(path, body) {
    const headers = { Accept: "application/json" };
    if (this.#identity) headers.Authorization = `Bearer ${this.#identity.token}`;
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(this.#server + path, {
      method: body ? "POST" : "GET",
      headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) {
      throw new Refusal(response.status, answer, Number(response.headers.get("Retry-After")) || 0);
    }
    return answer;
  }

  async #sendAll() {
    if (this.#sending || !this.#identity) return;
    this.#sending = true;
    for (let attempt = 0; this.#unsent.length && !this.#closed; attempt += 1) {
      const message = this.#unsent[0];
      try {
        await this.#post(message);
        attempt = -1;
      } catch (error) {
        if (this.#closed) break;
        if (error instanceof Refusal && !error.mayPass) {
          this.#settle(message, "refused", error.message);
          if ([401, 403, 404].includes(error.status)) this.#end(error.message);
          attempt = -1;
        } else if (this.#unsent[0] === message) {
          this.#tell("sending", { message, state: "waiting" });
          await this.#rest(error.retryAfter || backOff(attempt));
        }
      }
    }
    this.#sending = false;
  }

  async #post(message) {
    const { client_id, text, quick_reply } = message;
    const body = quick_reply ? { client_id, quick_reply } : { client_id, text };
    await this.#call(`/api/conversations/${this.#identity.id}/messages`, body);
    this.#settle(message, "sent");
  }

  #settle(message, state, detail = "") {
    const place = this.#unsent.findIndex((waiting) => waiting.client_id === message.client_id);
    if (place < 0) return;
    this.#unsent.splice(place, 1);
    this.#write(sessionStorage, "unsent", this.#unsent.length ? this.#unsent : null);
    this.#tell("sending", { message, state, detail });
  }

  #connect() {
    this.#tell("connection", "connecting");
    const address = `${this.#server.replace(/^http/, "ws")}/api/conversations/${this.#identity.id}/ws`;
    const socket = new WebSocket(address);
    this.#socket = socket;
    let pulse = 0;
    let silence = 0;
    socket.onopen = () =>
      socket.send(JSON.stringify({ type: "hello", token: this.#identity.token, after: this.#lastSeq }));
    socket.onmessage = ({ data }) => {
      clearTimeout(silence);
      this.#receive(JSON.parse(data));
    };
    pulse = setInterval(() => {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send('{"type":"ping"}');
      silence = setTimeout(() => socket.close(), PONG_SECONDS * 1000);
    }, PING_SECONDS * 1000);
    socket.onclose = ({ code, reason }) => {
      clearInterval(pulse);
      clearTimeout(silence);
      this.#tell("typing", false);
      if (this.#closed) return;
      if (code === NOT_ALLOWED || code === NOT_FOUND) this.#end(reason);
      else this.#reconnect();
    };
  }

  async #reconnect() {
    this.#tell("connection", "offline");
    await this.#rest(backOff(this.#attempt));
    this.#attempt += 1;
    if (!this.#closed) this.#connect();
  }

  #receive(frame) {
    if (frame.type === "ready") {
      this.#attempt = 0;
      this.#wake();
      this.#tell("connection", "online");
      this.#tell("owner", frame.owner);
    } else if (frame.type === "typing") {
      this.#tell("typing", frame.on);
    } else if (frame.seq > this.#lastSeq) {
      this.#lastSeq = frame.seq;
      if (frame.client_id) this.#settle({ client_id: frame.client_id }, "sent");
      this.#tell("event", frame);
    }
  }

  #end(detail) {
    this.#write(localStorage, "conversation", null);
    this.close();
    this.#tell("ended", { detail });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #read(storage, name) {
    try {
      return JSON.parse(storage.getItem(`${this.#key}:${name}`));
    } catch {
      return null;
    }
  }

  #write(storage, name, value) {
    try {
      if (value === null) storage.removeItem(`${this.#key}:${name}`);
      else storage.setItem(`${this.#key}:${name}`, JSON.stringify(value));
    } catch {
      // Private windows may refuse storage: the conversation then lasts as long as the page.
    }
  }
}
