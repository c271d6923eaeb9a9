"""Why a turn was answered as it was: the decision record of docs/contracts.md, gathered while the turn is worked on."""

from dataclasses import dataclass, field
from typing import Any

from actions.profile import PURPOSE, KnownCustomer


@dataclass
class DecisionRecord:
    """One action's part of the record.

    Attributes:
        attributes: what was read of the customer.
        conditions: those of the variants and paths that were looked at, and whether they held.
        path: the steps, in words.
        interaction: what it was about and how it stands, for the customer's history.
        handoff: why a person is to take over.
        misread: the turn whose message was misread.
        form: how far the open form is.
        profile_ms: milliseconds for reading the profile; `choose_ms` for choosing texts.
    """

    customer: KnownCustomer | None
    attributes: dict[str, Any] = field(default_factory=dict)
    conditions: list[dict[str, Any]] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    interaction: dict[str, Any] | None = None
    handoff: str | None = None
    misread: str | None = None
    form: dict[str, Any] | None = None
    profile_ms: float = 0.0
    choose_ms: float = 0.0

    def as_json(self, mood: str | None, shop_seconds: float) -> dict[str, Any]:
        """As it goes out with the last message; what there is nothing to say of is left out."""
        record: dict[str, Any] = {
            "customer": None,
            "attributes_read": [
                {"name": name, "value": value, "purpose": PURPOSE} for name, value in self.attributes.items()
            ],
            "conditions": self.conditions,
            "path": self.path,
            "mood": mood,
            "milliseconds": {
                "profile": round(self.profile_ms, 2),
                "shop": round(shop_seconds * 1000, 2),
                "choose": round(self.choose_ms, 2),
            },
        }
        if self.customer is not None:
            record["customer"] = {
                "customer_id": self.customer.customer_id,
                "profile_version": self.customer.profile_version,
                "source": self.customer.source,
                "consent": self.customer.consent,
            }
        if self.interaction is not None:
            record["interaction"] = self.interaction
        if self.handoff is not None:
            record["handoff"] = {"reason": self.handoff}
        if self.misread is not None:
            record["misread"] = {"turn_id": self.misread}
        if self.form is not None:
            record["form"] = self.form
        return record
