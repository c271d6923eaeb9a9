/** Saving a change at once: told to everybody who sees or hears, taken back by one button, put right if it fails. */

import { make } from "/widget/elements.js";

/** The live region; the same words twice are still said twice. */
export function announce(text) {
  const said = document.querySelector("#said");
  said.textContent = "";
  requestAnimationFrame(() => (said.textContent = text));
}

/**
 * Keeps one control and the server alike. `save(value)` sends, `show(value)` puts the control to a value,
 * `words(value)` is what was saved as a sentence, `control()` gets the focus after undoing.
 */
export class Saving {
  #parts;
  #kept;
  #queue = Promise.resolve();
  #latest = 0;

  constructor(kept, parts) {
    this.#kept = kept;
    this.#parts = parts;
    this.note = make("div.saved", { hidden: true });
  }

  /** The control was changed to `value` by the customer. */
  change(value) {
    return this.#enqueue(value, true);
  }

  /** One after the other, so that what was chosen last is what is kept. */
  #enqueue(value, undoable) {
    const turn = ++this.#latest;
    this.#queue = this.#queue.then(() => this.#send(value, undoable, turn));
    return this.#queue;
  }

  async #send(value, undoable, turn) {
    const before = this.#kept;
    try {
      await this.#parts.save(value);
      this.#kept = value;
      if (turn === this.#latest) this.#told(this.#parts.words(value), undoable ? before : undefined);
    } catch (error) {
      if (turn !== this.#latest) return;
      this.#parts.show(before);
      this.#failed(error.message, value);
    }
  }

  #told(words, before) {
    const text = `Saved. ${words}`;
    this.note.classList.remove("failed");
    this.note.replaceChildren(make("span", {}, text));
    if (before !== undefined) this.note.append(this.#button("Undo", before, false));
    this.note.hidden = false;
    announce(before === undefined ? text : `${text} You can undo this.`);
  }

  #failed(reason, value) {
    const text = `Not saved. ${reason}`;
    this.note.classList.add("failed");
    this.note.replaceChildren(make("span", {}, text), this.#button("Try again", value, true));
    this.note.hidden = false;
    announce(text);
  }

  #button(title, value, undoable) {
    const act = () => {
      this.#parts.show(value);
      this.#parts.control().focus();
      this.#enqueue(value, undoable);
    };
    return make("button.undo", { type: "button", onclick: act, "aria-label": `${title}: ${this.#parts.title}` }, title);
  }
}
