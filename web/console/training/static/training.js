/** What the trainers' pages do in the browser: line numbers, marking words, searching intents, keys, unsaved text. */

const KEYS_OFF = "rapport-keys-off";
const writing = (node) => node.closest?.("input:not([type=radio]):not([type=checkbox]), select, textarea");

/** Line numbers beside a field, those with a fault marked. */
function number(area) {
  const gutter = area.parentElement.querySelector(".gutter");
  const first = Number(area.dataset.first ?? 1);
  const faulty = new Set((area.dataset.faulty ?? "").split(" ").filter(Boolean).map(Number));
  const lines = area.value.split("\n").length;
  const state = `${first}:${lines}:${area.dataset.faulty ?? ""}`;
  if (gutter.dataset.state !== state) {
    gutter.dataset.state = state;
    gutter.replaceChildren(...Array.from({ length: lines }, (_, place) => {
      const line = document.createElement("div");
      line.textContent = first + place;
      if (faulty.has(first + place)) line.className = "faulty";
      return line;
    }));
  }
  gutter.scrollTop = area.scrollTop;
}

const numberAll = () => document.querySelectorAll("textarea[data-lines]").forEach(number);
new MutationObserver(numberAll).observe(document, { childList: true, subtree: true, attributeFilter: ["data-faulty", "data-first"] });
document.addEventListener("input", (event) => event.target.matches?.("textarea[data-lines]") && number(event.target));
document.addEventListener("scroll", (event) => event.target.matches?.("textarea[data-lines]") && number(event.target), true);

/** Go to a line (from 0) of a field and select it. */
window.rapportToLine = (area, place) => {
  const lines = area.value.split("\n");
  const at = Math.max(0, Math.min(place, lines.length - 1));
  const start = lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + lines[at].length);
  area.scrollTop = Math.max(0, (at - 4) * parseFloat(getComputedStyle(area).lineHeight));
};

/** The same when a page opens; who is in the field already, or has written, is not torn away: what they type would land there. */
window.rapportBeginAt = (area, place) => {
  if (document.activeElement !== area && area.value === area.defaultValue) rapportToLine(area, place);
};

/** Put selected words, or the word at the cursor, into markup; or take the markup around them away. */
function mark(form, act) {
  const area = form.elements.utterances;
  const entity = form.elements.entity.value;
  const text = area.value;
  let [start, end] = [area.selectionStart, area.selectionEnd];
  const inside = [...text.matchAll(/\[([^\[\]\n]+)\]\([^()\n]+\)/g)].filter((found) => found.index < Math.max(end, start + 1) && found.index + found[0].length > start);
  let put = "";
  if (act === "unmark" || inside.length) {
    if (!inside.length) return;
    start = inside[0].index;
    end = inside.at(-1).index + inside.at(-1)[0].length;
    put = text.slice(start, end).replace(/\[([^\[\]\n]+)\]\([^()\n]+\)/g, "$1");
    if (act === "mark") put = `[${put}](${entity})`;
  } else {
    if (start === end) {
      while (start > 0 && /\S/.test(text[start - 1])) start -= 1;
      while (end < text.length && /\S/.test(text[end])) end += 1;
    }
    while (start < end && /\s/.test(text[start])) start += 1;
    while (end > start && /[\s.,;:!?]/.test(text[end - 1])) end -= 1;
    if (start === end || text.slice(start, end).includes("\n")) return;
    put = `[${text.slice(start, end)}](${entity})`;
  }
  area.focus();
  area.setRangeText(put, start, end, "select");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-mark]");
  if (button) mark(button.closest("form"), button.dataset.mark);
});

/** Leave the options that fit all words of a search. */
function narrow(search) {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const list = document.getElementById(search.dataset.filters);
  let left = 0;
  for (const option of list.querySelectorAll("[data-option]")) {
    const text = `${option.textContent} ${option.querySelector("input")?.value ?? ""}`.toLowerCase();
    option.hidden = !words.every((word) => text.includes(word));
    left += option.hidden ? 0 : 1;
  }
  const none = list.querySelector("[data-none]");
  if (none) none.hidden = left > 0;
}

document.addEventListener("input", (event) => event.target.dataset?.filters && narrow(event.target));

document.addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.key === "Enter" && target.dataset?.filters) {
    event.preventDefault();
    const first = document.getElementById(target.dataset.filters).querySelector("[data-option]:not([hidden]) :is(input, a)");
    first?.focus();
    if (first?.type === "radio") first.checked = true;
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || writing(target)) return;
  if (document.querySelector("dialog[open]") || localStorage.getItem(KEYS_OFF)) return;
  const wanted = /^[a-z]$/.test(event.key) && document.querySelector(`[data-key="${event.key}"]`);
  if (!wanted || !wanted.checkVisibility()) return;
  event.preventDefault();
  wanted.matches("button") ? wanted.click() : wanted.focus();
});

/** A page with unsaved text is not left by accident. */
window.addEventListener("beforeunload", (event) => {
  const unsaved = [...document.querySelectorAll("textarea[data-guard]")].some((area) => area.value !== (area.saved ?? area.defaultValue));
  if (unsaved) event.preventDefault();
});
