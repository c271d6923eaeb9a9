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


def attention(kind: str) -> str:
    return _ATTENTION.get(kind, plain(kind))
