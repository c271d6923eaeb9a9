"""Fills in what nobody said: by the middle of what is known, the commonest, or customers who are alike. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, quantiles
from typing import Annotated, Any, Literal, Self

import numpy as np
import numpy.typing as npt
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

IMPUTATION_FILE = Path(__file__).parents[2] / "data" / "profiles" / "imputation.yml"

Method = Literal["mean", "median", "mode", "neighbours"]
#: A number agrees with another when they differ by less than this part of the usual range.
CLOSE = 0.25


class UnusableImputation(ValueError):
    """The file can't be used; says where and why."""


class How(BaseModel):
    """How an attribute is filled in; `by`: the numbers in which neighbours are alike."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Method
    by: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if (self.method == "neighbours") != bool(self.by):
            raise ValueError("neighbours, and only they, need `by`")
        return self


class Plan(BaseModel):
    """What is filled in, and when it is sure enough; see the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    least_known: Annotated[int, Field(ge=1)]
    least_agreement: Annotated[float, Field(ge=0, le=1)]
    neighbours: Annotated[int, Field(ge=1)]
    attributes: Mapping[str, How]


@dataclass(frozen=True)
class Filled:
    """A value that nobody said.

    Attributes:
        known: how many known values it was made of.
        agreement: the share of them that agree with it.
    """

    value: Any
    known: int
    agreement: float


@dataclass(frozen=True)
class Known:
    """A customer of whom the attribute is known, and the numbers in which others may be alike."""

    value: Any
    numbers: Mapping[str, float]


def read_plan(file: Path = IMPUTATION_FILE) -> Plan:
    """The plan of the file.

    Raises:
        UnusableImputation
    """
    try:
        return Plan.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise UnusableImputation(f"{file.name}: {error}") from None


class Imputer:
    """Fills in one attribute.

    Args:
        known: customers of whom it is known; texts, or numbers.
    """

    def __init__(self, how: How, plan: Plan, known: Sequence[Known]) -> None:
        self._how, self._plan, self._known = how, plan, known
        self._whole = [one.value for one in known]
        self._range = _range(self._whole)
        self._neighbours = _Neighbours(how.by, known, plan.neighbours) if how.by and known else None

    def fill(self, missing: Sequence[Mapping[str, float]]) -> list[Filled | None]:
        """A value for each of these customers, by their numbers; None where there is none that is sure enough."""
        if len(self._known) < self._plan.least_known:
            return [None] * len(missing)
        if self._neighbours is None:
            return [self._sure(_middle(self._whole, self._how.method))] * len(missing)
        groups = self._neighbours.of(missing)
        return [self._sure(_middle([self._whole[place] for place in group])) for group in groups]

    def _sure(self, found: tuple[Any, Sequence[Any]]) -> Filled | None:
        value, made_of = found
        agreement = sum(self._agrees(value, other) for other in made_of) / len(made_of)
        if agreement < self._plan.least_agreement:
            return None
        return Filled(value, len(made_of), round(agreement, 3))

    def _agrees(self, value: Any, other: Any) -> bool:
        if self._range is None:
            return bool(value == other)
        return bool(abs(value - other) <= CLOSE * self._range)


class _Neighbours:
    """The customers who are nearest in some numbers, each in standard deviations; a missing one is its median."""

    def __init__(self, by: Sequence[str], known: Sequence[Known], count: int) -> None:
        self._by = by
        numbers = _matrix(by, [one.numbers for one in known])
        self._medians = np.array([_median(column) for column in numbers.T])
        filled = np.where(np.isnan(numbers), self._medians, numbers)
        self._means, spread = filled.mean(axis=0), filled.std(axis=0)
        self._spread = np.where(spread > 0, spread, 1.0)
        self._count = min(count, len(known))
        self._places = self._scaled(numbers)

    def of(self, missing: Sequence[Mapping[str, float]]) -> list[list[int]]:
        if not missing:
            return []
        asked = self._scaled(_matrix(self._by, missing))
        # The squared distance without the part that is the same for all neighbours of a customer.
        distances = (self._places**2).sum(axis=1) - 2 * asked @ self._places.T
        nearest = np.argsort(distances, axis=1, kind="stable")[:, : self._count]
        return [[int(place) for place in row] for row in nearest]

    def _scaled(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        filled = np.where(np.isnan(numbers), self._medians, numbers)
        scaled: npt.NDArray[np.float64] = (filled - self._means) / self._spread
        return scaled


def _matrix(by: Sequence[str], rows: Sequence[Mapping[str, float]]) -> npt.NDArray[np.float64]:
    return np.array([[row.get(name, np.nan) for name in by] for row in rows], dtype=np.float64)


def _median(column: npt.NDArray[np.float64]) -> float:
    present = column[~np.isnan(column)]
    return float(np.median(present)) if present.size else 0.0


def _middle(values: Sequence[Any], method: Method | None = None) -> tuple[Any, Sequence[Any]]:
    """The value in the middle, and what it was made of. Whole numbers stay whole."""
    if not _are_numbers(values) or method == "mode":
        counts = Counter(values)
        most = max(counts.values())
        return min((value for value, count in counts.items() if count == most), key=repr), values
    centre = fmean(values) if method == "mean" else median(values)
    return (round(centre) if all(isinstance(value, int) for value in values) else centre), values


def _are_numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _range(values: Sequence[Any]) -> float | None:
    """From the 5th to the 95th hundredth of numbers; None for texts."""
    if len(values) < 2 or not _are_numbers(values):
        return None
    cuts = quantiles(map(float, values), n=20, method="inclusive")
    return cuts[-1] - cuts[0]
