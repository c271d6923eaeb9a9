"""A form works on one order: it finds out which, keeps through digressions, and never acts unasked."""

from datetime import UTC, datetime
from typing import Any

from actions.dialogue import answers, signs, verdict
from actions.dialogue.courtesies import courtesy
from actions.dialogue.meanings import asked_which
from actions.dialogue.questions import answer_question, tell_rule
from actions.dialogue.wishes import FORMS
from actions.orders import card, is_order_id, label, pick
from actions.shop import Order, OrderNotFound, ShopUnavailable
from actions.turn import Turn
from actions.variants.schema import quick_reply

MOST_SHOWN = 5
#: So many messages without a usable value, and a person is offered instead of asking again.
MOST_FAILURES = 3


class OrderForm:
    """Base of the forms. One call of `run` answers one message.

    Class attributes:
        intent: the wish it serves; its Rasa name is `{intent}_form`.
        act: how the wish reads after "to".
        issue: under which issue it stands in the customer's history.
        verbs: what customers call the act, as alternatives of a regular expression; None when it changes nothing.
        rule: the frequent question whose answer holds for every such order.
        reasons: other intents that are only a reason for this wish while it is spoken of.
    """

    intent: str
    act: str
    issue: str = "order"
    verbs: str | None = None
    rule: str | None = None
    reasons: frozenset[str] = frozenset()

    async def candidates(self, turn: Turn, orders: list[Order]) -> list[Order]:
        """The orders for which this form can do something."""
        raise NotImplementedError

    async def proceed(self, turn: Turn, order: Order, asked: str | None) -> None:
        """Go on with the order that was found; `asked` is what the message may answer."""
        raise NotImplementedError

    async def nothing(self, turn: Turn) -> None:
        """None of the customer's orders is a candidate."""
        raise NotImplementedError

    async def ask_again(self, turn: Turn, asked: str) -> None:
        """Repeat the question for a slot of its own."""
        raise NotImplementedError

    async def run(self, turn: Turn) -> None:
        asked = turn.slot("requested_slot")
        try:
            if asked is None:
                await self._start(turn)
            elif not await self._digression(turn, asked):
                await self._advance(turn, asked)
        except ShopUnavailable:
            self._shop_is_away(turn)

    # --- beginning and digressing ----------------------------------------------------------------

    async def _start(self, turn: Turn) -> None:
        turn.remember(failures=0.0, choices=None, return_items=None, return_reason=None, offer=None)
        if not turn.entities and answer_question(turn):
            turn.leave_form()
            return
        if self._refused_by_name(turn, None):
            self._stop(turn)
            return
        if asked_which(turn):
            turn.leave_form()
            return
        turn.note(f"{self.intent}: started")
        if turn.customer is None and not turn.slot("order_id"):
            tell_rule(turn, self.rule)
        turn.remember(topic=self.rule or turn.slot("topic"))
        await self._advance(turn, None)

    async def _digression(self, turn: Turn, asked: str) -> bool:
        """Whether the message was something else than an answer; then it has been dealt with."""
        if self._refused_by_name(turn, asked):
            self._stop(turn)
            return True
        if asked == "confirmed" and self.verbs and verdict.accepts(turn.text, self.verbs):
            return False
        answers_it = await self._answers(turn, asked)
        wish = signs.other_wish(turn, self.intent, asked)
        if wish in self.reasons or self.intent in turn.alternatives:
            wish = None
        if wish is not None and not (answers_it and not signs.is_clear_wish(turn)):
            if asked_which(turn):
                return True
            turn.note(f"{self.intent}: left for {wish}")
            turn.leave_form()
            if wish != "contact_human_agent":
                turn.say("utter_moving_on", act=self.act)
            if wish in FORMS:
                turn.go_on_with(FORMS[wish])
            else:
                await answers.ANSWERS[wish](turn)
            return True
        if answers_it or turn.entities.keys() & {"order_id", "email"}:
            return False
        return await self._aside(turn, asked)

    def _refused_by_name(self, turn: Turn, asked: str | None) -> bool:
        confirming = asked == "confirmed"
        return self.verbs is not None and verdict.refuses(turn.text, self.verbs, asked_to_confirm=confirming)

    def _stop(self, turn: Turn) -> None:
        turn.note(f"{self.intent}: stopped by the customer")
        turn.say("utter_stopped", act=self.act)
        turn.leave_form()

    async def _answers(self, turn: Turn, asked: str) -> bool:
        """Whether the words choose from what was asked for, whatever intent was understood."""
        if asked != "order_id" or turn.customer is None or "order_id" in turn.entities:
            return False
        orders = await turn.services.shop.orders(turn.who, turn.deadline)
        return bool(self._meant(turn, orders))

    async def _aside(self, turn: Turn, asked: str) -> bool:
        """Whether it was a courtesy, a complaint, a refusal or a question beside the matter."""
        if await self._courtesy(turn, asked):
            return True
        if turn.intent == "complaint" and asked != "return_reason":
            await answers.complain(turn)
            await self._repeat(turn, asked)
            return True
        if signs.stops(turn, asked):
            self._stop(turn)
            return True
        if signs.asks_beside(turn, asked, turn.services.knowledge.answers):
            await answers.answer(turn, turn.intent)
            await self._repeat(turn, asked)
            return True
        if self._answered_in_general(turn, asked):
            await self._repeat(turn, asked)
            return True
        return False

    def _answered_in_general(self, turn: Turn, asked: str) -> bool:
        if asked == "return_reason" or signs.says_yes(turn):
            return False
        return (asked in {"order_id", "email"} and tell_rule(turn, self.rule)) or answer_question(
            turn, "inform"
        )

    async def _courtesy(self, turn: Turn, asked: str) -> bool:
        if turn.intent == "goodbye":
            turn.note(f"{self.intent}: the customer left")
            turn.say("utter_goodbye")
            turn.leave_form()
            return True
        kind = courtesy(turn)
        if kind is None or (asked == "confirmed" and signs.says_yes(turn)):
            return False
        turn.say("utter_courtesy", kind=kind, open=True)
        if kind != "wait":  # who looks for something need not be asked for it again
            await self._repeat(turn, asked)
        return True

    # --- finding the order -----------------------------------------------------------------------

    async def _advance(self, turn: Turn, asked: str | None) -> None:
        if turn.customer is None and (email := turn.entity("email")) is not None:
            turn.remember(email=email)
        given = turn.entity("order_id")
        if given is not None and not is_order_id(given):
            turn.say("utter_not_an_order_id", given=given)
            turn.remember(requested_slot="order_id")
            self._failed(turn)
            return
        if turn.customer is None:
            order = await self._of_visitor(turn, asked, given)
        else:
            order = await self._of_customer(turn, asked, given)
        if order is not None:
            if order.order_id != turn.slot("order_id"):
                turn.remember(return_items=None)
            await self.proceed(turn, order, asked)

    async def _of_visitor(self, turn: Turn, asked: str | None, given: str | None) -> Order | None:
        """A visitor's order: number and e-mail address, checked by the shop."""
        order_id = given or turn.slot("order_id")
        if given is not None and asked not in {None, "order_id", "email"} and given != turn.slot("order_id"):
            turn.note("another order was named")
        if order_id is None or not turn.slot("email"):
            missing = "order_id" if order_id is None else "email"
            if order_id is not None:
                turn.remember(order_id=order_id)
            helped = given is not None or "email" in turn.entities
            if asked in {"order_id", "email"} and not helped:
                await self._unhelpful(turn, missing)
            else:
                await self._repeat(turn, missing)
            return None
        if asked in {"order_id", "email"} and given is None and "email" not in turn.entities:
            await self._unhelpful(turn, asked)
            return None
        return await self._look_up(turn, order_id)

    async def _look_up(self, turn: Turn, order_id: str) -> Order | None:
        try:
            return await turn.services.shop.order(order_id, turn.who, turn.deadline)
        except OrderNotFound:
            # The same words for an unknown order and for somebody else's: whose it is, is not told.
            turn.note("order not found for this person")
            turn.say("utter_order_not_found", order_id=order_id, anonymous=turn.customer is None)
            turn.remember(requested_slot="order_id")
            if turn.customer is None:
                turn.remember(order_id=order_id)
            self._failed(turn)
            return None

    async def _of_customer(self, turn: Turn, asked: str | None, given: str | None) -> Order | None:
        if given is not None:
            return await self._look_up(turn, given)
        settled = turn.slot("order_id") if asked not in {None, "order_id"} else None
        if settled is not None:
            return await self._look_up(turn, settled)
        orders = await turn.services.shop.orders(turn.who, turn.deadline)
        candidates = await self.candidates(turn, orders)
        if not orders:
            turn.say("utter_no_orders", act=self.act)
            turn.leave_form()
            return None
        meant = self._meant(turn, candidates) or self._meant(turn, orders)
        if not meant and asked is None:
            meant = self._in_focus(turn, orders, candidates) or candidates
        if len(meant) == 1:
            return meant[0]
        if meant:
            self._choose(turn, meant)
        elif asked is None:
            await self.nothing(turn)
        else:
            await self._unhelpful(turn, "order_id")
        return None

    def _in_focus(self, turn: Turn, orders: list[Order], candidates: list[Order]) -> list[Order]:
        """The order that was just spoken of, when the words point back or it can only be that one."""
        focus = [order for order in orders if order.order_id == turn.slot("order_id")]
        if focus and (
            signs.points_back(turn.text) or (self.intent != "track_order" and focus[0] in candidates)
        ):
            return focus
        return []

    def _meant(self, turn: Turn, orders: list[Order]) -> list[Order]:
        return pick(
            orders,
            shown=turn.slot("choices") or [],
            text=turn.text,
            skus=turn.entities.get("product", []),
            dates=turn.entities.get("date", []),
            amounts=turn.entities.get("money", []),
            today=datetime.now(UTC).date(),
        )

    def _choose(self, turn: Turn, orders: list[Order], again: bool = False) -> None:
        shown = orders[:MOST_SHOWN]
        turn.note(f"{len(orders)} orders fit: asked which")
        turn.remember(requested_slot="order_id", choices=[order.order_id for order in shown])
        turn.say(
            "utter_choose_order",
            act=self.act,
            count=len(orders),
            again=again,
            cards=[card(order) for order in shown],
            quick_replies=[quick_reply(label(o), "inform", order_id=o.order_id) for o in shown],
        )

    # --- asking again ----------------------------------------------------------------------------

    async def _repeat(self, turn: Turn, asked: str) -> None:
        again = turn.slot("requested_slot") == asked
        turn.remember(requested_slot=asked)
        if asked == "email":
            turn.say("utter_ask_email", act=self.act, order_id=turn.slot("order_id"), again=again)
        elif asked != "order_id":
            await self.ask_again(turn, asked)
        elif turn.customer is None:
            email = ("given" if "email" in turn.entities else "known") if turn.slot("email") else None
            turn.say("utter_ask_order_id", act=self.act, again=again, email=email, known=False)
        else:
            orders = await turn.services.shop.orders(turn.who, turn.deadline)
            shown = turn.slot("choices") or [o.order_id for o in await self.candidates(turn, orders)]
            offered = [order for order in orders if order.order_id in shown]
            if offered:
                self._choose(turn, offered, again)
            else:
                turn.say("utter_ask_order_id", act=self.act, again=again, email=None, known=True)

    async def _unhelpful(self, turn: Turn, asked: str) -> None:
        """The message held nothing that was asked for."""
        if (kind := signs.unasked_detail(turn)) is not None:
            # Well meant, so it counts half; a membership is no attempt at an answer.
            if not self._failed(turn, 0.0 if kind == "membership" else 0.5):
                turn.say("utter_detail_noted", kind=kind)
                await self._repeat(turn, asked)
        elif not self._failed(turn):
            turn.say("utter_not_understood", asked=asked)
            await self._repeat(turn, asked)

    def _failed(self, turn: Turn, weight: float = 1.0) -> bool:
        """Count a failure; after too many of them offer a person and end the form (then True)."""
        failures = float(turn.slot("failures") or 0) + weight
        turn.remember(failures=failures)
        if failures < MOST_FAILURES:
            return False
        turn.note(f"{self.intent}: {MOST_FAILURES} failures, a person is offered")
        turn.concern(self.issue, "open")
        answers.offer_person(turn)
        turn.leave_form(keep_order=False)
        return True

    def _shop_is_away(self, turn: Turn) -> None:
        turn.note("shop unavailable")
        turn.concern(self.issue, "open")
        order_id = turn.entity("order_id") or turn.slot("order_id")
        known: dict[str, Any] = {"order_id": order_id} if order_id else {}
        turn.leave_form()
        turn.say(
            "utter_shop_unavailable",
            changing=False,
            quick_replies=[quick_reply("Try again", self.intent, **known)],
        )
