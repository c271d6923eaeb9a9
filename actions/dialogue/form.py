"""A form: what it works on, what it asks for, its summary, its confirmation and its act.

How a form is written. Make a file of its own with a subclass of `Form[S]`, S being what it works on: an order
(then of `OrderForm`, which finds it), an account, or `Who` where there is nothing to find.

    class ChangePhone(Form[Account]):
        intent, act, issue, verbs = "change_phone", "change your number", "general", "change"
        fields = (Field("phone", "New phone number", read_phone, ask_phone),)

        async def settled(self, turn): ...              # the account, silently; None when there is none
        async def find(self, turn, asked): ...          # the same, but says why not, and leaves the form
        async def summarise(self, turn, account): ...   # "I'd change … Shall I?", with `yes_no`
        def act_name(self, turn, account): ...          # part of the idempotency key
        async def act_on(self, turn, account, key): ... # do it, say it; the shop's act if it can be undone

A form that only tells something overrides `complete` instead of the last three. Answers are in `turn.answers`, all in
one slot. Then name it in `actions.dialogue.forms` and `wishes`, in `domain.yml` and in a rule. Refusal, restart,
digressions, corrections, failures, the owner's epoch, doing it once, undoing and the decision record come from here.
Forms are shared by all conversations: nothing may be kept on `self`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from actions.dialogue import signs, undoing, verdict
from actions.dialogue.digressing import Digressing
from actions.shop import Act, OrderNotFound, Refused, ShopUnavailable
from actions.turn import Turn
from actions.variants.schema import quick_reply

S = TypeVar("S")


class NotUsable(Exception):
    """Raised by `read` for an answer that was understood but can't be taken: `reply` says why, then it is asked again."""

    def __init__(self, reply: str, **values: Any) -> None:
        super().__init__(reply)
        self.reply = reply
        self.values = values


@dataclass(frozen=True)
class Field(Generic[S]):
    """One thing that a form asks for.

    Attributes:
        name: under which its value is in `turn.answers`; also what `requested_slot` says.
        label: how an agent reads it.
        read: its value (anything JSON holds) in the message, or None. The last argument tells whether it was asked for:
            if not, only what is unmistakable may be read, for it corrects an earlier answer. Raises `NotUsable`.
        ask: says the question; the last argument tells whether it is asked again.
        needed: whether it is asked for at all, by the answers so far.
        early: reads a value before it is known what the form works on; such a value also outlives a change of that.
        resets: fields whose answers fall with a change of this one.
        free: any words can be the answer.
        shown: the value as an agent reads it.
    """

    name: str
    label: str
    read: Callable[[Turn, S, bool], Any]
    ask: Callable[[Turn, S, bool], None]
    needed: Callable[[Turn], bool] = lambda _turn: True
    early: Callable[[Turn], Any] | None = None
    resets: tuple[str, ...] = ()
    free: bool = False
    shown: Callable[[Any], str] = str


