"""Answers to a survey as events: one `Survey Answered` a question, and what they tell of the customer."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from profiles.events.envelope import Event
from profiles.preferences.declared import Question, Survey

Answer = int | str

SOURCE = "survey"
LONGEST_ANSWER = 2000


class BadAnswer(ValueError):
    """An answer that the survey does not offer; says what is wrong with which question."""


def events_of(
    survey: Survey,
    answers: Mapping[str, Answer],
    customer_id: str,
    conversation_id: str | None,
    now: datetime,
) -> list[Event]:
    """The events that these answers are. The same survey of the same conversation (or day) gives the same ids.

    Raises:
        BadAnswer
    """
    unknown = set(answers) - {question.question_id for question in survey.questions}
    if unknown:
        raise BadAnswer(f"This survey has no question {sorted(unknown)[0]}.")
    given = [
        (question, _answer(question, answers.get(question.question_id))) for question in survey.questions
    ]
    occasion = conversation_id if survey.after == "conversation" else now.date().isoformat()
    name = hashlib.sha256(f"{customer_id} {survey.survey_id} {occasion}".encode()).hexdigest()[:32]

    def event(suffix: str, **content: Any) -> Event:
        return Event(
            message_id=f"survey-{name}-{suffix}",
            user_id=customer_id,
            timestamp=now,
            received_at=now,
            source=SOURCE,
            **content,
        )

    events = [
        event(
            question.question_id,
            type="track",
            event="Survey Answered",
            properties={
                "survey_id": survey.survey_id,
                "question_id": question.question_id,
                **({"conversation_id": conversation_id} if survey.after == "conversation" else {}),
                **_properties(question, answer),
            },
        )
        for question, answer in given
        if answer is not None
    ]
    traits = {
        question.attribute: question.trait(answer)
        for question, answer in given
        if question.attribute is not None and answer is not None
    }
    return [*events, event("traits", type="identify", traits=traits)] if traits else events


def _answer(question: Question, answer: Answer | None) -> Answer | None:
    if isinstance(answer, str) and question.kind == "text":
        answer = answer.replace("\0", "").strip() or None
    if answer is None:
        if question.optional:
            return None
        raise BadAnswer(f"An answer to {question.question_id} is missing.")
    if question.kind == "text":
        if not isinstance(answer, str) or len(answer) > LONGEST_ANSWER:
            raise BadAnswer(
                f"The answer to {question.question_id} is a text of up to {LONGEST_ANSWER:,} characters."
            )
    elif answer not in [value for value, _ in question.options()]:
        raise BadAnswer(f"This is no answer to {question.question_id} that can be chosen.")
    return answer


def _properties(question: Question, answer: Answer) -> dict[str, Any]:
    if question.kind == "text":
        return {"comment": answer}
    if isinstance(answer, int):
        return {"answer": answer, "rating": question.stretched(answer)}
    return {"answer": answer}
