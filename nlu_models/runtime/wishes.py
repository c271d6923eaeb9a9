"""From the intents of a message and of its clauses to its wishes, or to two that are close."""

OUT_OF_SCOPE = "out_of_scope"

#: What accompanies a wish, and is none itself.
TALK = frozenset({"greet", "goodbye", "thank", "affirm", "deny", "inform", OUT_OF_SCOPE})

#: A clause whose likeliest intent has less (uncalibrated) probability is in doubt.
_SURE = 0.85

#: With so much (uncalibrated) probability the likeliest intent of a clause may be a wish.
_POSSIBLE = 0.3


def clause_in_doubt(tops: list[tuple[str, float]]) -> int | None:
    """The place of the least sure clause if a second wish may hang on it, by the likeliest intent of each
    clause and its uncalibrated probability; none if all are sure, or all that are wishes are the same one.
    """
    if len({name for name, probability in tops if probability >= _POSSIBLE and name not in TALK}) < 2:
        return None
    least = min(range(len(tops)), key=lambda place: tops[place][1])
    return least if tops[least][1] < _SURE else None


def wishes_of(tops: list[tuple[str, float]], enough: float) -> list[tuple[str, float]]:
    """The different wishes among the likeliest intents of clauses, in order; none if it is but one.

    A clause counts with a probability of `enough`; greetings, thanks and details are no wishes.
    """
    found: dict[str, float] = {}
    for name, probability in tops:
        if probability >= enough and name not in TALK:
            found.setdefault(name, probability)
    return list(found.items()) if len(found) > 1 else []


def close_intents(ranking: list[tuple[str, float]], margin: float) -> list[tuple[str, float]]:
    """The first two of the ranking if they are closer than `margin` and both in scope."""
    (first_name, first), (second_name, second) = ranking[:2]
    close = first - second < margin and OUT_OF_SCOPE not in {first_name, second_name}
    return list(ranking[:2]) if close else []
