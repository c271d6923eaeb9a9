"""The wishes that a customer may turn to in the middle of a form."""

#: Those that a form serves: on an order, on an account.
ORDERS = (
    *("track_order", "cancel_order", "change_order", "change_shipping_address", "return_item", "get_refund"),
    *("track_refund", "get_invoice", "check_invoice", "warranty", "report_defect"),
)
ACCOUNTS = (
    *(
        "set_up_shipping_address",
        "recover_password",
        "registration_problems",
        "create_account",
        "delete_account",
    ),
    *("edit_account", "newsletter_subscription", "payment_issue"),
)
#: Intent → the form's name.
FORMS = {intent: f"{intent}_form" for intent in (*ORDERS, *ACCOUNTS)}
#: A question about the warranty is answered beside; the form comes back to its own.
WISHES = (frozenset(FORMS) - {"warranty"}) | {
    *("billing_inquiry", "technical_support", "contact_human_agent")
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
