"""Answers that need no form: greetings, money, products, technical help, complaints, a person, yes and no."""

import re
from collections.abc import Awaitable, Callable

from actions.dialogue import courtesies, help_pages, opinions, products
from actions.dialogue.help_pages import answer_from_page, answer_more_exactly
from actions.dialogue.meanings import asked_which, chosen_meaning, take_up
from actions.dialogue.payments import billing_inquiry
from actions.dialogue.questions import answer_question
from actions.dialogue.wishes import ABOUT_PRODUCTS, FORMS
from actions.orders import card, is_order_id
from actions.shop import OrderNotFound, ShopUnavailable
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import STATUS_WORDS

TO_PERSON = quick_reply("Talk to a person", "contact_human_agent")
_TRIED = re.compile(
    r"\b(still|already|tried (that|it|all|both|everything)|did ?n.?t (help|work|do)|no (luck|difference|change)|same)\b",
    re.I,
)


async def greet(turn: Turn) -> None:
    """A greeting; at the beginning of a conversation also an offer that the published paths hold for."""
    if turn.intent == "open_conversation" or (turn.slot("turns") or 0) <= 1:
        for path in turn.greeting_paths():
            turn.remember(offer=path.offer)
            turn.note(f"action_greet: {path.name}")
            turn.say(path.reply)
            return
    turn.say("utter_greet")


async def technical_support(turn: Turn) -> None:
    if answer_question(turn):
        return
    sku = turn.entity("product") or turn.slot("product")
    if turn.slot("product") and not turn.entity("product") and _TRIED.search(turn.text):
        turn.note("the steps did not help: a person is offered")
        turn.concern("technical", "open")
        offer_person(turn)
        return
    found = turn.services.knowledge.help_for(sku, turn.text)
    turn.concern("technical", "open")
    if found is None:
        turn.remember(offer="technical_product")
        turn.say("utter_ask_product")
        return
    turn.note(f"steps for {found.about}")
    turn.remember(product=sku or found.about, offer="person_mentioned")
    turn.say(
        "utter_technical_help",
        product=found.about,
        steps=found.steps,
        quick_replies=[TO_PERSON, quick_reply("Send it back", "return_item")],
    )


async def complain(turn: Turn) -> None:
    turn.note("complaint taken down")
    told = opinions.opinion(turn, "complaint")
    if "contact_human_agent" in turn.wishes:
        # Who complains and asks for a person in one breath is not asked whether they want one.
        await contact_human_agent(turn)
        turn.concern("complaint", "handed_off", **told)
        return
    turn.concern("complaint", "open", **told)
    turn.remember(offer="person" if turn.sentiment == "angry" else "person_mentioned")
    turn.say("utter_complaint", quick_replies=[TO_PERSON])


async def contact_human_agent(turn: Turn) -> None:
    turn.note("handed to a person")
    turn.hand_off("customer asked")
    turn.concern("complaint" if turn.sentiment == "angry" else "general", "handed_off")
    turn.remember(offer=None)
    turn.say("utter_handoff")


def offer_person(turn: Turn, reply: str = "utter_offer_person") -> None:
    turn.remember(offer="person")
    turn.say(reply, quick_replies=[TO_PERSON, quick_reply("No, carry on", "deny")])


async def affirm(turn: Turn) -> None:
    """A yes accepts what was offered last; without an offer it is asked what is meant."""
    offer = turn.slot("offer")
    turn.remember(offer=None)
    if offer is not None:
        turn.note(f"accepted: {offer}")
    match offer:
        case "billing_help":
            await billing_inquiry(turn)
        case "person_mentioned" if courtesies.only_agrees(turn.text):
            # Agreement with what was said accepts nothing that was only mentioned beside it.
            turn.note("agreed, but not to a person: asked")
            offer_person(turn, "utter_ask_person")
        case "person" | "person_mentioned":
            await contact_human_agent(turn)
        case help_pages.ASKED_WHETHER_IT_HELPED:
            turn.say("utter_helped")
        case "technical_help" | "technical_product":
            await technical_support(turn)
        case str() if offer in turn.services.knowledge.titles:
            await serve(turn, offer)
        case _:
            if not answer_question(turn):
                turn.say("utter_nothing_to_confirm")


async def deny(turn: Turn) -> None:
    if _needs_no_help(turn) or answer_question(turn):
        return
    if turn.slot("offer") == help_pages.ASKED_WHETHER_IT_HELPED:
        turn.note("the help page did not help: a person is offered")
        turn.concern("general", "open")
        offer_person(turn, "utter_not_helped")
        return
    if turn.slot("offer") is not None:
        turn.note(f"declined: {turn.slot('offer')}")
    turn.remember(offer=None)
    turn.say("utter_nothing_to_deny")


async def inform(turn: Turn) -> None:
    """Details without a wish: an order number shows the order; others are kept and the wish is asked for."""
    if _needs_no_help(turn) or answer_question(turn) or await _answers_pending(turn):
        return
    order_id = turn.entity("order_id")
    if turn.customer is None and (email := turn.entity("email")) is not None:
        turn.remember(email=email)
        order_id = order_id or turn.slot("order_id")
    if order_id is None:
        turn.say("utter_noted", membership=courtesies.is_membership(turn.text))
    elif not is_order_id(order_id):
        turn.say("utter_not_an_order_id", given=order_id, again=False)
    elif turn.customer is None and not turn.slot("email"):
        turn.remember(order_id=order_id)
        turn.say("utter_ask_email", act="look at it", order_id=order_id, again=False)
    else:
        await _show_order(turn, order_id)