class Form(Digressing, Generic[S]):
    """Finds what it works on, fills its fields in their order, summarises, asks, and acts once."""

    fields: tuple[Field[S], ...] = ()

    async def settled(self, turn: Turn) -> S | None:
        """What the form works on if that is known already. Says nothing."""
        raise NotImplementedError

    async def find(self, turn: Turn, asked: str | None) -> S | None:
        """What the form works on; None when it was asked for, or the form ended because there is nothing."""
        return await self.settled(turn)

    async def ready(self, turn: Turn, subject: S) -> bool:
        """Whether it can be done at all; if not, it has been said why and the form is left."""
        return True

    async def allowed(self, turn: Turn, subject: S) -> bool:
        """Whether it can be done with the answers so far; if not, it has been said why and the form is left."""
        return True

    async def summarise(self, turn: Turn, subject: S) -> None:
        """Say what would be done and ask whether to do it."""
        raise NotImplementedError

    def act_name(self, turn: Turn, subject: S) -> str:
        """What is done to what, in the idempotency key: the same name is the same act."""
        raise NotImplementedError

    async def act_on(self, turn: Turn, subject: S, key: str) -> Act | None:
        """Do it under this idempotency key, and say what happens next.

        Returns:
            The `act` of the shop's answer when it can be undone, else None.

        Raises:
            Refused, OrderNotFound, ShopUnavailable
        """
        raise NotImplementedError

    async def refused(self, turn: Turn, subject: S, detail: str) -> None:
        """The shop will not do it; `detail` is a sentence for the customer."""
        turn.concern(self.issue, "open")
        turn.remember(offer="person_mentioned")
        turn.say(
            "utter_refused",
            act=self.act,
            detail=detail,
            quick_replies=[quick_reply("Talk to a person", "contact_human_agent")],
        )

    async def complete(self, turn: Turn, subject: S, asked: str | None) -> None:
        """All is known. `asked` is "confirmed" only when the message can be the answer to the summary."""
        if asked != "confirmed":
            turn.remember(requested_slot="confirmed")
            await self.summarise(turn, subject)
        elif signs.says_yes(turn) or (self.verbs and verdict.accepts(turn.text, self.verbs)):
            await self._act(turn, subject)
        elif not self.failed(turn):
            await self.ask(turn, asked, True)

    # --- the way to the act ----------------------------------------------------------------------

    async def run(self, turn: Turn) -> None:
        await super().run(turn)
        if not turn.left_form:
            turn.show_form(self.record(turn))

    async def advance(self, turn: Turn, asked: str | None) -> None:
        if asked is None or asked in self.finds_by():
            early = {field.name: field.early(turn) for field in self.fields if field.early is not None}
            turn.answer(**{name: value for name, value in early.items() if value is not None})
        subject = await self.find(turn, asked)
        if subject is not None:
            await self.proceed(turn, subject, asked)

    async def proceed(self, turn: Turn, subject: S, asked: str | None) -> None:
        """Go on with what was found: take the answers, ask for the next, or complete it."""
        if asked != "confirmed" and not await self.ready(turn, subject):
            return
        try:
            taken = self._take(turn, subject, asked)
        except NotUsable as fault:
            await self._not_usable(turn, subject, fault, asked)
            return
        if taken and not await self.allowed(turn, subject):
            return
        missing = self._missing(turn)
        if missing is None:
            await self.complete(turn, subject, None if taken else asked)
        elif asked == missing.name and not taken:
            if not missing.free:
                await self.unhelpful(turn, missing.name)
            elif not self.failed(turn):
                await self.repeat(turn, missing.name)
        else:
            turn.remember(requested_slot=missing.name)
            missing.ask(turn, subject, False)

    async def _not_usable(self, turn: Turn, subject: S, fault: NotUsable, asked: str | None) -> None:
        turn.note(f"{self.intent}: answer not usable")
        if asked is not None and self.failed(turn):
            return
        turn.say(fault.reply, **fault.values)
        missing = self._missing(turn)
        if missing is None:
            await self.complete(turn, subject, None)
        else:
            await self.repeat(turn, missing.name)

    def _take(self, turn: Turn, subject: S, asked: str | None) -> bool:
        """Keep what the message answers or corrects; whether it did."""
        before = dict(turn.answers)
        for field, value in self._read(turn, subject, asked):
            if field.name in before:
                turn.note(f"{self.intent}: {field.name} corrected")
            turn.answer(**{field.name: value}, **dict.fromkeys(field.resets))
        return turn.answers != before

    def _read(self, turn: Turn, subject: S, asked: str | None) -> Iterator[tuple[Field[S], Any]]:
        """The fields with the new values that the message holds for them."""
        # What any words can answer is not searched for other answers, unless it says that it corrects one.
        only = asked is not None and self.is_free(asked) and not signs.corrects(turn.text)
        fallen: set[str] = set()
        for field in self.fields:
            if (only and field.name != asked) or not field.needed(turn):
                continue
            value = field.read(turn, subject, field.name == asked and field.name not in fallen)
            if value is not None and value != turn.answers.get(field.name):
                if field.name in turn.answers:
                    # What corrects an earlier answer is no answer in any words, nor one that falls with it.
                    fallen |= {*field.resets, *(other.name for other in self.fields if other.free)}
                yield field, value

    def _missing(self, turn: Turn) -> Field[S] | None:
        return next(
            (field for field in self.fields if field.name not in turn.answers and field.needed(turn)), None
        )

    async def answers_it(self, turn: Turn, asked: str) -> bool:
        subject = await self.settled(turn) if self.fields else None
        if subject is None or self.is_free(asked):
            return False
        try:
            return any(True for _ in self._read(turn, subject, asked))
        except NotUsable:
            return True

    def is_free(self, asked: str) -> bool:
        return any(field.free for field in self.fields if field.name == asked)

    async def ask(self, turn: Turn, asked: str, again: bool) -> None:
        if asked == "confirmed":
            known = self.known(turn)
            turn.say(
                "utter_ask_confirm_again",
                order_id=known.get("order_id"),
                quick_replies=yes_no("Yes", **known),
            )
            return
        subject = await self.settled(turn)
        field = next(field for field in self.fields if field.name == asked)
        if subject is not None:
            field.ask(turn, subject, again)

    def record(self, turn: Turn) -> dict[str, Any]:
        """How far the form is, for an agent who takes over."""
        filled = self.found(turn) + [
            {"name": field.name, "label": field.label, "value": field.shown(turn.answers[field.name])}
            for field in self.fields
            if field.name in turn.answers
        ]
        missing = [
            {"name": field.name, "label": field.label}
            for field in self.fields
            if field.name not in turn.answers and field.needed(turn)
        ]
        title = turn.services.knowledge.titles.get(self.intent, self.act)
        return {"intent": self.intent, "title": title, "filled": filled, "missing": missing}

    def found(self, turn: Turn) -> list[dict[str, str]]:
        """What the form works on, for the record."""
        return []

    async def _act(self, turn: Turn, subject: S) -> None:
        if not await turn.services.owner_is_still(turn.conversation_id, turn.owner_epoch):
            # Somebody else speaks now, or nobody can tell: neither act nor speak over them.
            turn.note(f"{self.intent}: the owner changed, nothing was done")
            turn.leave_form()
            return
        done = int(turn.slot("acts") or 0)
        key = f"{turn.conversation_id}:{self.act_name(turn, subject)}:{done}"
        try:
            act = await self.act_on(turn, subject, key)
        except Refused as refusal:
            turn.note(f"{self.intent}: refused by the shop")
            await self.refused(turn, subject, str(refusal))
        except OrderNotFound:
            await self.refused(turn, subject, "The order can't be found any more.")
        except ShopUnavailable:
            # It may have gone through. The form stays, and the key makes another yes harmless.
            turn.note(f"{self.intent}: shop unavailable while acting, kept for another yes")
            turn.concern(self.issue, "open")
            again = quick_reply("Try again", "affirm", **self.known(turn))
            turn.say("utter_shop_unavailable", changing=True, quick_replies=[again])
            return
        else:
            turn.remember(acts=float(done + 1))
            undoing.offer(turn, act, self.known(turn))
        turn.leave_form()


def yes_no(yes: str, **known: str) -> list[dict[str, Any]]:
    """Quick replies of a confirmation; the yes names its order, so that an old button can't confirm another."""
    return [quick_reply(yes, "affirm", **known), quick_reply("No, leave it", "deny")]
