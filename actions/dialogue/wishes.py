"""The wishes that a customer may turn to in the middle of a form."""

#: Those that a form serves: on an order, on an account.
ORDERS = ("track_order", "cancel_order", "return_item", "get_refund", "track_refund")
ACCOUNTS: tuple[str, ...] = ()
#: Intent → the form's name.
FORMS = {intent: f"{intent}_form" for intent in (*ORDERS, *ACCOUNTS)}
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
