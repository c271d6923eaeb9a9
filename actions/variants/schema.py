"""The shape of `data/variants/*.yml` (reply name → mandatory default and ordered variants) and of the paths."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from profiles.conditions import Condition

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Template = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


Offer = Literal[
    "billing_help", "technical_help", "person", "track_order", "return_item", "get_refund", "track_refund"
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QuickEntity(_Strict):
    entity: str
    value: str


class QuickCommand(_Strict):
    """What the bot is told when the button is pressed."""

    intent: str
    entities: list[QuickEntity] = []


class QuickReply(_Strict):
    title: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    command: QuickCommand


class Default(_Strict):
    """What is said when no variant fits. It may not use any attribute of the customer."""

    text: Template
    quick_replies: list[QuickReply] = []


class Variant(Default):
    """A text for those for whom `when` holds; the first that holds and renders is said."""

    name: Name
    when: Condition


class Reply(_Strict):
    default: Default
    variants: list[Variant] = []


class VariantFile(_Strict):
    version: Annotated[int, Field(ge=1, le=1)]
    replies: dict[Name, Reply]


class GreetingPath(_Strict):
    """What the assistant offers by itself when a conversation begins, if `when` holds.

    `offer` is what a "yes" accepts: billing_help, technical_help, person, or a wish with a form.
    """

    name: Name
    when: Condition
    reply: Name
    offer: Offer


class PathFile(_Strict):
    version: Annotated[int, Field(ge=1, le=1)]
    greeting: list[GreetingPath] = []


class VariantSet(_Strict):
    """All replies as one published whole; `version` is the hash of their content."""

    version: str
    replies: dict[Name, Reply]
    greeting: list[GreetingPath] = []

    def as_json(self) -> str:
        return self.model_dump_json(exclude_defaults=False)


def quick_reply(title: str, intent: str, **entities: str) -> dict[str, Any]:
    """A quick reply made by an action, in the shape of the contract."""
    listed = [{"entity": name, "value": value} for name, value in entities.items()]
    return {"title": title, "command": {"intent": intent, "entities": listed}}
