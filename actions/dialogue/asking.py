"""Asking again: the same not for ever, what would help instead, and at last a person."""

from typing import Any

from actions.dialogue import answers, signs
from actions.turn import Turn
from actions.variants.schema import quick_reply

#: So many messages without a usable value, and a person is offered instead of asking again.
MOST_FAILURES = 3
#: So often the same is asked for; then it is said what would help, and what else could be done.
MOST_ASKED = 2
TO_PERSON = quick_reply("Talk to a person", "contact_human_agent")
#: Its words say that the answer can't be given (`signs.lacks_it`).
LACKS_IT = quick_reply("I don't have it", "inform")


class Asking:
    """What a form says when an answer does not come, or was none.

    Class attributes:
        intent: the wish it serves; its Rasa name is `{intent}_form`.
        act: how the wish reads after "to".
        issue: under which issue it stands in the customer's history.
    """

    intent: str
    act: str
    issue: str = "general"

    async def ask(self, turn: Turn, asked: str, again: bool) -> None:
        """Say the question for `asked`."""
        raise NotImplementedError

    def finds_by(self) -> frozenset[str]:
        """The slots that only find what the form works on: rules that hold for all may be told meanwhile."""
        return frozenset()

    async def repeat(self, turn: Turn, asked: str, *, aside: bool = False) -> None:
        """Ask for it (again); once it was asked for `MOST_ASKED` times, say what would help instead.

        Args:
            aside: the message was no attempt at an answer and has been answered: nothing new needs to be said then.
        """
        before = self._asked_before(turn, asked)
        again = turn.slot("requested_slot") == asked
        count = {"name": asked, "times": before["times"] + 1, "helped": before["helped"]}
        turn.remember(requested_slot=asked, asked=count)
        often = count["times"] > MOST_ASKED
        if not often or (aside and asked == "confirmed"):
            await self.ask(turn, asked, again)
            return
        if turn.silent or not again or not (aside or before["helped"]):
            turn.remember(asked={**count, "helped": before["helped"] + 1})
            await self.help_with(turn, asked)
        turn.offer_once(TO_PERSON)

    def _asked_before(self, turn: Turn, asked: str) -> dict[str, Any]:
        """How often it was asked for in a row, and how often it was said what would help."""
        last = turn.slot("asked") or {}
        if last.get("name") == asked:
            return dict(last)
        return {"name": asked, "times": int(turn.slot("requested_slot") == asked), "helped": 0}

    async def help_with(self, turn: Turn, asked: str) -> None:
        """Say how else one can get on when the answer to `asked` does not come."""
        turn.say(
            "utter_what_would_help",
            asked=asked,
            act=self.act,
            known=turn.customer is not None,
            times=self._asked_before(turn, asked)["helped"],
            quick_replies=[*await self.ways_on(turn, asked), TO_PERSON],
        )

    async def ways_on(self, turn: Turn, asked: str) -> list[dict[str, Any]]:
        """Quick replies for who can't answer."""
        return [LACKS_IT] if asked in self.finds_by() else [quick_reply("Leave it", "deny")]

    async def unhelpful(self, turn: Turn, asked: str) -> None:
        """The message held nothing that was asked for."""
        before = self._asked_before(turn, asked)
        if asked in self.finds_by() and signs.lacks_it(turn.text):
            if before["helped"]:
                self.give_up(turn)
            elif not self.failed(turn):
                turn.remember(asked={**before, "times": max(before["times"], MOST_ASKED)})
                await self.repeat(turn, asked)
        elif (kind := signs.unasked_detail(turn)) is not None:
            # Well meant, so it counts half at first; a membership is no attempt at an answer.
            if not self.failed(turn, 1.0 if before["helped"] else 0.0 if kind == "membership" else 0.5):
                turn.say("utter_detail_noted", kind=kind)
                await self.repeat(turn, asked)
        elif not self.failed(turn):
            if before["times"] < MOST_ASKED:
                turn.say("utter_not_understood", asked=asked)
            await self.repeat(turn, asked)

    def failed(self, turn: Turn, weight: float = 1.0) -> bool:
        """Count a failure; after too many of them offer a person and end the form (then True)."""
        failures = float(turn.slot("failures") or 0) + weight
        turn.remember(failures=failures)
        if failures < MOST_FAILURES:
            return False
        self.give_up(turn)
        return True

    def not_found(self, turn: Turn, order_id: str) -> None:
        """There is no such order for whoever asks."""
        again = bool(turn.slot("failures"))
        offers = [TO_PERSON] if again else []
        visitor = turn.customer is None
        turn.say(
            "utter_order_not_found", order_id=order_id, anonymous=visitor, again=again, quick_replies=offers
        )
        self.failed(turn)

    def not_ours(self, turn: Turn, given: str) -> None:
        """What was given as an order number can't be one."""
        again = bool(turn.slot("failures"))
        turn.say(
            "utter_not_an_order_id", given=given, again=again, quick_replies=[TO_PERSON] if again else []
        )
        self.failed(turn)

    def for_a_person(self, turn: Turn, asked: str | None) -> bool:
        """Whether an address or a thing was given in place of a number that does not come: a person is offered then."""
        given = turn.entities.keys() & {"email", "product"}
        if asked != "order_id" or not given or not self._asked_before(turn, asked)["helped"]:
            return False
        turn.note(f"{self.intent}: {' and '.join(sorted(given))} instead of a number, a person is offered")
        turn.concern(self.issue, "open")
        turn.remember(product=turn.entity("product") or turn.slot("product"))
        answers.offer_person(turn, "utter_person_can_find")
        turn.leave_form(keep_order=False)
        return True

    def give_up(self, turn: Turn) -> None:
        """Offer a person and end the form."""
        turn.note(f"{self.intent}: no usable answer, a person is offered")
        turn.concern(self.issue, "open")
        answers.offer_person(turn)
        turn.leave_form(keep_order=False)
