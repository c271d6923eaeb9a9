"""One turn as an action sees it: who speaks, what may be known of them, what is answered, and why."""

import time
from collections.abc import Iterator
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet

from actions.message import Message
from actions.profile import PURPOSE, KnownCustomer, Profiles
from actions.record import DecisionRecord
from actions.services import Services
from actions.shop import Deadline, Who
from actions.variants.choose import Choice, UnknownReply, choose
from actions.variants.compiled import CompiledSet
from actions.variants.schema import GreetingPath, quick_reply
from common.logs import get_logger
from profiles.conditions import describe, holds

log = get_logger(__name__)


class Turn(Message):
    """A message, and what one action says, remembers and decides. Made by `begin`, ended by `messages` and `events`."""

    def __init__(
        self, tracker: Tracker, services: Services, customer: KnownCustomer | None, variants: CompiledSet
    ) -> None:
        self.services = services
        self.customer = customer
        self._slots = dict(tracker.slots)
        self._before = dict(tracker.slots)
        self.active_form: str | None = (tracker.active_loop or {}).get("name")
        super().__init__(
            tracker.latest_message,
            form=self.active_form.removesuffix("_form") if self.active_form and self.in_a_form else None,
            mood=str(self.slot("mood") or "neutral"),
            known=services.knowledge.titles,
        )
        metadata = tracker.latest_message.get("metadata") or {}
        self.turn_id = str(metadata.get("turn_id") or "")
        self.conversation_id = str(metadata.get("conversation_id") or tracker.sender_id)
        self.owner_epoch = int(metadata.get("owner_epoch") or 0)
        self.deadline = Deadline()
        self._variants = variants
        self._messages: list[dict[str, Any]] = []
        self._followup: str | None = None
        self._leave_form = False
        self._record = DecisionRecord(customer)

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
        turn._record.profile_ms = profile_ms
        return turn

    # --- what is known ---------------------------------------------------------------------------

    @property
    def who(self) -> Who:
        """On whose behalf the shop is asked."""
        if self.customer is not None:
            return Who(self.customer.customer_id)
        return Who(None, self.slot("email"))

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
        self._record.attributes[name] = value
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
        self._record.choose_ms += (time.perf_counter() - began) * 1000
        self._record.conditions += [vars(checked) for checked in choice.checked]
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
            self._record.conditions.append(
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
        self._record.path.append(step)

    def concern(self, issue: str, outcome: str, **summary: str) -> None:
        """What the turn was about and how it stands, for the customer's history; `summary` says more of it."""
        self._record.interaction = {"issue": issue, "outcome": outcome}
        if summary:
            self._record.interaction["summary"] = summary

    def show_form(self, form: dict[str, Any]) -> None:
        """How far the active form is, for the record."""
        self._record.form = form

    def misread(self, turn_id: str) -> None:
        """The customer says that the message of this turn was misread."""
        self._record.misread = turn_id

    def hand_off(self, reason: str) -> None:
        self._record.handoff = reason

    @property
    def handed_off(self) -> bool:
        return self._record.handoff is not None

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
        mood = None if self.only_details else self.sentiment
        return self._record.as_json(mood, self.deadline.spent)

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
