"""Tells the same person's records from those of one household and of strangers: a mixture of three kinds of pairs.

Fellegi and Sunter's model knows two kinds, and takes a father and son of one name for one person: all that
a household shares (surname, address, landline) counts as if each agreement were a coincidence of its own. Here pairs of
a household agree on what it shares as the same person's records do, and on the rest as strangers do; so what
tells a person from their household is what is personal. It needs no more parameters than how many such pairs there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from profiles.linkage.values import Kind

Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int16]

#: What people who live together share.
SHARED: frozenset[Kind] = frozenset(
    {"surname", "street", "city", "postcode", "house_number", "phone", "category"}
)
_ITERATIONS = 30
#: Iterations end when the expected numbers of pairs change by less.
_SETTLED_PAIRS = 1e-3
#: How often a value is quite another in a second record of the same person: people move, marry, change number,
#: and have two addresses for mail, but are born on one day.
_CHANGES: dict[Kind, float] = {
    "given_name": 0.03,
    "date": 0.01,
    "identifier": 0.03,
    "surname": 0.06,
    "city": 0.1,
    "category": 0.1,
    "street": 0.15,
    "postcode": 0.15,
    "house_number": 0.15,
    "phone": 0.2,
    "email": 0.2,
}
_OTHERWISE = 0.15
#: What hardly changes may not be learnt to change more often than so many times as often as that; else the learning could
#: settle on taking families for persons.
_LEARNT_CHANGES = 2.0
_LASTING: frozenset[Kind] = frozenset({"given_name", "date", "identifier"})
#: Values that many people have.
_NAMES: frozenset[Kind] = frozenset({"given_name", "surname", "city", "street", "category", "text"})
#: Of the rest, how often it is spelt quite the same.
_SAME_SPELLING = 0.8
#: What is known beforehand counts as much as so many pairs; a few hundred pairs of the records' own outweigh it.
_KNOWN_PAIRS = 20.0
#: Added to each level's count of strangers, so that what was not seen is rare and not impossible.
_PSEUDO_COUNT = 0.5
_LEAST_SHARE = 1e-12


@dataclass
class Compared:
    """One column's agreement in all compared pairs.

    Args:
        levels: -1 where a value is missing, else from 0 (different) up.
        others: how many records have the value besides the two, where they are the same; else 0.
        records: how many records have a value.
        kind: what the column is.
        strangers: how many of all pairs have each level.
    """

    levels: Levels
    others: Floats
    records: int
    kind: Kind
    strangers: Floats

    @property
    def shared(self) -> bool:
        """Whether a household shares it."""
        return self.kind in SHARED


@dataclass(frozen=True)
class Fitted:
    """For each pair: the probabilities that it is one person's and one household's. For each column: its weights."""

    same: Floats
    household: Floats
    #: log2(m/u) of each pair.
    weights: list[Floats]


def fit(columns: Sequence[Compared], all_pairs: float) -> Fitted:
    """Learn weights and proportions by expectation maximisation.

    Pairs that were not compared agree on nothing and count as strangers'.
    """
    m = [_shares(_known(column)) for column in columns]
    u = [_shares(column.strangers + _PSEUDO_COUNT) for column in columns]
    divided = any(column.shared for column in columns) and not all(column.shared for column in columns)
    same_share = household_share = 1 / max(all_pairs, 2.0)
    if not divided:
        household_share = _LEAST_SHARE
    for _ in range(_ITERATIONS):
        same, household = _posterior(columns, m, u, same_share, household_share)
        before = same_share, household_share
        same_share = _share(same, all_pairs)
        # People who live together are no rarer than duplicates; without that, the learning could take all for duplicates.
        household_share = max(_share(household, all_pairs), same_share) if divided else _LEAST_SHARE
        m = [_learn_m(column, same) for column in columns]
        u = [_learn_u(column, same, household) for column in columns]
        if max(abs(same_share - before[0]), abs(household_share - before[1])) * all_pairs < _SETTLED_PAIRS:
            break
    same, household = _posterior(columns, m, u, same_share, household_share)
    return Fitted(same, household, [_weights(*one) for one in zip(columns, m, u, strict=True)])


def _posterior(
    columns: Sequence[Compared], m: list[Floats], u: list[Floats], same_share: float, household_share: float
) -> tuple[Floats, Floats]:
    count = len(columns[0].levels)
    shared, personal = np.zeros(count), np.zeros(count)
    for column, own, others in zip(columns, m, u, strict=True):
        weight = _weights(column, own, others)
        if column.shared:
            shared += weight
        else:
            personal += weight
    strangers = max(1 - same_share - household_share, _LEAST_SHARE)
    one = np.log2(same_share / strangers) + shared + personal
    home = np.log2(household_share / strangers) + shared
    highest = np.maximum(np.maximum(one, home), 0.0)
    one, home, zero = np.exp2(one - highest), np.exp2(home - highest), np.exp2(-highest)
    total = one + home + zero
    return one / total, home / total


def _weights(column: Compared, m: Floats, u: Floats) -> Floats:
    # A missing value, level -1, takes the last place: no evidence.
    by_level = np.append(np.log2(m / u), 0.0)
    weights = by_level[column.levels]
    same = column.levels == len(m) - 1
    # A rare value that two records share says more than a frequent one. One that only the two have would be some
    # other's too if there were twice as many records; but of dates and numbers there are enough for everybody.
    unseen = 0.5 if column.kind in _NAMES else min(0.5, column.records * float(u[-1]))
    chance = (column.others[same] + unseen) / column.records
    weights[same] = np.log2(m[-1] / np.minimum(chance, 1.0))
    return weights


def _share(probabilities: Floats, all_pairs: float) -> float:
    return float(np.clip(probabilities.sum() / max(all_pairs, 1.0), _LEAST_SHARE, 0.49))


def _shares(counts: Floats) -> Floats:
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def _counted(column: Compared, probabilities: Floats) -> Floats:
    known = column.levels >= 0
    counts = np.bincount(column.levels[known], weights=probabilities[known], minlength=len(column.strangers))
    return counts.astype(np.float64)


def _learn_m(column: Compared, same: Floats) -> Floats:
    m = _shares(_counted(column, same) + _known(column))
    most = _LEARNT_CHANGES * _CHANGES[column.kind] if column.kind in _LASTING else 1.0
    if m[0] > most:
        m = np.append(most, m[1:] * (1 - most) / (1 - m[0]))
    return m


def _known(column: Compared) -> Floats:
    changed = _CHANGES.get(column.kind, _OTHERWISE)
    between = len(column.strangers) - 2
    same = (1 - changed) * (_SAME_SPELLING if between else 1.0)
    shares = np.full(len(column.strangers), (1 - changed - same) / max(between, 1))
    shares[0], shares[-1] = changed, same
    return _KNOWN_PAIRS * shares


def _learn_u(column: Compared, same: Floats, household: Floats) -> Floats:
    """What strangers do: all pairs without those that are not strangers'."""
    others = _counted(column, same + household) if column.shared else _counted(column, same)
    return _shares(np.maximum(column.strangers - others, 0.0) + _PSEUDO_COUNT)
