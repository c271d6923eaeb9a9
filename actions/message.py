"""A message as it was understood: its wish or wishes, what it names for each, and its mood."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from actions.denials import denied_spans, without_denied
from actions.parts import (
    Named,
    Part,
    number_meant,
    of_part,
    other_of_two,
    parts,
    same_end,
    shows,
    wish_besides,
    wishes_shown,
)

#: What names a detail without saying more.
_LABELS = re.compile(
    r"\b(order|number|no|ref|reference|e-?mail|mail|address|phone|is|it'?s|its|my|the|and|for)\b", re.I
)
_FEW_WORDS = 3
#: Below this a message within a form is taken as an attempt to answer its question.
SURE = 0.5
#: "The one to send back" tells which is meant, and asks for nothing.
_DESCRIBES = re.compile(
    r"^\W*((no|yes|ok|okay|sorry|well|oh|er|um)\W+)*(it'?s|it is|i (mean|meant)|the|that|this)\b", re.I
)
_NEAR = 4
#: What a wish has for itself when a message holds two; a name or an address is for both.
_OWN = frozenset({"order_id", "product"})


class Message:
    """The latest message of a tracker. Of several wishes it stands for the one that is served first.

    Args:
        form: the wish whose form waits for an answer.
        mood: of the messages before.
        known: the wishes that can be served.
    """

    def __init__(
        self, message: Mapping[str, Any], *, form: str | None, mood: str, known: Collection[str]
    ) -> None:
        self._form = form
        self._known = known
        self.text = str(message.get("text") or "")
        self.intent = str((message.get("intent") or {}).get("name") or "")
        self.confidence = float((message.get("intent") or {}).get("confidence") or 0.0)
        #: The text without what it denies: of "not the kettle, the toaster" the toaster.
        self.said = without_denied(self.text)
        self._named = self._named_in(message)
        numbers = self._named.get("order_id", [])
        in_order = [str(wish) for wish in message.get("wishes") or []] or (
            wishes_shown(self.text, self.intent, numbers)
            if len({n.value for n in numbers}) > 1
            else wish_besides(self.text, self.intent, numbers, known)
        )
        #: The intents of a message with several wishes, in the order in which they are served; empty otherwise.
        self.wishes = _wanted_first(in_order)
        #: Intents too close to tell which is meant; empty when it is clear.
        self.alternatives = [
            str(near["name"]) for near in message.get("alternatives") or [] if not self.wishes
        ]
        if self.wishes and self.intent not in {"affirm", "deny"}:
            self.intent = self.wishes[0]  # the likeliest of the whole may be a later one
        self.sentiment = str((message.get("sentiment") or {}).get("label") or "neutral")
        #: Whether it only gives details, which have no mood of their own: that of the message before stays.
        self.only_details = _only_details(self.text, self.intent, message.get("entities") or [])
        if self.only_details:
            self.sentiment = mood
        #: The likeliest intents, the likeliest first.
        self.near = [str(ranked["name"]) for ranked in (message.get("intent_ranking") or [])[:_NEAR]]
        self.entities: dict[str, list[str]] = {
            name: [each.value for each in values] for name, values in self._named.items()
        }
        self._parts: list[Part] = []
        #: Other orders that the one wish of the message is for as well.
        self.further_orders: list[str] = []
        self._divide(in_order)
        #: The wish that is said in so many words beside an order or a thing: "cancel RP-100102".
        self.named_wish = self._wish_named()
        if self.named_wish in self.alternatives:
            self.intent, self.alternatives = str(self.named_wish), []

    def entity(self, name: str) -> str | None:
        """The last value of this entity in the message; of an order number the one that comes first."""
        values = self.entities.get(name)
        return values[-1] if values else None

    def use_up(self) -> None:
        """The words have been taken up: nothing else is read from them."""
        self.text = self.said = ""
        self.entities = {}

    def named_with(self, wish: str) -> dict[str, str | None]:
        """The order and the product that the message names with this one of its wishes."""
        if len({each.value for each in self._named.get("order_id", [])}) == 1:
            order = [each.value for each in self._named["order_id"] if self._stands_with(each, wish)]
        else:
            order = self._of(wish, "order_id")
        return {"order_id": next(iter(order), None), "product": next(iter(self._of(wish, "product")), None)}

    def _named_in(self, message: Mapping[str, Any]) -> dict[str, list[Named]]:
        """The entities by name, without those that are denied."""
        denied = denied_spans(self.text) if self.said != self.text else []
        named: dict[str, list[Named]] = {}
        for entity in message.get("entities") or []:
            start = entity.get("start")
            if start is None or not any(begin <= start < end for begin, end in denied):
                named.setdefault(str(entity["entity"]), []).append(Named(str(entity["value"]), start))
        return named

    def _divide(self, in_order: list[str]) -> None:
        """Leave to the wish that is served first what stands in its own part of the message."""
        served = self._form if self._form is not None and self._form in in_order else self.intent
        if other_of_two(served, in_order, self._known) is not None:
            self._parts = parts(self.text, in_order)
            for name in _OWN.intersection(self.entities):
                self.entities[name] = self._of(served, name)
            self.entities = {name: values for name, values in self.entities.items() if values}
            own = [self.text[part.start : part.end] for part in self._parts if part.wish in same_end(served)]
            self.said = without_denied(" ".join(own)) if own else self.said
        numbers = list(dict.fromkeys(self.entities.get("order_id", [])))
        if len(numbers) > 1:
            first = number_meant(numbers, self.text)
            if first == numbers[0]:
                self.further_orders = numbers[1:]
            self.entities["order_id"] = [first]

    def _of(self, wish: str, name: str) -> list[str]:
        named = self._named.get(name, [])
        if name == "order_id" and len({each.value for each in named}) == 1:
            return [named[0].value]  # one number is for all
        of_way = (
            of_part(named, way, self._parts, self.text) for way in sorted(same_end(wish)) if self._has(way)
        )
        return next((values for values in of_way if values), [])

    def _has(self, wish: str) -> bool:
        return any(part.wish == wish for part in self._parts)

    def _wish_named(self) -> str | None:
        if not self.entities.keys() & _OWN or _DESCRIBES.search(self.said):
            return None
        near = self.alternatives or ([self.intent] if self.confidence >= SURE else [])
        named = [wish for wish in near if shows(self.said, wish)]
        return named[0] if len(named) == 1 else None

    def _stands_with(self, named: Named, wish: str) -> bool:
        return any(
            named.start is not None and part.wish == wish and part.start <= named.start < part.end
            for part in self._parts
        )


def _only_details(text: str, intent: str, entities: list[dict[str, Any]]) -> bool:
    """Whether nothing is left beside details: of a message that gives them hardly a word, else none at all."""
    places = [
        (e["start"], e["end"]) for e in entities if e.get("start") is not None and e.get("end") is not None
    ]
    for start, end in sorted(places, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    words = re.findall(r"[^\W\d_]{2,}", _LABELS.sub(" ", re.sub(r"\S*[\d@]\S*", " ", text)))
    return (bool(places) and not words) or (intent == "inform" and len(words) <= _FEW_WORDS)


def _wanted_first(wishes: list[str]) -> list[str]:
    """Wishes in the order in which they are served: who complains about a late parcel wants the parcel."""
    if set(wishes) <= {"complaint", "contact_human_agent"}:
        return wishes
    return sorted(wishes, key=lambda wish: wish == "complaint")
