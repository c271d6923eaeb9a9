"""What came back in a situation, held against what is expected of it and against what holds for every answer."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.matrix.situations import ANY, VISITOR, WHO, Expectation, Step
from tests.e2e.shop_books import ShopBooks
from tests.e2e.talk import Talk

_PERSONAS = yaml.safe_load(
    (Path(__file__).parents[3] / "data/demo/personas.yml").read_text(encoding="utf-8")
)["personas"]
#: Who → the customer; the visitor is none.
IDS = {who: persona["customer_id"] for who, persona in zip(WHO, _PERSONAS, strict=False)}
_OWNERS = {order["order_id"]: persona["customer_id"] for persona in _PERSONAS for order in persona["orders"]}
#: Says no to being treated personally.
_NO_CONSENT = "gareth"
#: What a template leaves behind when something is wrong with it.
_LEFT_OVER = re.compile(r"\{\{|\}\}|\{%|\bNone\b|\bnull\b|\bnil\b|£\s|  | ,|\butter_")


@dataclass(frozen=True)
class Heard:
    """What came back: the texts as one, and the records of the turn and of the conversation."""

    text: str
    cards: list[str]
    buttons: list[str]
    why: dict[str, Any]
    owner: str


async def heard_of(talk: Talk, step: Step) -> Heard:
    """Do what the step says, and listen.

    Raises:
        AssertionError: there is no such button.
    """
    if step.say is not None:
        await talk.say(step.say)
    elif step.press is not None:
        await talk.choose(step.press)
    else:
        talk.answer = {"replies": [await talk.opening()]}
    why = await talk.why() if talk.answer["replies"] else {}
    owner = (await talk.client.state(talk.conversation))["owner"]
    cards = [str(card.get("order_id") or card.get("product_id") or card.get("title")) for card in talk.cards]
    return Heard(talk.heard, cards, [choice["title"] for choice in talk.choices], why, owner)


async def unfit(step: Step, heard: Heard, who: str, books: ShopBooks, typed: str) -> list[str]:
    """All that is not as it should be, in words. `typed` is all that the customer wrote so far."""
    if not heard.why:
        return ["silence"]
    faults = [*_unexpected(step.expect, heard), *_indiscreet(heard, who, typed), *_untidy(heard)]
    for order_id, status in step.expect.order.items():
        found = (await books.statuses([_OWNERS[order_id]]))[order_id]
        faults += [f"{order_id} is {found}, not {status}"] * (found != status)
    return faults


def _unexpected(expect: Expectation, heard: Heard) -> list[str]:
    why, text = heard.why, heard.text.casefold()
    said = {reply["reply"]: reply["variant"] for reply in why["replies"]}
    wanted = [expect.reply] if isinstance(expect.reply, str) else expect.reply
    meant = [said[name] for name in wanted if name in said] if wanted != [ANY] else list(said.values())
    variants = [expect.variant] if isinstance(expect.variant, str) else expect.variant
    mood = (why.get("sentiment") or {}).get("label")
    form = (why["form"] or {}).get("intent")
    checks = [
        (expect.intent in {None, why["intent"]}, f"understood as {why['intent']}"),
        (expect.mood in {None, mood}, f"mood {mood}"),
        (bool(meant), f"said {', '.join(map(str, said))}"),
        (
            ANY in variants or not meant or bool({*variants} & {*meant}),
            f"wording {', '.join(map(str, meant))}",
        ),
        (expect.form in {ANY, form}, f"the open form is {form}"),
        (expect.cards in (None, heard.cards), f"cards {heard.cards}"),
        (expect.owner == heard.owner, f"the conversation is with {heard.owner}"),
    ]
    checks += [(part.casefold() in text, f"{part!r} is missing") for part in expect.must]
    checks += [(part.casefold() not in text, f"{part!r} was said") for part in expect.must_not]
    titles = " | ".join(heard.buttons)
    checks += [
        (part.casefold() in titles.casefold(), f"no button {part!r} in {titles}") for part in expect.offers
    ]
    return [fault for right, fault in checks if not right]


def _indiscreet(heard: Heard, who: str, typed: str) -> list[str]:
    """Personal things of others, of anybody to a visitor, and of one who does not want to be treated personally.

    What the customer has written is no secret to them.
    """
    faults = []
    for name, persona in zip(WHO, _PERSONAS, strict=False):
        first, _, last = persona["name"].partition(" ")
        address = persona["address"]
        secrets = [last, persona["email"], persona["phone"], address["line1"], address["postcode"]]
        if name != who or name == _NO_CONSENT:
            secrets.append(first)
        if name == who:
            secrets = [first] if name == _NO_CONSENT else []
        said = [secret for secret in secrets if re.search(rf"\b{re.escape(secret)}\b", heard.text)]
        faults += [f"says {secret!r} of {name}" for secret in said if secret not in typed]
    if who in {VISITOR, _NO_CONSENT} and heard.why["attributes_read"]:
        faults.append(f"read {heard.why['attributes_read']}")
    return faults


def _untidy(heard: Heard) -> list[str]:
    found = _LEFT_OVER.search(heard.text)
    return [f"{found.group()!r} is left over in {heard.text!r}"] if found else []
