"""Names of the system as words for people."""

#: Intents whose name alone would not read well in "wants to …".
_WISHES = {
    "track_order": "know where an order is",
    "return_item": "return something",
    "get_refund": "get money back",
    "track_refund": "know where a refund is",
    "check_cancellation_fee": "know whether cancelling costs anything",
    "check_refund_policy": "know the rules of returns and refunds",
    "check_invoice": "understand an invoice",
    "check_payment_methods": "know how one can pay",
    "billing_inquiry": "question a charge",
    "payment_issue": "get help with a payment that fails",
    "delivery_options": "know the ways of delivery",
    "delivery_period": "know how long delivery takes",
    "set_up_shipping_address": "add a delivery address",
    "product_question": "know something about a product",
    "recommend_product": "get a recommendation",
    "stock_availability": "know whether something is in stock",
    "warranty": "use or understand a guarantee",
    "report_defect": "report a fault",
    "technical_support": "make something work",
    "recover_password": "get back into an account",
    "registration_problems": "get help with signing up",
    "newsletter_subscription": "change newsletters",
    "complaint": "complain",
    "review": "leave or change a review",
    "feedback": "say what they think",
    "contact_customer_service": "know how to reach us",
    "contact_human_agent": "talk to a person",
}

#: What is known of a customer, as one would say it. The rest is said by its name.
_ATTRIBUTES = {
    "days_since_issue": "days since the last contact",
    "days_since_login": "days since the last visit",
    "days_since_order": "days since the last order",
    "days_since_signup": "days since signing up",
    "discount_share": "share of orders with a promo code",
    "engagement": "engagement, of 100",
    "last_issue": "last contact was about",
    "last_issue_outcome": "last contact ended as",
    "logins_30d": "visits in 30 days",
    "orders_90d": "orders in 90 days",
    "orders_total": "orders in all",
    "product_views_7d": "products looked at in 7 days",
    "spend_total": "spent in all",
    "tickets_90d": "contacts in 90 days",
    "tickets_open": "contacts not settled",
}

#: Why agents should look at a conversation.
_ATTENTION = {
    "handoff": "the assistant passed it on",
    "bot_late": "the assistant took too long",
    "bot_unavailable": "the assistant could not answer",
    "bot_uncommitted": "the assistant failed while answering",
    "no_answer": "the assistant had no answer",
    "agent_gone": "the agent who had it is gone",
    "too_old": "a message was left without an answer",
}


def plain(name: str) -> str:
    """`loyal_high_value` as "loyal high value"."""
    return name.replace("_", " ")


def wish(intent: str) -> str:
    """What a customer with this intent wants to do: goes after "wants to"."""
    return _WISHES.get(intent, plain(intent))


def attribute(name: str) -> str:
    return _ATTRIBUTES.get(name, plain(name))


def value(name: str, known: object) -> str:
    """The value of an attribute: money in pounds, a share in percent, other numbers without needless digits."""
    if known is None:
        return "not known"
    if isinstance(known, bool):
        return "yes" if known else "no"
    if isinstance(known, int | float):
        return _number(name, known)
    return ", ".join(map(str, known)) if isinstance(known, list) else plain(str(known))


def _number(name: str, number: float) -> str:
    if name == "spend_total":
        return f"£{number:,.2f}"
    if name == "discount_share":
        return f"{number:.0%}"
    return f"{number:.1f}".removesuffix(".0")


def attention(kind: str) -> str:
    return _ATTENTION.get(kind, plain(kind))
