/** What the console does in the browser itself: focus, keys, forms, local times, scrolling with a conversation. */

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayAndClock = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium" });
const KEYS_OFF = "rapport-keys-off";

/** Show the moments of a part of the page in local time. */
function tellTimes(root) {
  for (const node of root.querySelectorAll("time[data-when]")) {
    const at = new Date(node.dateTime);
    const text = STYLES[node.dataset.when](at);
    if (node.textContent !== text) node.textContent = text;
    const title = full.format(at);
    if (node.title !== title) node.title = title;
  }
}

function ago(at) {
  const seconds = Math.max(0, (Date.now() - at) / 1000);
  for (const [unit, length] of UNITS) {
    if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
  }
  return "just now";
}

function duration(at) {
  const minutes = Math.floor((Date.now() - at) / 60_000);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return `${minutes} min`;
  return minutes < 1440 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 1440)} days`;
}

const STYLES = { ago, for: duration, at: (at) => (today(at) ? clock : dayAndClock).format(at) };
const today = (at) => at.toDateString() === new Date().toDateString();

/** An element that had the focus and was moved or made anew by an update gets it back. */
let held = null;
document.addEventListener("focusin", (event) => (held = event.target));
document.addEventListener("pointerdown", () => (held = null), true);
document.addEventListener("keydown", (event) => event.key === "Tab" && (held = document.activeElement), true);

function keepFocus() {
  if (!held || document.activeElement !== document.body) return;
  const again = held.isConnected ? held : document.getElementById(held.id);
  again?.focus({ preventScroll: true });
}

/** A conversation stays at its end while its reader is there. */
const atEnd = new WeakMap();
const near = (node) => node.scrollHeight - node.scrollTop - node.clientHeight < 80;
document.addEventListener("scroll", (event) => {
  if (event.target.dataset?.stick !== undefined) atEnd.set(event.target, near(event.target));
}, true);

function stickToEnd() {
  for (const node of document.querySelectorAll("[data-stick]")) {
    if (atEnd.get(node) ?? true) node.scrollTop = node.scrollHeight;
  }
}

/** On a narrow screen a conversation scrolls with the page: there, a new message is brought into sight. */
function followPage(records) {
  const added = records.flatMap((record) => [...record.addedNodes]).find((node) => node.matches?.("[data-stick] > *"));
  const page = document.scrollingElement;
  if (added && page.scrollHeight - page.scrollTop - page.clientHeight < 400) added.scrollIntoView({ block: "nearest" });
}

new MutationObserver((records) => {
  keepFocus();
  tellTimes(document);
  stickToEnd();
  followPage(records);
}).observe(document, { childList: true, subtree: true, characterData: true, attributeFilter: ["datetime", "hidden"] });
setInterval(() => tellTimes(document), 20_000);

const writing = (node) => node.closest?.("input, select, textarea, [contenteditable]");

function move(list, step) {
  const rows = [...list.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const place = rows.indexOf(document.activeElement.closest("[data-row]"));
  const next = place < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, place + step));
  rows[next].focus();
}

document.addEventListener("keydown", (event) => {
  const area = event.target;
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && area.dataset?.enterSends !== undefined) {
    event.preventDefault();
    area.form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || writing(area) || document.querySelector("dialog[open]")) return;
  const list = document.querySelector("[data-rows]");
  const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (list && arrow && list.contains(area)) {
    event.preventDefault();
    move(list, arrow);
    return;
  }
  if (localStorage.getItem(KEYS_OFF)) return;
  const letter = { j: 1, k: -1 }[event.key];
  const target = { "?": "[data-help]", "/": "[data-search]", r: "[data-reply]" }[event.key];
  if (list && letter) move(list, letter);
  else if (target && document.querySelector(target)) {
    event.preventDefault();
    const node = document.querySelector(target);
    event.key === "?" ? node.click() : node.focus();
  }
});

/** A text field grows with its text. */
document.addEventListener("input", (event) => {
  const area = event.target;
  if (area.dataset?.enterSends === undefined) return;
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, 180)}px`;
});

/** The switch of the one-letter keys in the help dialog. */
document.addEventListener("change", (event) => {
  if (event.target.name !== "letter-keys") return;
  if (event.target.checked) localStorage.removeItem(KEYS_OFF);
  else localStorage.setItem(KEYS_OFF, "1");
});
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-help]")) return;
  for (const box of document.querySelectorAll("input[name='letter-keys']")) box.checked = !localStorage.getItem(KEYS_OFF);
});
