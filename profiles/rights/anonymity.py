"""k-anonymity: rows are coarsened until none can be told from k-1 others by what is identifying.

After P. Samarati and L. Sweeney (1998), by local recoding: each row is coarsened only as far as it has to be.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

#: What stands where a value would tell too much.
ANY = "any"

Row = Mapping[str, str]
Step = Mapping[str, str | int]


@dataclass(frozen=True)
class Coarsened:
    """What may be shown.

    Attributes:
        rows: by their place in what was given, the coarsened values; suppressed ones are missing.
        by_step: how many rows each step let through.
    """

    rows: Mapping[int, dict[str, str]]
    by_step: tuple[int, ...]

    @property
    def smallest(self) -> int:
        """How many rows the smallest class has, 0 when there is none."""
        return smallest_class(list(self.rows.values()))


def coarsen(rows: Sequence[Row], steps: Sequence[Step], k: int) -> Coarsened:
    """Let each row through at the first step at which at least `k` of those that are left look the same."""
    left = list(range(len(rows)))
    shown: dict[int, dict[str, str]] = {}
    by_step = []
    for step in steps:
        classes: dict[Hashable, list[int]] = defaultdict(list)
        coarse = {
            place: {name: _coarse(rows[place][name], how) for name, how in step.items()} for place in left
        }
        for place in left:
            classes[tuple(coarse[place].values())].append(place)
        large = {place for places in classes.values() if len(places) >= k for place in places}
        shown |= {place: coarse[place] for place in large}
        by_step.append(len(large))
        left = [place for place in left if place not in large]
    return Coarsened(dict(sorted(shown.items())), tuple(by_step))


def smallest_class(rows: Sequence[Row]) -> int:
    """How many rows look like the one that the fewest look like."""
    return min(Counter(tuple(sorted(row.items())) for row in rows).values(), default=0)


def _coarse(value: str, how: str | int) -> str:
    """A value at a step; what is not known stays so."""
    if how == ANY:
        return ANY
    if value == "":
        return "unknown"
    coarse = value
    match how:
        case int():
            first = int(value) // how * how
            coarse = f"{first}-{first + how - 1}"
        case "outward":
            coarse = value.upper().replace(" ", "")[:-3]
        case "area":
            coarse = "".join(takewhile(str.isalpha, value.upper().lstrip()))
        case "year":
            coarse = value[:4]
    return coarse or "unknown"
