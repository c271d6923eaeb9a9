/** "Why this reply?": the record of a turn, as a readable panel. */

import { icon, make, words } from "./elements.js";

const PARTS = { wait: "waiting", customer: "customer", bot: "assistant", understand: "understanding", encoder: "encoder", entities: "details", load: "memory read", save: "memory written", profile: "profile", shop: "shop", choose: "wording", total: "in all" };

/** A modal dialog around the document of `GET …/why`; it removes itself when closed. */
export function whyDialog(document) {
  const dialog = make("dialog.why", { "aria-labelledby": "why-title" });
  const close = make("button.quiet", { type: "button", "aria-label": "Close the explanation", onclick: () => dialog.close() }, icon("close"));
  dialog.append(
    make("div.why-head", {}, make("h3", { id: "why-title" }, "Why this reply?"), close),
    make("div.why-body", { tabindex: "0", role: "region", "aria-label": "Explanation" }, make("p.plain", {}, document.plain), ...sections(document)),
  );
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  return dialog;
}

function sections(turn) {
  return [
    section("Understood", understood(turn)),
    section("Read about the customer", attributes(turn)),
    section("Conditions checked", conditions(turn.conditions)),
    section("Path", list(turn.path)),
    section("Wording", list((turn.replies || []).filter((item) => item.reply).map((item) => `${item.reply}: ${words(item.variant || "default")}`))),
    section("Time", times(turn.milliseconds)),
    section("Models", pairs(Object.entries(turn.models || {}))),
  ].filter(Boolean);
}

function section(title, content) {
  return content && make("section.why-part", {}, make("h4", {}, title), content);
}

function understood(turn) {
  const rows = [];
  if (turn.intent) rows.push(["intent", meter(words(turn.intent), turn.confidence)]);
  if (turn.sentiment?.label) rows.push(["mood", meter(turn.sentiment.label, turn.sentiment.confidence)]);
  for (const entity of turn.entities || []) rows.push([words(entity.entity), String(entity.value)]);
  return pairs(rows);
}

function meter(name, share) {
  if (typeof share !== "number") return name;
  const bar = make("span.bar", { "aria-hidden": "true" });
  bar.style.setProperty("--share", `${Math.round(share * 100)}%`);
  return make("span.meter", {}, `${name} · ${Math.round(share * 100)} %`, bar);
}

function attributes(turn) {
  const rows = (turn.attributes_read || []).map((item) => [
    words(String(item.name).replace(/^customer\./, "")),
    make("span", {}, String(item.value ?? "not known"), make("em.purpose", {}, `consent: ${item.purpose}`)),
  ]);
  return pairs(rows) || make("p", {}, "Nothing personal was read to choose this answer.");
}

function conditions(checked) {
  if (!checked?.length) return null;
  return make("ul.checks", {}, ...checked.map((item) =>
    make(item.holds ? "li.holds" : "li", {}, make("span.verdict", {}, item.holds ? "holds" : "does not hold"), make("code", {}, String(item.condition)))));
}

function times(parts) {
  const rows = Object.entries(parts || {}).filter(([, value]) => typeof value === "number");
  return pairs(rows.map(([name, value]) => [PARTS[name] || words(name), `${value.toFixed(1)} ms`]));
}

function list(texts) {
  return texts?.length ? make("ul.lines", {}, ...texts.map((text) => make("li", {}, String(text)))) : null;
}

function pairs(rows) {
  if (!rows.length) return null;
  return make("dl.pairs", {}, ...rows.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}
