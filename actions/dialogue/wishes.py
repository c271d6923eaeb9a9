"""The wishes that a customer may turn to in the middle of a form."""

#: Those that a form serves, with its name.
FORMS = {
    "track_order": "track_order_form",
    "cancel_order": "cancel_order_form",
    "return_item": "return_item_form",
    "get_refund": "get_refund_form",
    "track_refund": "track_refund_form",
}
WISHES = frozenset(FORMS) | {
    *("payment_issue", "billing_inquiry", "technical_support", "contact_human_agent", "report_defect")
}
#: Questions about what the shop sells, answered from its catalogue.
ABOUT_PRODUCTS = frozenset(
    {
        "product_question",
        "compare_products",
        "recommend_product",
        "stock_availability",
        "warranty",
        "place_order",
    }
)
