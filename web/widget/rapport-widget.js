/**
 * <rapport-chat>: a support chat for any page, without dependencies.
 *
 *     <script type="module" src="https://SERVER/widget/rapport-widget.js"></script>
 *     <rapport-chat heading="Hearth &amp; Volt"></rapport-chat>
 *
 * Attributes: `server` (default: where this file came from), `customer-id` (absent: anonymous), `heading`,
 * `why` (offer "Why this reply?"; demo mode). Methods: `show()`, `hide()`, `compose(text)`.
 * Events: `rapport-open`, `rapport-close`, and `rapport-session` with `detail` `{token, customerId}` once it is known
 * whose conversation it is.
 */

import { Conversation } from "./conversation.js";
import { icon, make } from "./elements.js";
import { Transcript } from "./transcript.js";
import { sheet } from "./style.js";
import { whyDialog } from "./why.js";

const LONGEST = 4000;
const NEARLY = 3600;

const SPEAKERS = {
  bot: "Assistant, answers at once",
  queued: "Assistant, a person will join",
  agent: "A person from our team",
  closed: "Conversation closed",
};

class RapportChat extends HTMLElement {
  static observedAttributes = ["customer-id", "heading"];

  #conversation = null;
  #parts = {};
  #transcript = null;
  #owner = "bot";
  #connection = "connecting";

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    this.#build(root);
    this.#linkPreferences();
  }

  connectedCallback() {
    if (sessionStorage.getItem("rapport:open") === "yes") this.show(false);
  }

  disconnectedCallback() {
    this.#leave();
  }

  attributeChangedCallback(name, before, now) {
    if (name === "heading") this.#parts.title.textContent = now || "Chat with us";
    else if (before !== now && this.#conversation) this.#restart();
  }

  get isOpen() {
    return !this.#parts.panel.hidden;
  }

  /** Open the panel; the first time, resume or begin the conversation. */
  show(focus = true) {
    const { panel, launcher, input } = this.#parts;
    panel.hidden = false;
    launcher.setAttribute("aria-expanded", "true");
    this.toggleAttribute("open", true);
    sessionStorage.setItem("rapport:open", "yes");
    if (!this.#conversation) this.#join();
    if (focus) input.focus();
    this.#transcript.toEnd();
    this.dispatchEvent(new CustomEvent("rapport-open", { bubbles: true, composed: true }));
  }

  /** Close the panel; the conversation goes on. */
  hide() {
    const { panel, launcher } = this.#parts;
    panel.hidden = true;
    launcher.setAttribute("aria-expanded", "false");
    this.toggleAttribute("open", false);
    sessionStorage.removeItem("rapport:open");
    launcher.focus();
    this.dispatchEvent(new CustomEvent("rapport-close", { bubbles: true, composed: true }));
  }

  /** Put a text into the composer, for the customer to send. */
  compose(text) {
    this.show();
    this.#parts.input.value = text;
    this.#typed();
    this.#parts.input.focus();
  }

  #build(root) {
    const title = make("h2.title", { id: "title" }, this.getAttribute("heading") || "Chat with us");
    const speaker = make("p.speaker", { role: "status" }, SPEAKERS.bot);
    const log = make("div.log", { role: "log", "aria-live": "polite", "aria-label": "Conversation", tabindex: "0" });
    const typing = make("div.typing", { hidden: true }, make("span.dots", { "aria-hidden": "true" }, make("i"), make("i"), make("i")), make("span.sr", { role: "status" }));
    const notice = make("p.notice", { role: "status", hidden: true });
    const input = make("textarea.input", { id: "input", rows: "1", placeholder: "Write a message…", autocomplete: "off", enterkeyhint: "send" });
    const send = make("button.send", { type: "submit", "aria-label": "Send message", disabled: true }, icon("send"));
    const counter = make("p.counter", { role: "status", hidden: true });
    const form = make("form.composer", {}, make("label.sr", { for: "input" }, "Your message"), input, send, counter);
    const renew = make("button.quiet", { type: "button", title: "New conversation", "aria-label": "Start a new conversation" }, icon("renew"));
    const preferences = make("a.quiet", { target: "_blank", rel: "noopener", title: "Your preferences", "aria-label": "Your preferences (opens a new page)" }, icon("sliders"));
    const close = make("button.quiet", { type: "button", title: "Close", "aria-label": "Close chat" }, icon("close"));
    const panel = make(
      "section.panel",
      { id: "panel", role: "dialog", "aria-labelledby": "title", hidden: true },
      make("div.head", {}, make("span.mark", {}, icon("flame")), make("div.names", {}, title, speaker), preferences, renew, close),
      log, typing, notice, form,
    );
    const launcher = make("button.launcher", { type: "button", "aria-expanded": "false", "aria-controls": "panel" }, icon("chat"), make("span", {}, "Chat with us"));
    root.append(launcher, panel);
    this.#parts = { title, speaker, log, typing, notice, input, send, counter, form, panel, launcher, preferences };
    this.#transcript = new Transcript(log, {
      choose: (quickReply) => this.#conversation?.send(quickReply.title, quickReply),
      edit: (text) => this.compose(text),
      why: (seq) => this.#explain(seq),
    });
    launcher.addEventListener("click", () => (this.isOpen ? this.hide() : this.show()));
    close.addEventListener("click", () => this.hide());
    renew.addEventListener("click", () => this.#renew());
    form.addEventListener("submit", (event) => this.#submit(event));
    input.addEventListener("input", () => this.#typed());
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.#submit(event);
    });
    panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !root.querySelector("dialog[open]")) this.hide();
    });
  }

  #join() {
    const conversation = new Conversation(this.#server, this.getAttribute("customer-id"));
    this.#conversation = conversation;
    this.#transcript.clear(this.hasAttribute("why"));
    this.#parts.input.value = conversation.draft;
    this.#typed();
    const on = (type, act) =>
      conversation.addEventListener(type, ({ detail }) => this.#conversation === conversation && act(detail));
    this.#linkPreferences();
    on("session", (token) => this.#announce(token));
    on("event", (event) => this.#happened(event));
    on("sending", (change) => this.#transcript.sending(change));
    on("typing", (active) => this.#showTyping(active));
    on("connection", (state) => this.#showConnection(state));
    on("owner", (owner) => this.#showOwner(owner));
    on("ended", ({ detail }) => this.#ended(detail));
    this.#showOwner("bot");
    this.#showConnection("connecting");
    conversation.open();
  }

  get #server() {
    return this.getAttribute("server") || new URL(import.meta.url).origin;
  }

  /** The token goes in the fragment, which stays in the browser; without one the page is a stranger's. */
  #linkPreferences(token = null) {
    const fragment = token ? `#session=${encodeURIComponent(token)}` : "";
    this.#parts.preferences.href = `${this.#server}/preferences${fragment}`;
  }

  #announce(token) {
    this.#linkPreferences(token);
    const detail = { token, customerId: this.getAttribute("customer-id") };
    this.dispatchEvent(new CustomEvent("rapport-session", { bubbles: true, composed: true, detail }));
  }

  #leave() {
    this.#conversation?.close();
    this.#conversation = null;
  }

  #restart() {
    this.#leave();
    if (this.isOpen) this.#join();
  }

  #renew() {
    this.#conversation?.forget();
    this.#conversation = null;
    this.#join();
    this.#parts.input.focus();
  }

  #submit(event) {
    event.preventDefault();
    const { input } = this.#parts;
    const text = input.value.trim();
    if (!text || text.length > LONGEST || !this.#conversation || this.#owner === "closed") return;
    this.#conversation.send(text);
    input.value = "";
    this.#typed();
    input.focus();
  }

  #typed() {
    const { input, send, counter } = this.#parts;
    const length = input.value.trim().length;
    if (this.#conversation) this.#conversation.draft = input.value;
    send.disabled = length === 0 || length > LONGEST || this.#owner === "closed";
    counter.hidden = length < NEARLY;
    counter.classList.toggle("over", length > LONGEST);
    counter.textContent =
      length > LONGEST
        ? `${(length - LONGEST).toLocaleString("en-GB")} characters too many. Shorten it or send it in parts.`
        : `${(LONGEST - length).toLocaleString("en-GB")} characters left`;
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 132)}px`;
  }

  #happened(event) {
    this.#transcript.add(event);
    if (event.type === "owner") this.#showOwner(event.owner);
    if (event.type === "message" && event.role !== "customer") this.#showTyping(false);
  }

  #showTyping(active) {
    const { typing } = this.#parts;
    if (typing.hidden === !active) return;
    typing.hidden = !active;
    typing.querySelector(".sr").textContent = active ? "The assistant is typing" : "";
    this.#transcript.toEnd();
  }

  #showOwner(owner) {
    this.#owner = owner;
    this.#parts.input.disabled = owner === "closed";
    this.#parts.input.placeholder = owner === "closed" ? "This conversation is closed" : "Write a message…";
    this.#showNotice();
    this.#showSpeaker();
  }

  #showConnection(state) {
    this.#connection = state;
    this.#parts.panel.dataset.connection = state;
    this.#showNotice();
    this.#showSpeaker();
  }

  #showNotice() {
    const { notice, preferences } = this.#parts;
    const offline = this.#connection === "offline";
    // Of a visitor whom nobody knows there is nowhere to keep an answer.
    const asks = this.#owner === "closed" && this.hasAttribute("customer-id");
    notice.hidden = !offline && !asks;
    if (offline) notice.textContent = "Connection lost. Trying again; what you write is kept.";
    else if (asks) notice.replaceChildren(make("a.again", { href: preferences.href, target: "_blank", rel: "noopener" }, "How did we do? (opens a new page)"));
    else notice.textContent = "";
  }

  #showSpeaker() {
    const { speaker } = this.#parts;
    const text = this.#connection === "offline" ? "Reconnecting…" : SPEAKERS[this.#owner];
    if (speaker.textContent !== text) speaker.textContent = text;
  }

  #ended(detail) {
    const again = make("button.again", { type: "button", onclick: () => this.#renew() }, "Start a new conversation");
    const { notice } = this.#parts;
    notice.hidden = false;
    notice.replaceChildren(`${detail || "This conversation has ended."} `, again);
    this.#showTyping(false);
  }

  async #explain(seq) {
    try {
      const dialog = whyDialog(await this.#conversation.why(seq));
      this.#parts.panel.append(dialog);
      dialog.showModal();
    } catch (error) {
      this.#parts.notice.hidden = false;
      this.#parts.notice.textContent = `The explanation can't be shown: ${error.message}`;
    }
  }
}

customElements.define("rapport-chat", RapportChat);
