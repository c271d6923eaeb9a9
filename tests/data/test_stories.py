"""What must hold of the test stories themselves; tests/e2e/test_stories.py plays them."""

import re
from pathlib import Path

import pytest
import yaml

from actions.dialogue.wishes import FORMS
from tests.data.test_training_data import NLU
from tests.stories.reading import Story, stories

CHECKOUT = Path(__file__).parents[2]
STORIES = stories()
DOMAIN = yaml.safe_load((CHECKOUT / "domain.yml").read_text(encoding="utf-8"))
REPLIES = {
    name
    for file in (CHECKOUT / "data" / "variants").glob("*.yml")
    for name in yaml.safe_load(file.read_text(encoding="utf-8"))["replies"]
}
PERSONAS = {
    persona["customer_id"]
    for persona in yaml.safe_load((CHECKOUT / "data/demo/personas.yml").read_text(encoding="utf-8"))[
        "personas"
    ]
}
#: Commands of the conversation server, or of a button alone, and what is no intent of a message.
NO_MESSAGE = {"open_conversation", "resume_from_agent", "undo", "nlu_fallback"}


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold().replace("'", "")))


def test_there_are_more_than_a_hundred_and_no_two_have_one_name() -> None:
    assert len(STORIES) >= 100
    assert len({str(story) for story in STORIES}) == len(STORIES)


def test_every_intent_of_a_message_is_told_of() -> None:
    told = {turn.intent for story in STORIES for turn in story.turns if turn.button is None}
    assert set(DOMAIN["intents"]) - NO_MESSAGE - told == set()


def test_every_form_is_told_of() -> None:
    assert set(FORMS) - {turn.form for story in STORIES for turn in story.turns} == set()


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_story_names_only_what_there_is(story: Story) -> None:
    assert story.turns
    assert story.who.keys() <= {"customer", "order", "account"}
    assert story.who.get("customer", "C000001") in PERSONAS
    for turn in story.turns:
        assert turn.replies, f"{turn.text}: no reply is expected"
        assert set(turn.replies) <= REPLIES
        assert turn.intent is None or turn.intent in DOMAIN["intents"]
        assert turn.form is None or f"{turn.form}_form" in DOMAIN["forms"]
        assert "{order}" not in turn.text or "order" in story.who


def test_messages_of_stories_are_not_those_that_are_learnt() -> None:
    """Bare details aside: a story proves nothing with a sentence that the models have seen."""
    learnt = {_words(example.text) for example in NLU}
    messages = [turn.text for story in STORIES for turn in story.turns if turn.button is None]
    long = [text for text in messages if len(text.split()) >= 4]
    assert [text for text in long if _words(text) in learnt] == []
