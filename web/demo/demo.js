/** The demo page: choose a persona, then chat. The choice is in the address, so a reload keeps it. */

import "/widget/rapport-widget.js";
import { Rapport } from "/sdk/rapport.js";
import { askForConsent } from "/demo/consent.js";
import { element } from "/demo/elements.js";
import { openShop } from "/demo/shop.js";

const ANONYMOUS = { customer_id: "", name: "Just visiting", special: "Nobody knows you: no account, no history." };
const IDEAS = [
  "Where is my order?",
  "I'd like to cancel my order",
  "I was charged twice!",
  "My kettle broke AGAIN and nobody helps me, this is ridiculous",
  "Can I send something back?",
  "I want to talk to a real person",
];

const chat = document.querySelector("rapport-chat");
const list = document.querySelector("#personas");
const rapport = new Rapport();
const narrow = matchMedia("(max-width: 560px)");

const chosen = () => new URLSearchParams(location.hash.slice(1)).get("as");

function initials(name) {
  return name.split(/\s+/).map((word) => word[0]).slice(0, 2).join("").toUpperCase();
}

function personaCard(persona, place) {
  const button = element("button", "persona");
  button.type = "button";
  button.dataset.customer = persona.customer_id;
  const avatar = element("span", `avatar tone-${place % 9}`, persona.customer_id ? initials(persona.name) : "?");
  avatar.setAttribute("aria-hidden", "true");
  const about = element("span", "about");
  about.append(element("strong", "", persona.name), element("span", "special", persona.special));
  button.append(avatar, about);
  button.addEventListener("click", () => become(persona.customer_id));
  const item = document.createElement("li");
  item.append(button);
  return item;
}

function become(customerId) {
  history.replaceState(null, "", `#as=${encodeURIComponent(customerId)}`);
  apply(customerId);
  chat.show();
}

function apply(customerId) {
  if (customerId) chat.setAttribute("customer-id", customerId);
  else chat.removeAttribute("customer-id");
  for (const button of list.querySelectorAll(".persona")) {
    button.setAttribute("aria-pressed", String(button.dataset.customer === customerId));
  }
}

async function showPersonas() {
  const response = await fetch("/api/demo/personas");
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  list.replaceChildren(...[...answer.personas, ANONYMOUS].map(personaCard));
}

function showIdeas() {
  const ideas = IDEAS.map((text) => {
    const button = element("button", "idea", text);
    button.type = "button";
    button.addEventListener("click", () => {
      if (chosen() === null) become("");
      chat.compose(text);
    });
    const item = document.createElement("li");
    item.append(button);
    return item;
  });
  document.querySelector("#ideas").replaceChildren(...ideas);
}

function makeRoom() {
  document.body.classList.toggle("chatting", chat.isOpen);
  document.querySelector("main").inert = chat.isOpen && narrow.matches;
}

chat.addEventListener("rapport-session", ({ detail }) => {
  if (detail.customerId) rapport.signedIn(detail.token, detail.customerId);
  else rapport.signedOut();
});
chat.addEventListener("rapport-open", makeRoom);
chat.addEventListener("rapport-close", makeRoom);
narrow.addEventListener("change", makeRoom);
addEventListener("hashchange", () => apply(chosen() ?? ""));

showIdeas();
makeRoom();
askForConsent(rapport);
rapport.page();
try {
  await Promise.all([showPersonas(), openShop(rapport)]);
} catch (error) {
  const trouble = document.querySelector("#trouble");
  trouble.hidden = false;
  trouble.textContent = `Not everything can be shown: ${error.message}`;
}
list.removeAttribute("aria-busy");
if (chosen() !== null) apply(chosen());
