"""The generated world as JSON documents, one line a record, the same bytes for the same world."""

from collections.abc import Iterator
from typing import Any

from demo.facts import facts_of
from demo.records import Customer, Facts, Interaction, Order, World, iso, pounds


def profile(customer: Customer, world: World) -> dict[str, Any]:
    """What the profile service loads. The latent behaviour is not in it."""
    facts = facts_of(customer.orders, customer.interactions, customer.logins, customer.views, world.now)
    address = customer.address
    return {
        "customer_id": customer.customer_id,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "email": customer.email,
        "phone": customer.phone,
        "address": {
            "line1": address.line1,
            "city": address.city,
            "postcode": address.postcode,
            "country": address.country,
        },
        "birth_date": customer.birth_date.isoformat(),
        "tier": customer.tier,
        "signed_up_at": iso(customer.signed_up_at),
        "preferred_channel": customer.preferred_channel,
        "consents": [
            {
                "purpose": consent.purpose,
                "granted": consent.granted,
                "source": consent.source,
                "at": iso(consent.at),
                "version": consent.version,
            }
            for consent in customer.consents
        ],
        "facts": _facts(facts),
        "interactions": [_interaction(interaction) for interaction in customer.interactions],
    }


def _interaction(interaction: Interaction) -> dict[str, Any]:
    summary: dict[str, Any] = {"subject": interaction.subject}
    if interaction.order is not None:
        summary["order_id"] = interaction.order.order_id
    return {
        "interaction_id": interaction.interaction_id,
        "channel": interaction.channel,
        "occurred_at": iso(interaction.occurred_at),
        "issue": interaction.issue,
        "outcome": interaction.outcome,
        "summary": summary,
    }


def _facts(facts: Facts) -> dict[str, Any]:
    return {
        "orders_total": facts.orders_total,
        "orders_90d": facts.orders_90d,
        "spend_total": pounds(facts.spend_total),
        "last_order_at": iso(facts.last_order_at),
        "last_login_at": iso(facts.last_login_at),
        "logins_30d": facts.logins_30d,
        "product_views_7d": facts.product_views_7d,
        "engagement": facts.engagement,
        "discount_share": facts.discount_share,
        "tickets_90d": facts.tickets_90d,
        "tickets_open": facts.tickets_open,
    }


def order(customer_id: str, made: Order) -> dict[str, Any]:
    """An order with its payments and refunds."""
    return {
        "order_id": made.order_id,
        "customer_id": customer_id,
        "status": made.status,
        "placed_at": iso(made.placed_at),
        "expected_at": iso(made.expected_at),
        "shipped_at": iso(made.shipped_at),
        "delivered_at": iso(made.delivered_at),
        "cancelled_at": iso(made.cancelled_at),
        "carrier": made.carrier,
        "tracking_code": made.tracking_code,
        "items": [
            {"sku": item.sku, "name": item.name, "quantity": item.quantity, "price": pounds(item.price)}
            for item in made.items
        ],
        "total": pounds(made.total),
        "discount": pounds(made.discount),
        "currency": "GBP",
        "payment_method": made.payment_method,
        "return_reason": made.return_reason,
        "payments": [
            {
                "payment_id": payment.payment_id,
                "amount": pounds(payment.amount),
                "status": payment.status,
                "method": payment.method,
                "at": iso(payment.at),
            }
            for payment in made.payments
        ],
        "refunds": [
            {
                "refund_id": refund.refund_id,
                "amount": pounds(refund.amount),
                "status": refund.status,
                "method": refund.method,
                "requested_at": iso(refund.requested_at),
                "expected_at": iso(refund.expected_at),
                "paid_at": iso(refund.paid_at),
            }
            for refund in made.refunds
        ],
    }


def events(customer: Customer) -> Iterator[dict[str, Any]]:
    """Logins and looks at products."""
    for login in customer.logins:
        yield {"customer_id": customer.customer_id, "at": iso(login), "kind": "login"}
    for view in customer.views:
        yield {"customer_id": customer.customer_id, "at": iso(view.at), "kind": "view", "sku": view.sku}


def truth(customer: Customer) -> dict[str, str]:
    return {"customer_id": customer.customer_id, "behaviour": customer.behaviour}
