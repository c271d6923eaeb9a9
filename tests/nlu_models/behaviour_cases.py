"""Behaviour tests in the manner of CheckList (Ribeiro et al., ACL 2020): what a case says, and whether it holds.

A file of `behaviour/` is one capability with a floor, the least share of its cases that must hold, and
cases of three kinds:

- minimum functionality: `mft` is a message, beside it what must be understood of it;
- invariance: `inv` is a message, `variants` are others of the same intent;
- direction: from `before` to `after` the probability of the sentiment `score` must move (`up`, `down`), or
  must not (`not_up`, `not_down`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Protocol

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

#: A probability has not moved that moved less than this.
TOLERANCE = 0.05

Sentiment = Literal["angry", "negative", "neutral", "positive"]
Text = Annotated[str, Field(min_length=1)]


class Understood(Protocol):
    """What a model says of a message."""

    @property
    def intent(self) -> str: ...
    @property
    def in_scope(self) -> bool: ...
    @property
    def wishes(self) -> Sequence[str]: ...
    @property
    def sentiment(self) -> str: ...
    @property
    def sentiment_scores(self) -> Mapping[str, float]: ...


Understand = Callable[[str], Understood]


class Case(BaseModel):
    """What all kinds of cases share: no unknown member is let through."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class MinimumFunctionality(Case):
    """A message, and what must be understood of it; what is not given does not matter."""

    mft: Text
    intent: str | None = None
    not_intent: str | None = None
    sentiment: Sentiment | None = None
    in_scope: bool | None = None
    wishes: list[str] | None = None

    @model_validator(mode="after")
    def _expects_something(self) -> "MinimumFunctionality":
        if self.model_fields_set == {"mft"}:
            raise ValueError("a minimum functionality case that expects nothing")
        return self

    def faults(self, understand: Understand) -> list[str]:
        """What was found instead of what is expected; empty when the case holds."""
        found = understand(self.mft)
        faults = []
        if self.intent is not None and found.intent != self.intent:
            faults.append(f"intent {found.intent}, not {self.intent}")
        if self.not_intent is not None and found.intent == self.not_intent:
            faults.append(f"intent {found.intent}")
        if self.sentiment is not None and found.sentiment != self.sentiment:
            faults.append(f"sentiment {found.sentiment}, not {self.sentiment}")
        if self.in_scope is not None and found.in_scope != self.in_scope:
            faults.append(f"{'in' if found.in_scope else 'out of'} scope ({found.intent})")
        if self.wishes is not None and list(found.wishes) != self.wishes:
            faults.append(f"wishes {list(found.wishes)}, not {self.wishes}")
        return [f"{self.mft!r}: {fault}" for fault in faults]


class Invariance(Case):
    """A message, and others that mean the same."""

    inv: Text
    variants: Annotated[list[Text], Field(min_length=1)]

    def faults(self, understand: Understand) -> list[str]:
        """The variants that have another intent than the message."""
        intent = understand(self.inv).intent
        others = [(text, understand(text).intent) for text in self.variants]
        return [f"{text!r}: {other}, but {self.inv!r}: {intent}" for text, other in others if other != intent]


class Direction(Case):
    """Two messages, and how a sentiment's probability must move from one to the other."""

    before: Text
    after: Text
    score: Sentiment
    direction: Literal["up", "down", "not_up", "not_down"]

    def faults(self, understand: Understand) -> list[str]:
        """How the probability moved when it should not have moved so."""
        first = understand(self.before).sentiment_scores[self.score]
        then = understand(self.after).sentiment_scores[self.score]
        holds = {
            "up": then > first,
            "down": then < first,
            "not_up": then <= first + TOLERANCE,
            "not_down": then >= first - TOLERANCE,
        }[self.direction]
        moved = f"{self.score} {first:.2f} -> {then:.2f}, not {self.direction}"
        return [] if holds else [f"{self.before!r} -> {self.after!r}: {moved}"]


class Capability(Case):
    """One file: what a model must be able to do."""

    capability: Text
    floor: Annotated[float, Field(ge=0, le=1)]
    tests: Annotated[list[MinimumFunctionality | Invariance | Direction], Field(min_length=1)]


@dataclass(frozen=True)
class Outcome:
    """How a model did on one capability. `faults` has one line or more for each case that failed."""

    capability: str
    floor: float
    cases: int
    passed: int
    faults: list[str]

    @property
    def rate(self) -> float:
        """The share of cases that hold."""
        return self.passed / self.cases

    @property
    def holds(self) -> bool:
        """Whether the floor is reached."""
        return self.rate >= self.floor


def read_capabilities(folder: Path) -> list[Capability]:
    """Read every `*.yml` of a folder, by name.

    Raises:
        pydantic.ValidationError: a file is not of the form above.
    """
    return [
        Capability.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        for file in sorted(folder.glob("*.yml"))
    ]


def run(capability: Capability, understand: Understand) -> Outcome:
    """Try every case of a capability."""
    results = [case.faults(understand) for case in capability.tests]
    return Outcome(
        capability=capability.capability,
        floor=capability.floor,
        cases=len(results),
        passed=sum(not faults for faults in results),
        faults=[fault for faults in results for fault in faults],
    )


def table(outcomes: Sequence[Outcome]) -> str:
    """Pass rates by capability, and under each what failed."""
    lines = [f"{'capability':<34} {'passed':>9} {'rate':>6} {'floor':>6}"]
    for outcome in outcomes:
        passed = f"{outcome.passed}/{outcome.cases}"
        mark = "" if outcome.holds else "  UNDER ITS FLOOR"
        lines.append(f"{outcome.capability:<34} {passed:>9} {outcome.rate:>6.2f} {outcome.floor:>6.2f}{mark}")
        lines += [f"    {fault}" for fault in outcome.faults]
    return "\n".join(lines)
