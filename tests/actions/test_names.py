"""Conditions and templates of replies know what the profile service shows for personalisation."""

from actions.variants.names import KINDS
from profiles.traits.declared import read


def test_the_names_of_customers_are_those_of_a_view_for_personalisation() -> None:
    schema = read()
    seen = {
        f"customer.{one.seen}": one.kind
        for one in schema.attributes
        if one.seen is not None and "personalisation" in one.purposes
    }
    told = {name: kind for name, kind in KINDS.items() if name.startswith("customer.")}
    assert told == {**seen, "customer.segment": "text", "customer.segments": "texts"}
    assert told["customer.loyalty_points"] == "number"
    assert "customer.contact_hours" not in told
