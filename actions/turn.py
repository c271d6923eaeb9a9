"""One turn as an action sees it: who speaks, what may be known of them, what is answered, and why."""

import re
import time
from collections.abc import Iterator
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from actions.denials import denied_spans, without_denied
from actions.parts import Named, Part, number_meant, of_part, other_of_two, parts, same_end, wishes_shown
from actions.profile import PURPOSE, KnownCustomer, Profiles
from actions.services import Services
from actions.shop import Deadline, Who
from actions.variants.choose import Choice, UnknownReply, choose
from actions.variants.compiled import CompiledSet
from actions.variants.schema import GreetingPath, quick_reply
from common.logs import get_logger
from profiles.conditions import describe, holds

log = get_logger(__name__)

#: What names a detail without saying more.
_LABELS = re.compile(
    r"\b(order|number|no|ref|reference|e-?mail|mail|address|phone|is|it'?s|its|my|the|and|for)\b", re.I
)
_FEW_WORDS = 3
_NEAR = 4
#: What a wish has for itself when a message holds two; a name or an address is for both.
_OWN = frozenset({"order_id", "product"})


class Turn:
    """Collects what one action says, remembers and decides. Made by `begin`, ended by `messages` and `events`."""

    def __init__(
        self, tracker: Tracker, services: Services, customer: KnownCustomer | None, variants: CompiledSet
    ) -> None:
        message = tracker.latest_message
        metadata = message.get("metadata") or {}
        self.services = services
        self.customer = customer
        self.text = str(message.get("text") or "")
        self.intent = str((message.get("intent") or {}).get("name") or "")
        self.confidence = float((message.get("intent") or {}).get("confidence") or 0.0)
        #: The text without what it denies: of "not the kettle, the toaster" the toaster.
        self.said = without_denied(self.text)
        self._named = self._named_in(message)
        numbers = self._named.get("order_id", [])
        in_order = [str(wish) for wish in message.get("wishes") or []] or (
            wishes_shown(self.text, self.intent, numbers) if len({n.value for n in numbers}) > 1 else []
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
            self.sentiment = str(tracker.slots.get("mood") or "neutral")
        self.turn_id = str(metadata.get("turn_id") or "")
        #: The likeliest intents, the likeliest first.
        self.near = [str(ranked["name"]) for ranked in (message.get("intent_ranking") or [])[:_NEAR]]
        self.conversation_id = str(metadata.get("conversation_id") or tracker.sender_id)
        self.owner_epoch = int(metadata.get("owner_epoch") or 0)
        self.active_form: str | None = (tracker.active_loop or {}).get("name")
        self.deadline = Deadline()
        self._slots = dict(tracker.slots)
        self.entities: dict[str, list[str]] = {
            name: [each.value for each in values] for name, values in self._named.items()
        }
        self._parts: list[Part] = []
        #: Another order that the one wish of the message is for as well.
        self.further_order: str | None = None
        self._divide(in_order)
        self._before = dict(tracker.slots)
        self._variants = variants
        self._messages: list[dict[str, Any]] = []
        self._followup: str | None = None
        self._leave_form = False
        self._read_names: dict[str, Any] = {}
        self._conditions: list[dict[str, Any]] = []
        self._path: list[str] = []
        self._interaction: dict[str, Any] | None = None
        self._handoff: dict[str, str] | None = None
        self._form: dict[str, Any] | None = None
        self._misread: str | None = None
        self._profile_ms = 0.0
        self._choose_ms = 0.0

    def _named_in(self, message: dict[str, Any]) -> dict[str, list[Named]]:
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
        form = (self.active_form or "").removesuffix("_form")
        served = form if self.in_a_form and form in in_order else self.intent
        if other_of_two(served, in_order, self.services.knowledge.titles) is not None:
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
                self.further_order = numbers[1]
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

    def named_with(self, wish: str) -> dict[str, str | None]:
        """The order and the product that the message names with this one of its wishes."""
        if len({each.value for each in self._named.get("order_id", [])}) == 1:
            order = [each.value for each in self._named["order_id"] if self._stands_with(each, wish)]
        else:
            order = self._of(wish, "order_id")
        return {"order_id": next(iter(order), None), "product": next(iter(self._of(wish, "product")), None)}

    def _stands_with(self, named: Named, wish: str) -> bool:
        return any(
            named.start is not None and part.wish == wish and part.start <= named.start < part.end
            for part in self._parts
        )

    @classmethod
    async def begin(cls, tracker: Tracker, services: Services, profiles: Profiles) -> "Turn":
        """Read what the turn needs: the profile (with consent only) and the published variants."""
        metadata = tracker.latest_message.get("metadata") or {}
        began = time.perf_counter()
        customer = metadata.get("customer")
        known = None
        if customer:
            known = await profiles.of(str(metadata.get("turn_id") or ""), customer, services)
        profile_ms = (time.perf_counter() - began) * 1000
        turn = cls(tracker, services, known, await services.variants.current())
        turn._profile_ms = profile_ms
        return turn

    # --- what is known ---------------------------------------------------------------------------

    @property
    def who(self) -> Who:
        """On whose behalf the shop is asked."""
        if self.customer is not None:
            return Who(self.customer.customer_id)
        return Who(None, self.slot("email"))

    def entity(self, name: str) -> str | None:
        """The last value of this entity in the message; of an order number the one that comes first."""
        values = self.entities.get(name)
        return values[-1] if values else None

    def slot(self, name: str) -> Any:
        return self._slots.get(name)

    def remember(self, **slots: Any) -> None:
        self._slots.update(slots)

    @property
    def in_a_form(self) -> bool:
        """Whether a form waits for an answer; not when one begins with this very message."""
        return self.active_form is not None and self.slot("requested_slot") is not None

    @property
    def answers(self) -> dict[str, Any]:
        """What the active form has been told so far; empty outside a form."""
        return dict(self._slots.get("answers") or {})

    def answer(self, **values: Any) -> None:
        """Keep answers of the active form; None forgets one."""
        told = {**self.answers, **values}
        self.remember(answers={name: value for name, value in told.items() if value is not None} or None)

    def use_up(self) -> None:
        """The words have been taken up: nothing else is read from them."""
        self.text = self.said = ""
        self.entities = {}

    def read(self, name: str) -> object | None:
        """The value of a name for conditions and templates; every attribute read is kept for the record."""
        match name.split(".", 1):
            case ["customer", attribute]:
                return self._attribute(name, attribute)
            case ["message", "sentiment"]:
                return self.sentiment
            case ["message", "intent"]:
                return self.intent
            case ["conversation", ("turns" | "angry_turns") as count]:
                return int(self.slot(count) or 0)
        return None

    def _attribute(self, name: str, attribute: str) -> object | None:
        if self.customer is None or self.customer.consent.get(PURPOSE) is not True:
            return None
        value: object | None = self.customer.attributes.get(attribute)
        self._read_names[name] = value
        return value

    # --- what is answered ------------------------------------------------------------------------

    def say(
        self,
        reply: str,
        *,
        quick_replies: list[dict[str, Any]] | None = None,
        cards: list[dict[str, Any]] | None = None,
        before: bool = False,
        **values: object,
    ) -> None:
        """Add a message, `before` all others if asked. `quick_replies` come before those of the chosen text."""
        began = time.perf_counter()
        choice, version = self._choose(reply, values)
        self._choose_ms += (time.perf_counter() - began) * 1000
        self._conditions += [vars(checked) for checked in choice.checked]
        for variant in choice.unusable:
            self.note(f"{reply}: variant {variant} lacked a value")
        self._messages.insert(
            0 if before else len(self._messages),
            {
                "text": choice.text,
                "custom": {
                    "reply": reply,
                    "variant": choice.variant,
                    "variant_set": version,
                    "quick_replies": [*(quick_replies or []), *choice.quick_replies],
                    "cards": cards or [],
                },
            },
        )

    def offer(self, quick: dict[str, Any]) -> None:
        """Add a quick reply to the last message."""
        self._messages[-1]["custom"]["quick_replies"].append(quick)

    def offer_once(self, quick: dict[str, Any]) -> None:
        """Add a quick reply to the last message, unless one of the messages has it."""
        if all(quick not in message["custom"]["quick_replies"] for message in self._messages):
            self.offer(quick)

    def _choose(self, reply: str, values: dict[str, object]) -> tuple[Choice, str]:
        try:
            return choose(self._variants, reply, values, self.read), self._variants.version
        except UnknownReply:
            # An older set than this code was published: its own files have the reply.
            log.error("published variants lack a reply", reply=reply, version=self._variants.version)
            files = self.services.variants.from_files
            return choose(files, reply, values, self.read), files.version

    def greeting_paths(self) -> Iterator[GreetingPath]:
        """The published greeting paths that hold, in their order."""
        for path in self._variants.greeting:
            fits = holds(path.when, self.read)
            self._conditions.append(
                {
                    "reply": path.reply,
                    "variant": f"path {path.name}",
                    "condition": describe(path.when),
                    "holds": fits,
                }
            )
            if fits:
                yield path

    def note(self, step: str) -> None:
        """A step of the path, for the record."""
        self._path.append(step)

    def concern(self, issue: str, outcome: str, **summary: str) -> None:
        """What the turn was about and how it stands, for the customer's history; `summary` says more of it."""
        self._interaction = {"issue": issue, "outcome": outcome}
        if summary:
            self._interaction["summary"] = summary

    def show_form(self, form: dict[str, Any]) -> None:
        """How far the active form is, for the record."""
        self._form = form

    def misread(self, turn_id: str) -> None:
        """The customer says that the message of this turn was misread."""
        self._misread = turn_id

    def hand_off(self, reason: str) -> None:
        self._handoff = {"reason": reason}

    @property
    def handed_off(self) -> bool:
        return self._handoff is not None

    def go_on_with(self, action: str) -> None:
        """Let this action or form run next in the same turn."""
        self._followup = action

    def leave_form(self, *, keep_order: bool = True) -> None:
        """End the active form; what it had gathered is forgotten, but for the order that was spoken of."""
        self._leave_form = True
        self.remember(requested_slot=None, choices=None, answers=None, failures=0.0)
        if not keep_order:
            self.remember(order_id=None)

    @property
    def goes_on(self) -> bool:
        """Whether another action or form runs next in the same turn."""
        return self._followup is not None

    @property
    def silent(self) -> bool:
        """Whether nothing is said, as when somebody else owns the conversation now."""
        return not self._messages

    @property
    def left_form(self) -> bool:
        return self._leave_form

    # --- the end ---------------------------------------------------------------------------------

    def messages(self) -> list[dict[str, Any]]:
        """The messages; the last one carries the decision record."""
        if self._messages and self.sentiment == "angry" and not self.handed_off:
            offers = self._messages[-1]["custom"]["quick_replies"]
            if all(offer["command"]["intent"] != "contact_human_agent" for offer in offers):
                offers.append(quick_reply("Talk to a person", "contact_human_agent"))
        if self._messages:
            self._messages[-1]["custom"]["decision"] = self.decision()
        return self._messages

    def decision(self) -> dict[str, Any]:
        """The record of why, as docs/contracts.md has it."""
        record: dict[str, Any] = {
            "customer": None,
            "attributes_read": [
                {"name": name, "value": value, "purpose": PURPOSE} for name, value in self._read_names.items()
            ],
            "conditions": self._conditions,
            "path": self._path,
            "mood": None if self.only_details else self.sentiment,
            "milliseconds": {
                "profile": round(self._profile_ms, 2),
                "shop": round(self.deadline.spent * 1000, 2),
                "choose": round(self._choose_ms, 2),
            },
        }
        if self.customer is not None:
            record["customer"] = {
                "customer_id": self.customer.customer_id,
                "profile_version": self.customer.profile_version,
                "source": self.customer.source,
                "consent": self.customer.consent,
            }
        if self._interaction is not None:
            record["interaction"] = self._interaction
        if self._handoff is not None:
            record["handoff"] = self._handoff
        if self._misread is not None:
            record["misread"] = {"turn_id": self._misread}
        if self._form is not None:
            record["form"] = self._form
        return record

    def events(self) -> list[dict[str, Any]]:
        """The changed slots, and what Rasa does next."""
        names = [name for name, value in self._slots.items() if value != self._before.get(name)]
        events = [SlotSet(name, self._slots[name]) for name in names if name != "requested_slot"]
        if self.active_form is not None:
            if not events:
                # A form that sets nothing counts as refused in Rasa.
                events.append(SlotSet("turns", self.slot("turns")))
            # The form's next question is said here, so Rasa is always told which one it is.
            events.append(SlotSet("requested_slot", self.slot("requested_slot")))
            if self._leave_form:
                events.append(ActiveLoop(None))
                self._followup = self._followup or "action_listen"
        if self._followup is not None:
            events.append(FollowupAction(self._followup))
        return [dict(event) for event in events]


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
