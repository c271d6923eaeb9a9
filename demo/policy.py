"""What the shop promises: windows, fees, times. Typed, because the shop acts by it."""

from datetime import time
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from demo.content import DATA, Content, read

PATH = DATA / "decisions" / "policy.yml"

PaymentMethod = Literal["card", "paypal", "invoice", "gift_card"]
OrderStatus = Literal[
    "processing",
    "packed",
    "shipped",
    "out_for_delivery",
    "delivered",
    "cancelled",
    "return_requested",
    "returned",
]
Topic = Literal["offers", "news", "tips"]
Tier = Literal["standard", "silver", "gold"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class OrderRules(Content):
    cancellable_while: list[OrderStatus]
    change_address_while: list[OrderStatus]
    change_items_while: list[OrderStatus]
    change_day_while: list[OrderStatus]
    undo_seconds: int = Field(ge=0)


class ReturnRules(Content):
    """`window_days` counts from delivery; fees in GBP."""

    window_days: int = Field(gt=0)
    label_fee: float = Field(ge=0)
    pick_up_fee: float = Field(ge=0)
    pick_up_from_kg: float = Field(gt=0)
    drop_off_days: int = Field(gt=0)
    unused_only: list[str]


class RefundRules(Content):
    """`days` from approval until the money is there, by payment method."""

    days: dict[PaymentMethod, int]
    inspection_days: int = Field(ge=0)
    delivery_fee_refunded: bool


class PaymentRules(Content):
    methods: list[PaymentMethod]
    invoice_due_days: int
    duplicate_returned_days: int
    link_days: int = Field(gt=0)
    vat_percent: int = Field(ge=0)


class PromotionRules(Content):
    code_valid_days: int = Field(gt=0)
    codes_per_order: int = Field(gt=0)


class DeliveryOption(Content):
    fee: float = Field(ge=0)
    days_min: int = Field(ge=0)
    days_max: int = Field(ge=0)


class DeliveryRules(Content):
    free_from: float
    standard: DeliveryOption
    express: DeliveryOption
    late_after_days: int
    lost_after_days: int
    countries: list[str]
    move_within_days: int = Field(gt=0)
    no_delivery_on: list[Weekday]


class Opening(Content):
    opens: time
    closes: time


class Support(Content):
    time_zone: str
    phone: str
    email: str
    hours: dict[Weekday, Opening]


class LoyaltyTier(Content):
    """Reached by spending `spend_from` GBP within 365 days."""

    tier: Tier
    spend_from: float = Field(ge=0)
    free_delivery: bool
    benefits: list[str]


class Warranty(Content):
    """Days to a repair or replacement; faults within `replacement_within_days` of delivery may be replaced."""

    claim_by: str
    repair_days: int
    answer_days: int = Field(gt=0)
    replacement_days: int
    replacement_within_days: int


class AccountRules(Content):
    """`mails_an_hour`: of one kind to one address, so that nobody's inbox is filled by a stranger."""

    closing_grace_days: int = Field(gt=0)
    link_hours: int = Field(gt=0)
    mails_an_hour: int = Field(gt=0)


class Policy(Content):
    version: Literal[1]
    orders: OrderRules
    returns: ReturnRules
    refunds: RefundRules
    payments: PaymentRules
    promotions: PromotionRules
    delivery: DeliveryRules
    support: Support
    loyalty: list[LoyaltyTier]
    warranty: Warranty
    accounts: AccountRules
    newsletters: dict[Topic, str]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if set(self.refunds.days) != set(self.payments.methods):
            raise ValueError("refunds.days must name each payment method")
        thresholds = [tier.spend_from for tier in self.loyalty]
        if not thresholds or thresholds[0] != 0 or thresholds != sorted(thresholds):
            raise ValueError("loyalty must begin at 0 and rise")
        return self

    def tier_for(self, spend: float) -> Tier:
        """The tier of one who spent `spend` GBP within the last 365 days."""
        return [tier.tier for tier in self.loyalty if spend >= tier.spend_from][-1]


@cache
def load_policy(path: Path = PATH) -> Policy:
    """Read the policy once per process.

    Raises:
        ValueError: the file is not a policy.
    """
    return read(path, Policy)
