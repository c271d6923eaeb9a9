"""What a browser may say: the few kinds of events of `web/sdk`, and of each only what is declared here.

A browser can be made to say anything, so that it has no say in who its visitor is (no `userId`, no traits, no alias),
nor in what was bought.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

BrowsingEvent = Literal[
    "Product List Viewed",
    "Products Searched",
    "Product Viewed",
    "Product Added",
    "Product Removed",
    "Cart Viewed",
    "Checkout Started",
]
#: Ids of browsers begin so: those of tills and files, which can be guessed, are out of their reach.
NAMESPACE = "web-"
#: The module keeps for no longer what it could not send.
OLDEST = timedelta(days=30)
#: As the profile service takes it.
DEEPEST = 32


def _in_namespace(id_: str) -> str:
    return id_ if id_.startswith(NAMESPACE) else NAMESPACE + id_


def _shallow(properties: dict[str, Any]) -> dict[str, Any]:
    level: list[Any] = [properties]
    for _ in range(DEEPEST):
        level = [
            item
            for value in level
            for item in (value.values() if isinstance(value, dict) else value)
            if isinstance(item, dict | list)
        ]
    if level:
        raise ValueError(f"This is nested too deeply: up to {DEEPEST} levels are taken.")
    return properties


#: With the namespace it has up to a hundred letters, as the profile service takes it.
_Id = Annotated[str, Field(pattern=r"^[!-~]{1,96}$"), AfterValidator(_in_namespace)]
_Words = Annotated[str, Field(max_length=2000)]


class _Said(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)


class Preferences(_Said):
    """Only what the visitor agreed to is taken."""

    analytics: Literal[True]


class Consent(_Said):
    category_preferences: Preferences


class SeenPage(_Said):
    path: _Words | None = None
    referrer: _Words | None = None
    title: _Words | None = None
    url: _Words | None = None


class Library(_Said):
    name: _Words
    version: _Words


class Context(_Said):
    consent: Consent
    page: SeenPage | None = None
    library: Library | None = None
    locale: _Words | None = None


class BrowserEvent(_Said):
    """One message of the Segment specification, as far as a browser may send it."""

    message_id: _Id
    type: Literal["identify", "page", "track"]
    anonymous_id: _Id
    event: BrowsingEvent | None = None
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    properties: Annotated[dict[str, Any], AfterValidator(_shallow)] = Field(default_factory=dict)
    context: Context
    timestamp: AwareDatetime

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.type == "track" and self.event is None:
            raise ValueError("a track event needs the name `event`")
        return self


class BrowserBatch(_Said):
    """`batch` is checked event by event, so that a bad one does not cost the others."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "batch": [
                        {
                            "messageId": "2c7f8a2e-6f0c-4a83-9a55-0c6a1f1d7a10",
                            "type": "track",
                            "event": "Product Viewed",
                            "anonymousId": "a1b2c3",
                            "properties": {"sku": "HV-HP-01", "price": 149.0, "currency": "GBP"},
                            "context": {"consent": {"categoryPreferences": {"analytics": True}}},
                            "timestamp": "2026-11-22T10:15:00Z",
                        }
                    ],
                    "sentAt": "2026-11-22T10:15:01Z",
                }
            ]
        }
    )
    batch: Annotated[list[dict[str, Any]], Field(max_length=200)]
    sent_at: AwareDatetime | None = None


class BadEvent(BaseModel):
    """An event that was not taken: its place in the batch, and why."""

    index: int
    detail: str


def sort_out(batch: BrowserBatch) -> tuple[dict[int, BrowserEvent], list[BadEvent]]:
    """The good events by their place in the batch, and the bad ones."""
    good: dict[int, BrowserEvent] = {}
    bad: list[BadEvent] = []
    # Browsers' clocks may be years off, and theirs is the clock of both.
    sent_at = batch.sent_at or datetime.now(UTC)
    for index, message in enumerate(batch.batch):
        try:
            event = BrowserEvent.model_validate(message)
            if sent_at - event.timestamp > OLDEST:
                detail = (
                    f"timestamp: This is older than {OLDEST.days} days, as nothing that waited to be sent is."
                )
                bad.append(BadEvent(index=index, detail=detail))
            else:
                good[index] = event
        except ValidationError as error:
            wrong = [
                f"{'.'.join(map(str, item['loc'])) or 'event'}: {item['msg']}"
                for item in error.errors(include_input=False, include_url=False)
            ]
            bad.append(BadEvent(index=index, detail="; ".join(wrong)))
    return good, bad
