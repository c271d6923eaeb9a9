/** The visible conversation: messages in order, our own shown before the server has them. */

import { card } from "./cards.js";
import { clock, make } from "./elements.js";

const NAMES = { customer: "You", bot: "Assistant", agent: "Our team", system: "Service notice" };
const OWNER_NOTES = {
  bot: "The assistant is back.",
  queued: "A person has been asked to join. The assistant goes on helping until then.",
  closed: "This conversation was closed. Start a new one whenever you like.",
};
const ownerNote = (event) =>
  event.owner === "agent" ? `${event.agent || "A member of our team"} has joined.` : OWNER_NOTES[event.owner] || "";
const STATES = { sending: "Sending…", waiting: "Not sent yet. Trying again…", refused: "Not sent." };

export class Transcript {
  #log;
  #acts;
  #why = false;
  #own = new Map();
  #lastSpeaker = null;

  /** `acts`: `choose(quickReply)`, `edit(text)`, `why(seq)`. */
  constructor(log, acts) {
    this.#log = log;
    this.#acts = acts;
  }

  clear(why) {
    this.#why = why;
    this.#own.clear();
    this.#lastSpeaker = null;
    this.#log.replaceChildren();
  }

  toEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  /** A stored event. */
  add(event) {
    if (event.type === "owner") this.#put(make("p.note", {}, ownerNote(event)), "note");
    else if (event.role === "customer") this.#addOwn(event);
    else this.#addReply(event);
    this.toEnd();
  }

  /** The state of a message of ours: `sending`, `waiting`, `sent` or `refused` with its reason. */
  sending({ message, state, detail }) {
    let shown = this.#own.get(message.client_id);
    if (!shown) {
      if (state === "sent") return;
      shown = this.#bubble("customer", message.text);
      this.#own.set(message.client_id, shown);
      this.#withoutChoices();
    }
    shown.dataset.state = state;
    const status = shown.querySelector(".status");
    status.textContent = state === "sent" ? "" : `${STATES[state]} ${detail || ""}`.trim();
    if (state === "refused") {
      status.append(" ", make("button.link", { type: "button", onclick: () => this.#takeBack(message) }, "Edit"));
    }
    this.toEnd();
  }

  #takeBack(message) {
    this.#own.get(message.client_id)?.remove();
    this.#own.delete(message.client_id);
    this.#acts.edit(message.text);
  }

  #addOwn(event) {
    const shown = this.#own.get(event.client_id);
    this.#withoutChoices();
    if (!shown) this.#own.set(event.client_id, this.#bubble("customer", event.text, event.at));
    else {
      shown.dataset.state = "sent";
      shown.querySelector(".status").textContent = "";
      shown.querySelector(".bubble").title = clock(event.at);
      this.#settle(shown);
    }
  }

  /** A message of ours takes its place in the record: what the record has before it may have arrived after it was shown. */
  #settle(shown) {
    const nodes = [...this.#log.children];
    const earlier = nodes
      .slice(nodes.indexOf(shown) + 1)
      .filter((node) => node.dataset.role !== "customer" || node.dataset.state === "sent")
      .at(-1);
    if (!earlier) return;
    earlier.after(shown);
    this.#lastSpeaker = this.#log.lastElementChild.dataset.speaker;
  }

  #addReply(event) {
    const shown = this.#bubble(event.role, event.text, event.at, event.kind, event.agent);
    if (event.cards?.length) {
      shown.append(make("ul.cards", { "aria-label": "Details" }, ...event.cards.map((data) => card(data))));
    }
    if (this.#why && event.role === "bot") {
      const ask = make("button.link.why-link", { type: "button", onclick: () => this.#acts.why(event.seq) }, "Why this reply?");
      shown.append(ask);
    }
    if (event.quick_replies?.length) shown.append(this.#choices(event.quick_replies));
  }

  #choices(offered) {
    const buttons = offered.map((quickReply) =>
      make("button.choice", { type: "button", onclick: (press) => this.#chosen(press, quickReply) }, quickReply.title),
    );
    return make("div.choices", { role: "group", "aria-label": "Suggested answers" }, ...buttons);
  }

  #chosen(press, quickReply) {
    // The pressed button goes away: the focus moves on to what follows instead of being lost.
    this.#log.focus({ preventScroll: true });
    press.preventDefault();
    this.#acts.choose(quickReply);
  }

  #withoutChoices() {
    this.#log.querySelectorAll(".choices").forEach((group) => group.remove());
  }

  #bubble(role, text, at = null, kind = null, agent = null) {
    const speaker = agent || NAMES[role] || role;
    const again = this.#lastSpeaker === speaker;
    const name = make(again ? "span.who.sr" : "span.who", {}, speaker, make("span.sr", {}, ":"));
    const bubble = text ? make("p.bubble", { dir: "auto", title: at && clock(at) }, text) : null;
    const shown = make("article.message", { "data-role": role, "data-speaker": speaker, "data-kind": kind }, name, bubble);
    if (role === "customer") shown.append(make("span.status", {}));
    this.#put(shown, speaker);
    return shown;
  }

  #put(node, speaker) {
    this.#lastSpeaker = speaker;
    this.#log.append(node);
  }
}
