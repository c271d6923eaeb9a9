"""Questions about what the shop sells, answered from its catalogue."""

from actions.catalogue import Product, card, stock_state
from actions.dialogue import signs
from actions.dialogue.questions import answer_question
from actions.orders import pounds_value
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import listed, pounds

_TO_PERSON = quick_reply("Talk to a person", "contact_human_agent")
#: More cannot be told apart beside each other.
_MOST_COMPARED = 3


async def product_question(turn: Turn) -> None:
    """The facts that were asked for, or all that the catalogue says."""
    if answer_question(turn):
        return
    product = _meant(turn)
    if product is None:
        _ask_product(turn, "product_question")
        return
    turn.concern("general", "answered")
    asked = turn.services.knowledge.catalogue.asked_facts(product, turn.text)
    turn.note(f"facts of {product.sku}")
    turn.remember(offer="person_mentioned")
    turn.say(
        "utter_product_question",
        product=product.name,
        facts=asked,
        cards=[card(turn.services.knowledge.catalogue, product)],
        quick_replies=[_TO_PERSON],
    )


async def stock_availability(turn: Turn) -> None:
    product = _meant(turn)
    if product is None:
        if not answer_question(turn):  # "how long do they last?" after an answer about codes
            _ask_product(turn, "stock_availability")
        return
    turn.concern("general", "answered")
    turn.remember(offer=None)
    turn.note(f"stock of {product.sku}")
    turn.say(
        "utter_stock_availability",
        product=product.name,
        state=stock_state(product),
        count=product.stock,
        cards=[card(turn.services.knowledge.catalogue, product)],
    )


async def compare_products(turn: Turn) -> None:
    """In what the named products differ; without two names the customer is asked for them."""
    catalogue = turn.services.knowledge.catalogue
    named = catalogue.named(turn.entities.get("product", []))[:_MOST_COMPARED]
    before = catalogue.product(turn.slot("product"))
    if len(named) == 1 and before is not None and before != named[0]:
        named = [before, *named]
    turn.concern("general", "answered" if len(named) > 1 else "open")
    turn.remember(offer=None if len(named) > 1 else "compare_products")
    if named:
        turn.remember(product=named[0].sku)
    differences = catalogue.differences(named) if len(named) > 1 else []
    turn.note(f"compared: {', '.join(product.sku for product in named) or 'nothing named'}")
    turn.say(
        "utter_compare_products",
        products=listed([product.name for product in named]),
        count=len(named),
        differences=differences,
        cards=[card(catalogue, product) for product in named],
    )


async def recommend_product(turn: Turn) -> None:
    """Products in stock of the kind that was named, within the budget if one was."""
    catalogue = turn.services.knowledge.catalogue
    named = catalogue.named(turn.entities.get("product", []))
    amounts = [pounds_value(amount) for amount in turn.entities.get("money", [])]
    budget = max((amount for amount in amounts if amount is not None), default=None)
    like = named[0] if named else None
    found = catalogue.suggestions(turn.text, like, budget)
    turn.concern("general", "answered" if found else "open")
    turn.remember(offer=None if found else "recommend_product")
    turn.note(f"suggested: {', '.join(product.sku for product in found) or 'nothing'}")
    turn.say(
        "utter_recommend_product",
        count=len(found),
        kind_known=catalogue.category_meant(turn.text, like) is not None,
        budget=None if budget is None else pounds(budget),
        cards=[card(catalogue, product) for product in found],
    )


async def warranty(turn: Turn) -> None:
    """How long the warranty is, of the product if one is meant, and how to claim on it."""
    product = _meant(turn)
    turn.concern("technical", "answered")
    turn.remember(offer="person_mentioned" if product else "warranty")
    turn.say(
        "utter_warranty",
        product=product.name if product else None,
        months=product.warranty_months if product else None,
        policy=turn.services.knowledge.policy,
        quick_replies=[_TO_PERSON],
    )


async def place_order(turn: Turn) -> None:
    """Nothing can be bought here: what is known of the product is shown, and a person offered."""
    product = _meant(turn)
    turn.concern("order", "open")
    turn.remember(offer="person_mentioned")
    turn.say(
        "utter_place_order",
        product=product.name if product else None,
        policy=turn.services.knowledge.policy,
        cards=[card(turn.services.knowledge.catalogue, product)] if product else [],
        quick_replies=[_TO_PERSON],
    )


def _ask_product(turn: Turn, intent: str) -> None:
    """Ask which product is meant; its name then goes on with `intent`."""
    turn.concern("general", "open")
    turn.remember(offer=intent)
    turn.say("utter_which_product")


def _meant(turn: Turn) -> Product | None:
    """The product that the message names or, as "it", the one just spoken of; it is kept for what follows."""
    spoken_of = turn.slot("product") if signs.points_back(turn.text) else None
    product = turn.services.knowledge.catalogue.product(turn.entity("product") or spoken_of)
    if product is not None:
        turn.remember(product=product.sku)
    return product
