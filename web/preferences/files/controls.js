/** The controls of the page: switches of consents, and choices. */

import { make } from "/widget/elements.js";
import { Saving } from "/preferences/files/saving.js";

const dated = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });

export const date = (moment) => dated.format(new Date(moment));

/** A switch with what it means; `note(on)` is the line about since when and from where. */
export function switchCard({ id, title, about, without, granted, note, save }) {
  const input = make("input", { type: "checkbox", role: "switch", id, checked: granted, "aria-describedby": `${id}-about` });
  const state = make("span.state", { "aria-hidden": "true" });
  const origin = make("p.origin", {}, note);
  const show = (on) => {
    input.checked = on;
    state.textContent = on ? "On" : "Off";
  };
  show(granted);
  const saving = new Saving(granted, {
    title,
    show,
    control: () => input,
    words: (on) => `${title} is ${on ? "on" : "off"}.`,
    save: async (on) => {
      await save(on);
      origin.textContent = `${on ? "Allowed" : "Refused"} by you here, ${date(Date.now())}.`;
    },
  });
  input.addEventListener("change", () => {
    show(input.checked);
    saving.change(input.checked);
  });
  return make(
    "div.card.consent", {},
    make("label", { for: id }, title),
    make("div.switch", {}, state, input),
    make("p", { id: `${id}-about` }, `${about} Without it: ${without[0].toLowerCase()}${without.slice(1)}`),
    origin,
    saving.note,
  );
}

/** Radio buttons, or checkboxes where there may be many. The value is null, a choice, or a list of choices. */
export function choices({ name, options, many, value, changed }) {
  const inputs = options.map((option) => {
    const input = make("input", { type: many ? "checkbox" : "radio", name, value: String(option.value) });
    input.addEventListener("change", () => changed(read()));
    return [option, input];
  });
  const read = () => {
    const chosen = inputs.filter(([, input]) => input.checked).map(([option]) => option.value);
    if (many) return chosen.length ? chosen : null;
    return chosen[0] ?? null;
  };
  const show = (now) => {
    for (const [option, input] of inputs) input.checked = many ? (now ?? []).includes(option.value) : option.value === now;
  };
  show(value);
  const labels = inputs.map(([option, input]) => make("label.choice", {}, input, make("span", {}, option.title)));
  const control = () => (inputs.find(([, input]) => input.checked) ?? inputs[0])[1];
  return { node: make("div.choices", {}, ...labels), read, show, control };
}

const NONE = { value: null, title: "No preference" };

/** One stated attribute; what others said of it is told, and counts as long as the customer has no word. */
export function statedCard({ name, title, about, many, choices: offered, value, source, since, stated }, save) {
  const titles = new Map(offered.map((option) => [option.value, option.title]));
  const worded = (chosen) => [chosen ?? []].flat().map((one) => titles.get(one) ?? one).join(", ");
  const theirs = value !== null && stated === null;
  const origin = make("p.origin", {}, originOf());
  const group = choices({
    name: `stated-${name}`,
    options: many ? offered : [...offered, NONE],
    many,
    value: stated,
    changed: (chosen) => saving.change(chosen),
  });
  const saving = new Saving(stated, {
    title,
    show: group.show,
    control: group.control,
    words: (chosen) => `${title} ${chosen === null ? "No preference" : worded(chosen)}.`,
    save: async (chosen) => {
      await save(chosen);
      origin.textContent = chosen === null ? "You have no preference here." : `You told us here, ${date(Date.now())}.`;
    },
  });
  function originOf() {
    if (theirs) return `Until you choose we go by “${worded(value)}” (${source}, ${date(since)}).`;
    if (value === null) return "Nothing is known yet.";
    return `${source[0].toUpperCase()}${source.slice(1)}, ${date(since)}.`;
  }
  return make("fieldset.card", {}, make("legend", {}, title), make("p", {}, about), group.node, origin, saving.note);
}