async def _show_order(turn: Turn, order_id: str) -> None:
    try:
        order = await turn.services.shop.order(order_id, turn.who, turn.deadline)
    except OrderNotFound:
        turn.note("order not found for this person")
        if turn.customer is None:
            turn.remember(order_id=order_id)  # the next e-mail address may fit it
        turn.say("utter_order_not_found", order_id=order_id, anonymous=turn.customer is None, again=False)
        return
    turn.remember(order_id=order.order_id)
    turn.note("order shown, wish asked for")
    wishes = ["track_order"]
    wishes += ["cancel_order"] * order.cancellable + ["return_item"] * order.returnable
    turn.say(
        "utter_what_with_order",
        order_id=order.order_id,
        status=STATUS_WORDS.get(order.status, order.status),
        cards=[card(order)],
        quick_replies=[
            quick_reply(turn.services.knowledge.titles[w], w, order_id=order.order_id) for w in wishes
        ],
    )


async def _answers_pending(turn: Turn) -> bool:
    """Whether the message answers what was asked last outside a form."""
    return opinions.take_awaited(turn) or await _chooses(turn)


async def _chooses(turn: Turn) -> bool:
    """Whether the message chooses what was asked for last: which wish, or which product."""
    if (meant := chosen_meaning(turn)) is not None:
        turn.note(f"chose {meant}")
        turn.remember(offer=None)
        await serve(turn, meant)
        return True
    offer = turn.slot("offer")
    if offer in ABOUT_PRODUCTS:
        catalogue = turn.services.knowledge.catalogue
        named = catalogue.product(turn.entity("product"))
        if catalogue.category_meant(turn.text, named) is None:
            return False
        await ANSWERS[offer](turn)
        return True
    if offer != "technical_product":
        return False
    if turn.services.knowledge.help_for(turn.entity("product"), turn.text) is None:
        return False
    await technical_support(turn)
    return True


def _needs_no_help(turn: Turn) -> bool:
    """Courtesies, a wait for a call that nobody makes, a membership: answered in a few words."""
    if turn.slot("offer") == "person" and turn.intent != "deny":
        turn.remember(
            offer="person_mentioned"
        )  # something else came between: a mere "right" is no yes any more
    if {"order_id", "email"} & turn.entities.keys():
        return False
    if courtesies.expects_a_call(turn):
        turn.note("expects a call: a person here is offered")
        offer_person(turn, "utter_no_call_back")
    elif (kind := courtesies.courtesy(turn)) is not None:
        turn.say("utter_courtesy", kind=kind, open=False)
    elif courtesies.is_membership(turn.text):
        turn.say("utter_noted", membership=True)
    else:
        return False
    return True


async def out_of_scope(turn: Turn) -> None:
    if _needs_no_help(turn) or answer_question(turn) or await _answers_pending(turn) or asked_which(turn):
        return
    if await answer_from_page(turn):
        return
    turn.concern("general", "answered")
    turn.say("utter_out_of_scope")


async def fallback(turn: Turn) -> None:
    """Not understood: two likely wishes are put to the customer, else what the assistant can do."""
    if _needs_no_help(turn) or answer_question(turn) or await _answers_pending(turn) or asked_which(turn):
        return
    if not await answer_from_page(turn):
        turn.say("utter_fallback")


def tell(turn: Turn, intent: str) -> None:
    """The reply of a wish that is answered in words; a frequent question in the message is more exact."""
    if answer_question(turn, intent):
        return
    knowledge = turn.services.knowledge
    wish = knowledge.answers[intent]
    turn.note(f"told: {intent}")
    if wish.by_person:
        turn.concern(wish.issue, "open", wish=intent)
    else:
        turn.concern(wish.issue, "answered")
    turn.remember(offer="person_mentioned" if wish.by_person else None, topic=None)
    turn.say(
        f"utter_{intent}", policy=knowledge.policy, quick_replies=[TO_PERSON] if wish.by_person else None
    )


Answer = Callable[[Turn], Awaitable[None]]

#: Intent → its answer, for rules outside forms and for a change of mind within one.
ANSWERS: dict[str, Answer] = {
    "greet": greet,
    "billing_inquiry": billing_inquiry,
    "technical_support": technical_support,
    "complaint": complain,
    "review": opinions.review,
    "feedback": opinions.feedback,
    "contact_human_agent": contact_human_agent,
    "affirm": affirm,
    "deny": deny,
    "inform": inform,
    "out_of_scope": out_of_scope,
    "default_fallback": fallback,
    "product_question": products.product_question,
    "compare_products": products.compare_products,
    "recommend_product": products.recommend_product,
    "stock_availability": products.stock_availability,
    "warranty": products.warranty,
    "place_order": products.place_order,
}


async def answer(turn: Turn, name: str) -> None:
    """Run one answer; a shop that is away is said honestly."""
    unclear = name in turn.services.knowledge.titles and bool(turn.alternatives)
    if unclear and (answer_question(turn) or asked_which(turn)):
        return
    try:
        if await answer_more_exactly(turn, name):
            return
        if name in turn.services.knowledge.answers:
            tell(turn, name)
        else:
            await ANSWERS[name](turn)
    except ShopUnavailable:
        turn.note("shop unavailable")
        turn.concern("order" if name == "inform" else "billing", "open")
        again = {"order_id": turn.entity("order_id") or ""} if turn.entity("order_id") else {}
        intent = name if name in {"billing_inquiry", "inform"} else "billing_inquiry"
        turn.say(
            "utter_shop_unavailable",
            changing=False,
            quick_replies=[quick_reply("Try again", intent, **again)],
        )


async def serve(turn: Turn, intent: str) -> None:
    """Turn to a wish that the message did not begin with: its form runs next, or its answer is said."""
    if intent in FORMS:
        turn.go_on_with(FORMS[intent])
    else:
        take_up(turn, intent)
        await answer(turn, intent)
