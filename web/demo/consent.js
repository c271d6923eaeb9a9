/** The question whether visits may be noted: in the flow of the page, so that it covers nothing. */

const banner = document.querySelector("#consent");
const said = document.querySelector("#consent-said");
const again = document.querySelector("#privacy");
/** Where one goes on reading once it is answered. */
let back = document.querySelector("h1");

const ANSWERS = {
  yes: "Thank you. What you look at is noted.",
  no: "Nothing is noted, and what was is forgotten.",
};

/** Ask who has not decided yet, and whoever wants to decide anew. */
export function askForConsent(rapport) {
  const show = () => {
    for (const choice of banner.querySelectorAll("button")) {
      const chosen = { yes: true, no: false }[choice.dataset.allow] === rapport.allowed;
      choice.setAttribute("aria-pressed", String(chosen));
    }
    banner.hidden = false;
  };
  for (const choice of banner.querySelectorAll("button")) {
    choice.addEventListener("click", () => {
      if (choice.dataset.allow === "yes") rapport.allow();
      else rapport.refuse();
      banner.hidden = true;
      said.textContent = ANSWERS[choice.dataset.allow];
      back.focus();
    });
  }
  again.addEventListener("click", () => {
    said.textContent = "";
    back = again;
    show();
    banner.querySelector("#consent-title").focus();
  });
  if (rapport.allowed === null) show();
}
