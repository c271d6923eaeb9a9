/** Short surveys: one or two questions, sent together. */

import { make } from "/widget/elements.js";
import { choices } from "/preferences/files/controls.js";
import { announce } from "/preferences/files/saving.js";

/** `send(answers)` resolves once the server has them. */
export function surveyCard(survey, send) {
  const asked = survey.questions.map((question) => questionOf(survey, question));
  const note = make("p.origin", { hidden: true });
  const button = make("button.send", { type: "submit" }, asked.length > 1 ? "Send answers" : "Send answer");
  const heading = make("h3", { tabindex: "-1", class: "question-text" }, survey.title);
  const form = make("form.card", { novalidate: true }, heading, make("p.origin", {}, survey.about), ...asked.map(({ node }) => node), button, note);
  const tell = (text) => {
    note.hidden = false;
    note.textContent = text;
    announce(text);
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const missing = asked.find(({ question, read }) => !question.optional && read() === null);
    if (missing) {
      tell(`Please answer: ${missing.question.text}`);
      missing.control().focus();
      return;
    }
    const answers = asked.map(({ question, read }) => [question.question_id, read()]).filter(([, answer]) => answer !== null);
    button.disabled = true;
    try {
      await send(Object.fromEntries(answers));
      form.replaceChildren(heading, make("p", {}, "Thank you. Your answer is saved."));
      announce("Thank you. Your answer is saved.");
      heading.focus();
    } catch (error) {
      tell(`Not sent. ${error.message}`);
      button.disabled = false;
    }
  });
  return form;
}

function questionOf(survey, question) {
  const optional = question.optional ? make("span.optional", {}, " (if you like)") : null;
  if (question.kind === "text") {
    const input = make("textarea", { maxlength: "2000" });
    const node = make("label.question.question-text", {}, question.text, optional, input);
    return { question, node, read: () => input.value.trim() || null, control: () => input };
  }
  const group = choices({
    name: `${survey.survey_id}-${question.question_id}`,
    options: question.choices,
    many: false,
    value: null,
    changed: () => {},
  });
  const node = make("fieldset.question", {}, make("legend", {}, question.text, optional), group.node);
  return { question, node, read: group.read, control: group.control };
}
