"""Forms on what belongs to one person: a signed-in customer's, or that of a visitor who knows an order's number
and its e-mail address."""

from typing import TypeVar

from actions.accounts import Account
from actions.dialogue.form import Form
from actions.orders import is_order_id
from actions.shop import OrderNotFound
from actions.turn import Turn
from actions.variants.schema import quick_reply

S = TypeVar("S")
_FINDS = frozenset({"order_id", "email"})


class PersonalForm(Form[S]):
    """Its forms load what they work on once it is known who asks."""

    async def load(self, turn: Turn) -> S:
        """What the form works on, for `turn.who` (a visitor with the order of the slot `order_id`).

        Raises:
            OrderNotFound: not theirs.
        """
        raise NotImplementedError

    def proof(self, turn: Turn) -> str | None:
        """The e-mail address in the message by which a visitor says who they are."""
        return turn.entity("email")

    async def settled(self, turn: Turn) -> S | None:
        identified = turn.slot("requested_slot") not in {None, *_FINDS}
        if turn.customer is None and not (identified and turn.slot("order_id") and turn.slot("email")):
            return None
        try:
            return await self.load(turn)
        except OrderNotFound:
            return None

    async def find(self, turn: Turn, asked: str | None) -> S | None:
        if turn.customer is not None:
            return await self._of_customer(turn)
        if asked not in {None, *_FINDS}:
            return await self.settled(turn)
        return await self._of_visitor(turn, asked)

    async def _of_customer(self, turn: Turn) -> S | None:
        try:
            return await self.load(turn)
        except OrderNotFound:
            turn.note("no account for this customer")
            await self._not_found(turn)
            return None

    async def _of_visitor(self, turn: Turn, asked: str | None) -> S | None:
        if (email := self.proof(turn)) is not None:
            turn.remember(email=email)
        given = turn.entity("order_id")
        if given is not None and not is_order_id(given):
            turn.remember(requested_slot="order_id")
            self.not_ours(turn, given)
            return None
        if given is not None:
            turn.remember(order_id=given)
        helped = given is not None or email is not None
        missing = "order_id" if not turn.slot("order_id") else None if turn.slot("email") else "email"
        if asked is not None and not helped:
            await self.unhelpful(turn, missing or asked)
            return None
        if given is None and missing is not None and self.for_a_person(turn, asked):
            return None
        if missing is not None:
            await self.repeat(turn, missing)
            return None
        try:
            return await self.load(turn)
        except OrderNotFound:
            turn.note("order not found for this person")
            turn.remember(requested_slot="order_id")
            self.not_found(turn, str(turn.slot("order_id")))
            return None

    async def _not_found(self, turn: Turn) -> None:
        turn.concern(self.issue, "open")
        turn.remember(offer="person_mentioned")
        to_person = [quick_reply("Talk to a person", "contact_human_agent")]
        turn.say("utter_account_not_found", quick_replies=to_person)
        turn.leave_form()

    def finds_by(self) -> frozenset[str]:
        return _FINDS

    def known(self, turn: Turn) -> dict[str, str]:
        order_id = turn.slot("order_id")
        return {"order_id": order_id} if order_id and turn.customer is None else {}

    def found(self, turn: Turn) -> list[dict[str, str]]:
        if turn.customer is not None:
            return []
        known = [("order_id", "Order"), ("email", "E-mail address")]
        return [
            {"name": name, "label": label, "value": turn.slot(name)}
            for name, label in known
            if turn.slot(name)
        ]

    async def ask(self, turn: Turn, asked: str, again: bool) -> None:
        if asked == "email":
            turn.say("utter_ask_email", act=self.act, order_id=turn.slot("order_id"), again=again)
        elif asked == "order_id":
            email = ("given" if "email" in turn.entities else "known") if turn.slot("email") else None
            turn.say("utter_ask_order_id", act=self.act, again=again, email=email, known=False)
        else:
            await super().ask(turn, asked, again)


class AccountForm(PersonalForm[Account]):
    """Its forms work on the account."""

    async def load(self, turn: Turn) -> Account:
        return await turn.services.shop.accounts.account(
            turn.who, turn.deadline, order_id=turn.slot("order_id")
        )
