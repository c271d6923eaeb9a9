"""A condition in plain words, for trainers and agents."""

from profiles.conditions.tree import All, Any, Comparison, Condition, Missing, Not

_VERBS = {
    "==": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
    "in": "is one of",
    "not_in": "is none of",
    "contains": "contains",
}


def describe(condition: Condition) -> str:
    """The condition as a sentence's part: `customer's tier is one of gold, silver and …`."""
    match condition:
        case Comparison(attribute=name, op=op, value=value):
            return f"{_name(name)} {_VERBS[op]} {_value(value)}"
        case Missing(missing=name):
            return f"{_name(name)} is not known"
        case Not(negated=part):
            return f"not ({describe(part)})"
        case All(all=parts):
            return " and ".join(_part(part) for part in parts)
        case Any(any=parts):
            return " or ".join(_part(part) for part in parts)


def _part(condition: Condition) -> str:
    return f"({describe(condition)})" if isinstance(condition, All | Any) else describe(condition)


def _name(name: str) -> str:
    owner, _, rest = name.rpartition(".")
    words = rest.replace("_", " ")
    return f"{owner.replace('.', ' ').replace('_', ' ')}'s {words}" if owner else words


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_value(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.replace("_", " ") if isinstance(value, str) else str(value)
