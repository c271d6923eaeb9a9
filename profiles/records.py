"""What others tell the service about customers: records, consents, interactions."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from profiles.protocol import STORABLE, Contact, CustomerId, Moment, Purpose, ShortText, utc_text

Tier = Literal["standard", "silver", "gold"]
Count = Annotated[int, Field(ge=0, le=2**53)]
LongText = Annotated[str, Field(min_length=1, max_length=320, pattern=STORABLE)]


class ConsentStatement(BaseModel):
    """What a customer said about one purpose. The latest statement about a purpose counts, until it expires."""

    model_config = ConfigDict(coerce_numbers_to_str=True)

    purpose: Purpose
    granted: bool
    source: ShortText
    version: ShortText
    at: Moment
    expires_at: Moment | None = None


class Address(BaseModel):
    line1: LongText
    city: LongText
    postcode: ShortText
    country: ShortText


class Facts(BaseModel):
    """What the shop knows in sums; money in pounds, `engagement` 0 to 100, `discount_share` 0 to 1."""

    orders_total: Count | None = None
    orders_90d: Count | None = None
    spend_total: Annotated[float, Field(allow_inf_nan=False)] | None = None
    last_order_at: Moment | None = None
    last_login_at: Moment | None = None
    logins_30d: Count | None = None
    product_views_7d: Count | None = None
    engagement: Annotated[float, Field(ge=0, le=100)] | None = None
    discount_share: Annotated[float, Field(ge=0, le=1)] | None = None
    tickets_90d: Count | None = None
    tickets_open: Count | None = None

    @field_serializer("last_order_at", "last_login_at")
    def _as_text(self, moment: Moment | None) -> str | None:
        return None if moment is None else utc_text(moment)


class CustomerRecord(BaseModel):
    """All that the shop hands over about one customer; written as a whole, interactions and consents added."""

    customer_id: CustomerId
    first_name: LongText | None = None
    last_name: LongText | None = None
    email: LongText | None = None
    phone: ShortText | None = None
    address: Address | None = None
    birth_date: date | None = None
    tier: Tier = "standard"
    signed_up_at: Moment
    preferred_channel: ShortText | None = None
    consents: list[ConsentStatement] = Field(default_factory=list)
    facts: Facts = Field(default_factory=Facts)
    interactions: list[Contact] = Field(default_factory=list)
