/** The preference centre: consents, stated preferences and surveys of whoever opened it from their chat. */

import { Rapport } from "/sdk/rapport.js";
import { make } from "/widget/elements.js";
import { date, statedCard, switchCard } from "/preferences/files/controls.js";
import { Session } from "/preferences/files/session.js";
import { surveyCard } from "/preferences/files/surveys.js";

const KNOWN = "What we may do with what we know, and how you like things. Every change counts at once.";
const UNKNOWN =
  "We don't know who you are here, so there is nothing about you to show. You can decide what this device tells us. " +
  "To see and change everything else, sign in, and open this page from the chat.";

const session = new Session();
const parts = document.querySelector("#parts");

function part(id, title, hint, cards) {
  return make("section", { "aria-labelledby": id }, make("h2", { id }, title), make("p.hint", {}, hint), ...cards);
}

function consentCard(consent) {
  const { purpose, granted, source, since, expires_at: until } = consent;
  const note = since
    ? `${granted ? "Allowed" : "Refused"} since ${date(since)} (${source})${granted && until ? `, until ${date(until)}` : ""}.`
    : `You have not said anything about this: it is ${granted ? "on, for we can't serve you without" : "off"}.`;
  return switchCard({
    ...consent,
    id: `consent-${purpose}`,
    note,
    save: (on) => session.call("PUT", `/consents/${purpose}`, { granted: on }),
  });
}

function devicePart() {
  const rapport = new Rapport();
  const note = { true: "Allowed on this device.", false: "Refused on this device." }[rapport.allowed] ?? "You have not decided yet: nothing is noted.";
  const card = switchCard({
    id: "consent-device",
    title: "Noting what you look at",
    about: "This browser tells us which pages and products you look at and what is in your basket, so that support knows what you mean.",
    without: "Nothing is noted, and what was is forgotten.",
    granted: rapport.allowed === true,
    note,
    save: async (on) => (on ? rapport.allow() : rapport.refuse()),
  });
  return part("device", "This device", "Kept in this browser only, whoever uses it.", [card]);
}

function customerParts({ consents, stated, surveys }) {
  const cards = (after) =>
    surveys
      .filter((one) => one.after === after)
      .map((one) => surveyCard(one, (answers) => session.call("POST", `/surveys/${one.survey_id}`, { answers })));
  const [fresh, other] = [cards("conversation"), cards("anything")];
  const wishes = stated.map((one) => statedCard(one, (value) => session.call("PUT", `/stated/${one.name}`, { value })));
  return [
    ...(fresh.length ? [part("fresh", "About your conversation", "Only if you like.", fresh)] : []),
    part("may", "What we may do", "Switch off what you don't want.", consents.map(consentCard)),
    part("like", "How you like things", "What you say here counts more than anything that we heard elsewhere.", wishes),
    ...(other.length ? [part("other", "A quick survey", "Only if you like.", other)] : []),
  ];
}

function trouble(text) {
  const line = document.querySelector("#trouble");
  line.hidden = false;
  line.textContent = text;
}

async function load() {
  if (!session.known) return null;
  try {
    return (await session.call("GET", "")).customer;
  } catch (error) {
    trouble(error.message);
    return null;
  }
}

const customer = await load();
document.querySelector("#lead").textContent = customer ? KNOWN : UNKNOWN;
parts.replaceChildren(...(customer ? customerParts(customer) : []), devicePart());
