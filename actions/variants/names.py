"""The names that conditions and templates may use: what each reply is told, and what is known of a turn."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from profiles.conditions import Kind

#: What is known of customers, declared for the profile service.
ATTRIBUTES_FILE = Path(__file__).parents[2] / "data" / "profiles" / "attributes.yml"
_KINDS: Mapping[str, Kind] = {"text": "text", "number": "number", "boolean": "boolean", "texts": "texts"}


def _customer_kinds() -> dict[str, Kind]:
    """The attributes that a view for personalisation may have, by their names there, and their segments."""
    declared: list[dict[str, Any]] = yaml.safe_load(ATTRIBUTES_FILE.read_text("utf-8"))["attributes"]
    kinds: dict[str, Kind] = {"segment": "text", "segments": "texts"}
    for one in declared:
        if one.get("sensitivity") == "sensitive" or "personalisation" not in one["purposes"]:
            continue
        if one["type"] in _KINDS:
            kinds[one["name"]] = _KINDS[one["type"]]
        elif "seen_as" in one:
            # Days and moments are seen as whole days since then.
            kinds[one["seen_as"]] = "number"
    return kinds


#: Everything that a condition or template may read, with its kind.
KINDS: dict[str, Kind] = {
    **{f"customer.{name}": kind for name, kind in _customer_kinds().items()},
    "message.sentiment": "text",
    "message.intent": "text",
    "conversation.turns": "number",
    "conversation.angry_turns": "number",
}


def _values(names: str = "") -> frozenset[str]:
    return frozenset(names.split())


#: Reply name → the values that the dialogue gives to its templates.
REPLIES: dict[str, frozenset[str]] = {
    "utter_greet": _values(),
    "utter_greet_billing_help": _values(),
    "utter_thanks": _values(),
    "utter_goodbye": _values(),
    "utter_courtesy": _values("kind open"),
    "utter_fallback": _values(),
    "utter_trouble": _values(),
    "utter_which_wish": _values("first second"),
    "utter_stop_or_cancel": _values(),
    "utter_out_of_scope": _values(),
    "utter_faq": _values("answer"),
    "utter_from_page": _values("answer page beside"),
    "utter_pages_may_help": _values("count"),
    "utter_helped": _values(),
    "utter_not_helped": _values(),
    "utter_misread": _values(),
    "utter_nothing_to_confirm": _values(),
    "utter_nothing_to_deny": _values(),
    "utter_noted": _values("membership"),
    "utter_what_with_order": _values("order_id status"),
    # Finding the order
    "utter_ask_order_id": _values("act again email known"),
    "utter_ask_email": _values("act order_id again"),
    "utter_choose_order": _values("act count again"),
    "utter_order_not_found": _values("order_id anonymous again"),
    "utter_not_an_order_id": _values("given again"),
    "utter_what_would_help": _values("asked act known times"),
    "utter_thing_not_found": _values("product order_id count"),
    "utter_thing_in_other_order": _values("product order_id"),
    "utter_person_can_find": _values(),
    "utter_no_orders": _values("act"),
    "utter_detail_noted": _values("kind"),
    "utter_not_understood": _values("asked"),
    "utter_stopped": _values("act"),
    "utter_moving_on": _values("act"),
    "utter_offer_person": _values(),
    "utter_ask_person": _values(),
    "utter_no_call_back": _values(),
    # What every form says
    "utter_restarted": _values("act"),
    "utter_refused": _values("act detail"),
    "utter_undone": _values("detail order_id"),
    "utter_undo_refused": _values("detail"),
    "utter_undo_unavailable": _values(),
    "utter_nothing_to_undo": _values(),
    "utter_resumed": _values(),
    # What the forms do
    "utter_order_status": _values(
        "order_id status items carrier tracking_code placed expected delivered late"
    ),
    "utter_confirm_cancel": _values("order_id items total method"),
    "utter_cancel_done": _values("order_id total method days charged"),
    "utter_cannot_cancel": _values("order_id detail returnable"),
    "utter_already_cancelled": _values("order_id amount method status expected paid"),
    "utter_nothing_to_cancel": _values(),
    "utter_choose_items": _values("order_id again"),
    "utter_ask_return_reason": _values("items again"),
    "utter_reason_noted": _values("reason"),
    "utter_confirm_return": _values("order_id items reason amount"),
    "utter_return_done": _values("order_id return_id items amount method days"),
    "utter_cannot_return": _values("order_id detail"),
    "utter_nothing_to_return": _values(),
    "utter_ask_confirm_again": _values("order_id"),
    "utter_get_refund": _values("order_id way items total days"),
    "utter_refund_status": _values("order_id refund_id amount status method expected paid"),
    "utter_no_refund": _values("order_id"),
    "utter_shop_unavailable": _values("changing"),
    # Changing an order, where it goes, its invoice
    "utter_ask_change": _values("order_id items_too again"),
    "utter_ask_which_item": _values("order_id again"),
    "utter_ask_quantity": _values("item present again"),
    "utter_ask_day": _values("order_id expected first last again"),
    "utter_day_not_possible": _values("day first last"),
    "utter_only_day_now": _values("status"),
    "utter_nothing_to_change": _values(),
    "utter_change_not_offered": _values("order_id why cancellable"),
    "utter_confirm_order_change": _values("order_id change item present quantity day expected"),
    "utter_change_done": _values("order_id detail"),
    "utter_address_needs_sign_in": _values(),
    "utter_nothing_to_redirect": _values(),
    "utter_confirm_address": _values("order_id items address present"),
    "utter_address_changed": _values("order_id address"),
    "utter_no_invoice_yet": _values(),
    "utter_no_invoice": _values("order_id detail"),
    "utter_invoice": _values("number order_id date lines delivery total vat percent paid link"),
    "utter_ask_bill_to": _values("order_id again"),
    "utter_confirm_invoice": _values("number order_id total vat percent paid bill_to link"),
    "utter_invoice_sent": _values("number sent_to bill_to"),
    # Something is broken or wrong; the warranty of what was bought
    "utter_sorry_for_defect": _values(),
    "utter_nothing_delivered": _values(),
    "utter_not_delivered_yet": _values("order_id status"),
    "utter_ask_problem": _values("item again"),
    "utter_try_step": _values("step number count again"),
    "utter_defect_solved": _values("item"),
    "utter_ask_remedy": _values("item again tried"),
    "utter_remedy_not_possible": _values("remedy"),
    "utter_no_remedy": _values("item case_id ended"),
    "utter_confirm_case": _values("order_id item problem remedy"),
    "utter_case_opened": _values("case_id item remedy answer_by"),
    "utter_item_warranty": _values("order_id lines covered"),
    # Money, products, people
    "utter_payment_problem": _values("kind amount order_id date method settled back_by"),
    "utter_billing_help": _values("kind amount order_id date method count back_by"),
    "utter_payments_need_sign_in": _values(),
    "utter_payment_of_visitor": _values("failed"),
    "utter_payment_without_order": _values(),
    "utter_ask_payment": _values("again"),
    "utter_confirm_payment_link": _values("order_id amount"),
    "utter_payment_link_sent": _values("order_id amount sent_to until message_id"),
    "utter_technical_help": _values("product steps"),
    "utter_ask_product": _values(),
    "utter_complaint": _values(),
    "utter_handoff": _values(),
    # Addresses
    "utter_ask_new_address": _values("again"),
    "utter_ask_town": _values("street again"),
    "utter_ask_postcode": _values("street town again"),
    "utter_not_a_postcode": _values("given"),
    "utter_only_uk": _values(),
    "utter_ask_default_address": _values("again"),
    "utter_confirm_new_address": _values("address as_default"),
    "utter_new_address_saved": _values("detail act_id elsewhere"),
    # Accounts
    "utter_account_not_found": _values(),
    "utter_has_account": _values(),
    "utter_ask_account_email": _values("again"),
    "utter_lost_mailbox": _values(),
    "utter_not_an_email": _values(),
    "utter_not_a_phone": _values(),
    "utter_ask_sign_up_problem": _values("again"),
    "utter_confirm_letter": _values("kind email problem"),
    "utter_letter_sent": _values("kind sent_to message_id hours"),
    "utter_ask_detail": _values("again"),
    "utter_ask_new_detail": _values("detail present again"),
    "utter_confirm_change": _values("detail value confirm_at told_too"),
    "utter_change_asked": _values("detail sent_to told_too change_id hours"),
    "utter_cannot_close": _values("detail"),
    "utter_closing_already": _values("closing_on"),
    "utter_confirm_close": _values("days"),
    "utter_account_closing": _values("closing_on act_id"),
    # Newsletters and opinions
    "utter_ask_newsletter_wanted": _values("again"),
    "utter_ask_newsletter_topics": _values("titles again"),
    "utter_ask_newsletter_email": _values("wanted again"),
    "utter_newsletters_already": _values("wanted titles"),
    "utter_confirm_newsletters": _values("wanted titles email"),
    "utter_newsletters_changed": _values("detail wanted still act_id"),
    "utter_ask_opinion": _values("kind"),
    "utter_review_existing": _values(),
    "utter_review": _values(),
    "utter_feedback": _values(),
    # Two wishes in one message
    "utter_second_wish_later": _values("first second order_id"),
    "utter_second_wish": _values("second order_id"),
    # What the shop sells, from its catalogue
    "utter_which_product": _values(),
    "utter_product_question": _values("product facts"),
    "utter_stock_availability": _values("product state count"),
    "utter_compare_products": _values("products count differences"),
    "utter_recommend_product": _values("count kind_known budget"),
    "utter_warranty": _values("product months policy"),
    "utter_place_order": _values("product policy"),
    # Answers in words alone: `answers` of data/knowledge/wishes.yml, with the shop's policy
    **dict.fromkeys(
        _values("""
        utter_check_cancellation_fee utter_delivery_options utter_delivery_period utter_check_refund_policy
        utter_check_payment_methods utter_switch_account utter_contact_customer_service utter_bot_challenge
        """),
        _values("policy"),
    ),
}
