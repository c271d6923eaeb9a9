"""What the assistant can tell without asking anybody: frequent questions, first steps for a product, policy."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from actions.catalogue import Catalogue
from actions.variants.compiled import LIQUID

_WORDS = re.compile(r"[a-z0-9']+")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Question(_Strict):
    """A frequent question.

    Attributes:
        when: groups of words; the question is meant when each word of one group begins a word of the message.
            `a|b` stands for either.
        then: the same for a message right after this answer ("how long do they last").
        intents: in which understood intents the words may decide.
        answer: Liquid with the values of `data/decisions/policy.yml` as `policy`.
    """

    when: list[str] = Field(min_length=1)
    then: list[str] = []
    intents: list[str] = ["out_of_scope", "nlu_fallback", "inform"]
    answer: str


class Faq(_Strict):
    version: int
    questions: dict[str, Question]


class Guide(_Strict):
    """First steps for a category of products."""

    name: str
    words: list[str] = Field(min_length=1)
    problems: dict[str, list[str]] = {}
    steps: list[str] = Field(min_length=1)
    by_problem: dict[str, list[str]] = {}


class Troubleshooting(_Strict):
    version: int
    categories: dict[str, Guide]


class Answer(_Strict):
    """A wish that is answered in words alone, by the reply `utter_{intent}`.

    Attributes:
        issue: under which issue it stands in the customer's history.
        by_person: what the customer wants can only be done by a person, who is offered.
    """

    issue: Literal["order", "return", "refund", "billing", "technical", "complaint", "general"]
    by_person: bool = False


class Wishes(_Strict):
    """What is told of intents.

    Attributes:
        titles: intents that a customer may be asked about, with what a button says.
        more_exact: intents whose general answer gives way to a passage of a help page that fits better, and the
            passages that say no more than it does (`slug#anchor`).
    """

    version: int
    titles: dict[str, Annotated[str, StringConstraints(min_length=1, max_length=60)]]
    answers: dict[str, Answer]
    more_exact: dict[str, list[str]]


@dataclass(frozen=True)
class Help:
    """Steps to try, and for what; `for_this_problem` if they are not those for any trouble."""

    about: str
    steps: list[str]
    for_this_problem: bool


class Knowledge:
    """Read once at start from `data/`.

    Raises:
        OSError, ValueError: a file is missing or not of its shape.
    """

    def __init__(self, data: Path) -> None:
        self.policy: dict[str, Any] = _yaml(data / "decisions" / "policy.yml")
        faq = Faq.model_validate(_yaml(data / "knowledge" / "faq.yml"))
        guides = Troubleshooting.model_validate(_yaml(data / "knowledge" / "troubleshooting.yml"))
        wishes = Wishes.model_validate(_yaml(data / "knowledge" / "wishes.yml"))
        self.catalogue = Catalogue.load(data / "catalog" / "products.yml")
        self.titles = wishes.titles
        self.answers = wishes.answers
        self.more_exact = wishes.more_exact
        self._questions = faq.questions
        self._answers = {
            key: LIQUID.from_string(question.answer).render(policy=self.policy).strip()
            for key, question in faq.questions.items()
        }
        self._guides = guides.categories

    def question(self, text: str, intent: str, previous: str | None) -> str | None:
        """The key of the frequent question that the message asks, if any."""
        words = _WORDS.findall(text.lower())
        if previous in self._questions and _meant(self._questions[previous].then, words):
            return previous
        for key, question in self._questions.items():
            if intent in question.intents and _meant(question.when, words):
                return key
        return None

    def asks(self, key: str, text: str) -> bool:
        """Whether the message asks this frequent question, whatever intent was understood."""
        return _meant(self._questions[key].when, _WORDS.findall(text.lower()))

    def answer(self, key: str) -> str:
        return self._answers[key]

    def help_for(self, sku: str | None, text: str) -> Help | None:
        """Steps for a product of the catalogue, or for the kind of thing that the words name."""
        words = _WORDS.findall(text.lower())
        product = self.catalogue.product(sku)
        guide = self._guides.get(product.category) if product else None
        if guide is None:
            guide = next((g for g in self._guides.values() if _meant(g.words, words)), None)
        if guide is None:
            return None
        about = product.name if product else guide.name
        problem = next((key for key, groups in guide.problems.items() if _meant(groups, words)), None)
        steps = guide.by_problem.get(problem or "")
        return Help(about, steps or guide.steps, for_this_problem=steps is not None)

    def refund_days(self, method: str) -> int:
        """Days from approval until the money is there."""
        days: dict[str, int] = self.policy["refunds"]["days"]
        return days.get(method, max(days.values()))


def _meant(groups: list[str], words: list[str]) -> bool:
    """Whether each word of one of the groups begins a word of the message."""
    return any(
        all(
            any(word.startswith(begin) for word in words for begin in either.split("|"))
            for either in group.split()
        )
        for group in groups
    )


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))
