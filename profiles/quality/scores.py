"""How good the word of each source about each attribute is."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from profiles.quality.rules import Rules, canonical
from profiles.traits.declared import Schema


@dataclass(frozen=True)
class Value:
    """What a source says now about an attribute of a customer. `value` is None when it can't be opened."""

    customer_id: str
    attribute: str
    source: str
    at: datetime
    value: Any


@dataclass(frozen=True)
class Measures:
    """Each from 0 to 1; None where it says nothing. See `data/profiles/quality.yml`."""

    completeness: float | None
    validity: float | None
    uniqueness: float | None
    timeliness: float | None
    consistency: float | None


@dataclass(frozen=True)
class Score:
    """The quality of a source's word about an attribute.

    Attributes:
        values: of how many customers it says something, among those looked at.
        score: 0 to 1.
    """

    source: str
    attribute: str
    values: int
    score: float
    measures: Measures


def score_all(values: Iterable[Value], schema: Schema, rules: Rules, now: datetime) -> list[Score]:
    """A score for each source and attribute that has values, by source, then by attribute.

    Args:
        values: at most one of each customer, attribute and source; of declared attributes.
    """
    known: dict[str, set[str]] = defaultdict(set)
    groups: dict[tuple[str, str], list[Value]] = defaultdict(list)
    normal: dict[tuple[str, str, str], str | None] = {}
    said: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    speakers: Counter[tuple[str, str]] = Counter()
    today = now.date()
    for one in values:
        known[one.source].add(one.customer_id)
        groups[one.source, one.attribute].append(one)
        plain = canonical(schema.by_name[one.attribute], rules.rules.get(one.attribute), one.value, today)
        normal[one.customer_id, one.attribute, one.source] = plain
        speakers[one.customer_id, one.attribute] += 1
        if plain is not None:
            said[one.customer_id, one.attribute][plain] += 1
    scores = []
    for (source, attribute), group in sorted(groups.items()):
        plain_of = {one.customer_id: normal[one.customer_id, attribute, source] for one in group}
        oldest = now - timedelta(days=schema.matrix.half_life(attribute))
        measures = Measures(
            completeness=_share(len(group), len(known[source])),
            validity=_share(sum(plain is not None for plain in plain_of.values()), len(group)),
            uniqueness=_unique(plain_of) if attribute in rules.unique else None,
            timeliness=_share(sum(one.at >= oldest for one in group), len(group)),
            consistency=_agreement(plain_of, attribute, said, speakers),
        )
        scores.append(Score(source, attribute, len(group), weighted(measures, rules), measures))
    return scores


def weighted(measures: Measures, rules: Rules) -> float:
    """The mean of those measures that say something."""
    weights = rules.weights.model_dump()
    pairs = [(weights[name], value) for name, value in asdict(measures).items() if value is not None]
    total = math.fsum(weight for weight, _ in pairs)
    return math.fsum(weight * value for weight, value in pairs) / total if total else 0.0


def of_sources(scores: Iterable[Score]) -> dict[str, float]:
    """The score of each source: the mean over its attributes, each counting as much as it has values."""
    found: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        found[score.source].append(score)
    return {
        source: math.fsum(one.score * one.values for one in group) / sum(one.values for one in group)
        for source, group in sorted(found.items())
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _unique(plain_of: Mapping[str, str | None]) -> float | None:
    counts = Counter(plain for plain in plain_of.values() if plain is not None)
    return _share(
        sum(count == 1 for count in counts.values()), len(counts) + sum(c - 1 for c in counts.values())
    )


def _agreement(
    plain_of: Mapping[str, str | None],
    attribute: str,
    said: Mapping[tuple[str, str], Counter[str]],
    speakers: Mapping[tuple[str, str], int],
) -> float | None:
    """Of the customers about whom others speak too: those where at least one of them says the same."""
    shared = [customer for customer in plain_of if speakers[customer, attribute] > 1]
    agreed = 0
    for customer in shared:
        plain = plain_of[customer]
        agreed += plain is not None and said[customer, attribute][plain] > 1
    return _share(agreed, len(shared))
