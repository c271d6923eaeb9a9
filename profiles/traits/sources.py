"""The source matrix: whose word about an attribute counts more, and how fast a word grows old.

The score of a value is log2(weight of its source) + its age in half-lives, counted from a fixed day. As all
values of an attribute grow old at one rate, which of two is ahead never changes as time goes by: what counts
follows from the values alone.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Rating = Annotated[float, Field(ge=0, le=1)]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS = 86_400


class Ratings(BaseModel):
    """How good a source is, 0 to 1 each.

    Attributes:
        recency: how soon it tells what has changed.
        accuracy: how often what it says is right.
        volume: how many customers it knows.
        relevance: how much its business is with what it says.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    recency: Rating
    accuracy: Rating
    volume: Rating
    relevance: Rating


class Exceptions(BaseModel):
    """Ratings of a source that differ for one attribute."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recency: Rating | None = None
    accuracy: Rating | None = None
    volume: Rating | None = None
    relevance: Rating | None = None


class About(BaseModel):
    """What is different for one attribute."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    half_life_days: Annotated[float, Field(gt=0)] | None = None
    sources: Mapping[str, Exceptions] = Field(default_factory=dict)


class Matrix(BaseModel):
    """Sources by name or pattern (`partner:*`; `*` is everybody else), rated.

    Attributes:
        importance: what each rating counts in the weight of a source, which is their weighted mean.
        half_life_days: after so long a value counts half as much as a new one of the same source.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[int, Field(ge=1)]
    importance: Ratings
    half_life_days: Annotated[float, Field(gt=0)]
    sources: Mapping[str, Ratings]
    attributes: Mapping[str, About] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if "*" not in self.sources:
            raise ValueError("sources: rate '*', which stands for every source that has no own ratings")
        if sum(self.importance.model_dump().values()) <= 0:
            raise ValueError("importance: at least one rating must count")
        return self

    def weight(self, source: str, attribute: str) -> float:
        """What the word of `source` about `attribute` counts, above 0 up to 1."""
        known = self._weights.get((source, attribute))
        if known is None:
            known = self._weights[source, attribute] = self._weigh(source, attribute)
        return known

    @cached_property
    def _weights(self) -> dict[tuple[str, str], float]:
        """Those that were asked for: sources and attributes are few."""
        return {}

    def _weigh(self, source: str, attribute: str) -> float:
        ratings = self.sources[_best(source, self.sources)].model_dump()
        about = self.attributes.get(attribute, About())
        pattern = _best(source, about.sources)
        if pattern:
            ratings |= about.sources[pattern].model_dump(exclude_none=True)
        importance: dict[str, float] = self.importance.model_dump()
        total: float = sum(importance[name] * rating for name, rating in ratings.items())
        return max(total / sum(importance.values()), 1e-6)

    def half_life(self, attribute: str) -> float:
        """Days after which a value of this attribute counts half."""
        return self.attributes.get(attribute, About()).half_life_days or self.half_life_days

    def score(self, source: str, attribute: str, at: datetime) -> float:
        """The higher, the more this value counts among the values of the same attribute."""
        days = (at - _EPOCH).total_seconds() / _DAY_SECONDS
        return math.log2(self.weight(source, attribute)) + days / self.half_life(attribute)


def matches(pattern: str, source: str) -> bool:
    """Whether a source is meant: by its name, by `kind:*`, or by `*`."""
    return source.startswith(pattern[:-1]) if pattern.endswith("*") else source == pattern


def _best(source: str, patterns: Mapping[str, object]) -> str:
    """The most exact of the patterns that mean this source; empty when none does."""
    found = [pattern for pattern in patterns if matches(pattern, source)]
    return max(found, key=lambda pattern: (not pattern.endswith("*"), len(pattern)), default="")
