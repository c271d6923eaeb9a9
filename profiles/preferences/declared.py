"""What the preference centre asks: `data/profiles/preferences.yml` and the surveys of `data/surveys`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from profiles.protocol import PURPOSES, Purpose, ShortText
from profiles.traits.declared import AttributeName, BadDeclaration, Schema
from profiles.traits.sources import matches
from profiles.traits.values import Misfit, fit

_DATA = Path(__file__).parent.parent.parent / "data"
PREFERENCES_FILE = _DATA / "profiles" / "preferences.yml"
SURVEYS_FOLDER = _DATA / "surveys"

LongText = Annotated[str, Field(min_length=1, max_length=400)]
SurveyId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Kind = Literal["scale", "choice", "text"]


class UnusablePreferences(BadDeclaration):
    """The declarations can't be used."""


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PurposeWords(_Declared):
    """A purpose as customers read it: what it means, and what is lost without it."""

    purpose: Purpose
    title: ShortText
    about: LongText
    without: LongText


class Offered(_Declared):
    """An attribute that customers may state, with the choices (value: words) that they are offered."""

    attribute: AttributeName
    title: ShortText
    about: LongText
    choices: Annotated[dict[str, ShortText], Field(min_length=2)]


class Preferences(_Declared):
    """All that is asked; `version` is noted with each consent that was given to these words."""

    version: ShortText
    consents: tuple[PurposeWords, ...]
    stated: tuple[Offered, ...]
    sources: dict[str, ShortText]

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if sorted(words.purpose for words in self.consents) != sorted(get_args(Purpose)):
            raise ValueError(f"`consents` needs each purpose once: {', '.join(PURPOSES)}")
        return self

    def offered(self, name: str) -> Offered | None:
        return next((one for one in self.stated if one.attribute == name), None)

    def origin(self, source: str) -> str:
        """Where a value of this source comes from, in words."""
        return next((words for pattern, words in self.sources.items() if matches(pattern, source)), source)


class Question(_Declared):
    """One question of a survey (the words are explained in `data/surveys/conversation.yml`)."""

    question_id: SurveyId
    text: LongText
    kind: Kind
    choices: list[ShortText] | dict[str, ShortText] = Field(default_factory=list)
    optional: bool = False
    attribute: AttributeName | None = None
    stretch: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if {"scale": list, "choice": dict, "text": list}[self.kind] is not type(self.choices):
            raise ValueError("the choices of a scale are a list, those of a choice value: words")
        if (self.kind == "text") != (len(self.choices) < 2):
            raise ValueError("a scale or a choice needs `choices`, and a text has none")
        if (self.kind == "scale") != (self.stretch is not None):
            raise ValueError("a scale, and nothing else, has a `stretch`")
        if self.kind == "text" and self.attribute is not None:
            raise ValueError("a text becomes no attribute")
        return self

    def options(self) -> list[tuple[int | str, str]]:
        """What can be answered, with its words."""
        if isinstance(self.choices, dict):
            return list(self.choices.items())
        return list(enumerate(self.choices, start=1))

    def stretched(self, answer: float) -> float:
        """What an answer on the scale stands for.

        Raises:
            ValueError: it is no scale.
        """
        if self.stretch is None:
            raise ValueError("no scale")
        low, high = self.stretch
        return low + (high - low) * (answer - 1) / (len(self.choices) - 1)

    def trait(self, answer: int | str) -> float | str:
        """The answer as a value of the attribute."""
        return self.stretched(answer) if isinstance(answer, int) else answer


class Survey(_Declared):
    """One or two questions, and when they are asked."""

    survey_id: SurveyId
    title: ShortText
    about: LongText
    purpose: Purpose
    after: Literal["conversation", "anything"]
    again_days: Annotated[int, Field(ge=1)] | None = None
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=2)]

    @model_validator(mode="after")
    def _comes_again(self) -> Self:
        if (self.after == "anything") != (self.again_days is not None):
            raise ValueError("`again_days` belongs to surveys `after: anything`")
        return self


def load_preferences(schema: Schema, path: Path = PREFERENCES_FILE) -> Preferences:
    """Read what customers may say of themselves.

    Raises:
        UnusablePreferences: it can't be used, or not with these attributes.
    """
    read = _read(Preferences, path)
    for one in read.stated:
        _check(schema, one.attribute, "stated", one.choices, path)
    return read


def load_surveys(schema: Schema, folder: Path = SURVEYS_FOLDER) -> dict[str, Survey]:
    """Read the surveys, by their ids.

    Raises:
        UnusablePreferences: one can't be used, or not with these attributes.
    """
    surveys: dict[str, Survey] = {}
    for path in sorted(folder.glob("*.yml")):
        survey = _read(Survey, path)
        if survey.survey_id in surveys:
            raise UnusablePreferences(f"{path.name}: there is another survey {survey.survey_id}")
        for question in survey.questions:
            if question.attribute is not None:
                values = [question.trait(answer) for answer, _ in question.options()]
                _check(schema, question.attribute, "survey", values, path)
        surveys[survey.survey_id] = survey
    return surveys


_Read = TypeVar("_Read", bound=_Declared)


def _read(model: type[_Read], path: Path) -> _Read:
    try:
        return model.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise UnusablePreferences(f"{path.name}: {error}") from None


def _check(schema: Schema, name: str, source: str, values: Iterable[object], path: Path) -> None:
    attribute = schema.by_any_name.get(name)
    if attribute is None or not attribute.may_come_from(source):
        raise UnusablePreferences(f"{path.name}: {name} is no attribute of which `{source}` may speak")
    if attribute.sensitivity == "sensitive":
        raise UnusablePreferences(
            f"{path.name}: {name} is sensitive, and is changed with a person's help only"
        )
    for value in values:
        try:
            fit(attribute, [value] if attribute.type == "texts" else value)
        except Misfit as misfit:
            raise UnusablePreferences(f"{path.name}: {value!r} of {name}: {misfit}") from None
