"""A variant set made ready to be chosen from: conditions described, Liquid parsed."""

from dataclasses import dataclass
from typing import Any

from liquid import BoundTemplate, Environment, StrictUndefined

from actions.variants.schema import Default, GreetingPath, VariantSet
from actions.wording import pay_words, pounds, statuses
from profiles.conditions import Condition, describe

#: Undefined is an error: a reply with a hole in it is never said, the next variant is.
LIQUID = Environment(undefined=StrictUndefined, autoescape=False)
LIQUID.filters |= {"pounds": pounds, "statuses": statuses, "pay_words": pay_words}


@dataclass(frozen=True)
class Candidate:
    """One text of a reply; `condition` is None for the default."""

    variant: str
    condition: Condition | None
    described: str
    template: BoundTemplate
    quick_replies: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class CompiledSet:
    version: str
    replies: dict[str, tuple[Candidate, ...]]
    greeting: tuple[GreetingPath, ...] = ()


def compile_set(variants: VariantSet) -> CompiledSet:
    """Raises:
    LiquidSyntaxError: a template is broken; publishing checks that before.
    """
    replies = {
        name: (
            *(_candidate(v.name, v, v.when) for v in reply.variants),
            _candidate("default", reply.default, None),
        )
        for name, reply in variants.replies.items()
    }
    return CompiledSet(variants.version, replies, tuple(variants.greeting))


def _candidate(variant: str, text: Default, condition: Condition | None) -> Candidate:
    return Candidate(
        variant=variant,
        condition=condition,
        described="" if condition is None else describe(condition),
        template=LIQUID.from_string(text.text),
        quick_replies=tuple(quick.model_dump() for quick in text.quick_replies),
    )
