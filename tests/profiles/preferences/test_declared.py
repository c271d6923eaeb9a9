"""What the preference centre asks is checked before anybody sees it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from profiles.preferences.declared import (
    PREFERENCES_FILE,
    SURVEYS_FOLDER,
    UnusablePreferences,
    load_preferences,
    load_surveys,
)
from profiles.quality.normalise.attributes import normal_value
from profiles.traits.versions import of_files

SCHEMA = of_files()


def test_choices_are_kept_as_they_are_offered() -> None:
    for offered in load_preferences(SCHEMA).stated:
        attribute = SCHEMA.by_name[offered.attribute]
        assert {choice: normal_value(attribute, choice) for choice in offered.choices} == {
            choice: choice for choice in offered.choices
        }


def test_a_source_has_a_name_in_words() -> None:
    preferences = load_preferences(SCHEMA)
    assert preferences.origin("partner:homeview") == "a partner of ours"
    assert preferences.origin("carrier pigeon") == "carrier pigeon"


def test_the_ends_of_a_scale_are_those_of_the_attribute() -> None:
    question = load_surveys(SCHEMA)["conversation"].questions[0]
    assert [question.stretched(answer) for answer in (1, 3, 5)] == [0, 5, 10]


def changed_file(tmp_path: Path, original: Path, **changes: Any) -> Path:
    content = yaml.safe_load(original.read_text(encoding="utf-8"))
    file = tmp_path / original.name
    file.write_text(yaml.safe_dump({**content, **changes}), encoding="utf-8")
    return file


def offering(attribute: str, *choices: str) -> dict[str, Any]:
    words = {choice: choice for choice in choices}
    return {"attribute": attribute, "title": "A title", "about": "About it", "choices": words}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"consents": []}, "each purpose once"),
        ({"stated": [offering("no_such_thing", "a", "b")]}, "no attribute"),
        ({"stated": [offering("tier", "gold", "silver")]}, "no attribute of which `stated`"),
        ({"stated": [offering("contact_hours", "morning", "midnight")]}, "midnight"),
        ({"stated": [offering("accessibility_needs", "large print", "sign language")]}, "sensitive"),
        ({"stated": [offering("language", "en")]}, "choices"),
    ],
)
def test_preferences_that_can_not_be_kept_are_refused(
    tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    file = changed_file(tmp_path, PREFERENCES_FILE, **changes)
    with pytest.raises(UnusablePreferences, match=why):
        load_preferences(SCHEMA, file)


SCALE = {
    "question_id": "satisfaction",
    "text": "How was it?",
    "kind": "scale",
    "choices": ["Bad", "Good"],
    "attribute": "satisfaction",
    "stretch": [0, 10],
}


@pytest.mark.parametrize(
    "question",
    [
        {**SCALE, "attribute": "tier"},
        {**SCALE, "stretch": None},
        {**SCALE, "choices": ["Good"]},
        {**SCALE, "choices": {"bad": "Bad", "good": "Good"}},
        {**SCALE, "kind": "text"},
        {**SCALE, "kind": "choice", "choices": {"igloo": "Igloo", "flat": "Flat"}, "attribute": "home_type"},
    ],
)
def test_a_question_whose_answers_can_not_be_kept_is_refused(
    tmp_path: Path, question: dict[str, Any]
) -> None:
    changed_file(tmp_path, SURVEYS_FOLDER / "conversation.yml", questions=[question])
    with pytest.raises(UnusablePreferences):
        load_surveys(SCHEMA, tmp_path)


@pytest.mark.parametrize("count", [0, 3])
def test_a_survey_has_one_or_two_questions(tmp_path: Path, count: int) -> None:
    questions = [{**SCALE, "question_id": f"q{number}"} for number in range(count)]
    changed_file(tmp_path, SURVEYS_FOLDER / "conversation.yml", questions=questions)
    with pytest.raises(UnusablePreferences):
        load_surveys(SCHEMA, tmp_path)
