"""What travels between the profile service and its clients, over HTTP and in Redis. Knows no server module."""

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

Purpose = Literal["service", "personalisation", "analytics", "training", "marketing"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

Issue = Literal["order", "return", "refund", "billing", "technical", "complaint", "general"]
Outcome = Literal["answered", "resolved", "open", "handed_off"]

CustomerId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
#: PostgreSQL keeps no text with NUL. (Lone surrogates are no `str` for pydantic.)
STORABLE = r"^[^\x00]*$"
ShortText = Annotated[str, Field(min_length=1, max_length=80, pattern=STORABLE)]

#: Moments outside can't be told in every time zone, and are no dealings with a shop.
FIRST_MOMENT, LAST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _within(moment: datetime) -> datetime:
    if not FIRST_MOMENT <= moment < LAST_MOMENT:
        raise ValueError("a moment lies in the years 1970 to 2199")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_within)]

SUMMARY_CHARACTERS = 16_000
SUMMARY_DEPTH = 50
#: In JSON as `json.dumps` writes it, after an even number of backslashes.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def _deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels == 0 or any(_deeper(one, levels - 1) for one in inner)


def _small(summary: dict[str, Any]) -> dict[str, Any]:
    if _deeper(summary, SUMMARY_DEPTH):
        raise ValueError(f"a summary nests at most {SUMMARY_DEPTH} deep")
    try:
        written = json.dumps(summary, allow_nan=False)
        json.dumps(summary, ensure_ascii=False).encode()
    except ValueError:
        raise ValueError("a summary has no infinite numbers and no halves of characters") from None
    if _NUL.search(written):
        raise ValueError("a text of a summary has no NUL")
    if len(written) > SUMMARY_CHARACTERS:
        raise ValueError(f"a summary has at most {SUMMARY_CHARACTERS} characters as JSON")
    return summary


class CustomerView(BaseModel):
    """A customer as one purpose may see them: without consent for it, `attributes` is empty."""

    model_config = ConfigDict(frozen=True)

    customer_id: str
    version: int
    purpose: Purpose
    consent: dict[Purpose, bool]
    attributes: dict[str, Any]


class Contact(BaseModel):
    """One contact with the shop, by its own id."""

    interaction_id: ShortText
    channel: ShortText
    occurred_at: Moment
    issue: Issue | None = None
    outcome: Outcome | None = None
    #: How long the customer waited for a first answer.
    response_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    conversation_id: ShortText | None = None
    summary: Annotated[dict[str, Any], AfterValidator(_small)] = Field(default_factory=dict)


class Interaction(Contact):
    """A contact and whose it was. The same `interaction_id` again replaces what was known of it."""

    customer_id: CustomerId


class UnknownCustomer(Exception):
    """The profile service has no customer of this id."""


class CachedView(BaseModel):
    """A view as it rests in Redis, with the moment it was read from the database (Unix seconds)."""

    view: CustomerView
    stored_at: float


def view_key(customer_id: str, purpose: Purpose) -> str:
    """Redis key of the current view; deleted on each write."""
    return f"profiles:view:{customer_id}:{purpose}"


def stale_key(customer_id: str, purpose: Purpose) -> str:
    """Redis key of the last view, for when the service can't be reached."""
    return f"profiles:stale:{customer_id}:{purpose}"


#: Redis stream of what clients read from the cache, until the service has written it to the audit log.
READS_STREAM = "profiles:reads"

#: A view from the cache, and in the same step the note that it was read.
#: Keys: the view's, READS_STREAM. Arguments: SHA-256 of the reader's key in hex, customer, purpose, `cache` or `stale`.
READ_CACHED = """
local view = redis.call('GET', KEYS[1])
if view then
  redis.call('XADD', KEYS[2], '*', 'key', ARGV[1], 'customer', ARGV[2], 'purpose', ARGV[3], 'from', ARGV[4])
end
return view
"""


def utc_text(moment: datetime) -> str:
    """A moment as this service stores and sends it: ISO 8601, UTC, whole seconds."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
