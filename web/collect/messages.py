"""What a browser may say: the few kinds of events of `web/sdk`, and of each only what is declared here.

A browser can be made to say anything, so that it has no say in who its visitor is (no `userId`, no traits, no alias),
nor in what was bought.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
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
_Id = Annotated[str, Field(pattern=r"^[!-~]{1,100}$")]
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
    properties: dict[str, Any] = Field(default_factory=dict)
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
    for index, message in enumerate(batch.batch):
        try:
            good[index] = BrowserEvent.model_validate(message)
        except ValidationError as error:
            wrong = [
                f"{'.'.join(map(str, item['loc'])) or 'event'}: {item['msg']}"
                for item in error.errors(include_input=False, include_url=False)
            ]
            bad.append(BadEvent(index=index, detail="; ".join(wrong)))
    return good, bad
