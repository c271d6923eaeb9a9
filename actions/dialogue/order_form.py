"""Forms that work on one order: they find out which, by its number, its things, its day, its price or its place."""

import re
from datetime import UTC, datetime
from typing import Any

from actions.catalogue import without_generic
from actions.dialogue import answers, signs
from actions.dialogue.asking import TO_PERSON
from actions.dialogue.form import Form
from actions.orders import card, is_order_id, label, named_items, pick
from actions.shop import Order, OrderNotFound
from actions.turn import Turn
from actions.variants.schema import quick_reply

MOST_SHOWN = 5
_FINDS = frozenset({"order_id", "email"})
#: "No, the other order": one that was offered, or might have been, is meant instead of the present one.
_ANOTHER = re.compile(
    r"\b((the |my )?other (order|one|parcel)|another (order|parcel)|(wrong|different) (order|one|parcel)|not (that|this) (order|one|parcel))\b",
    re.I,
)
_WITHOUT = re.compile(
    r"\b(go|carry|going|continue) (on )?without\b|\bwithout (an|the|any) order\b(?! number)", re.I
)


class OrderForm(Form[Order]):
    """Its forms say for which orders they can do something, and go on with the one that was found.

    A thing that is in none of them is never taken for another: it is said so, and asked.
    """

    issue = "order"
    #: For a form about things that were bought: the intent whose general answer helps without an order.
    without_order: str | None = None

    async def candidates(self, turn: Turn, orders: list[Order]) -> list[Order]:
        """The orders for which this form can do something."""
        raise NotImplementedError

    async def nothing(self, turn: Turn) -> None:
        """None of the customer's orders is a candidate."""
        raise NotImplementedError

    # --- the order as what the form works on -----------------------------------------------------

    async def settled(self, turn: Turn) -> Order | None:
        order_id = turn.slot("order_id")
        if turn.slot("requested_slot") in {None, *_FINDS} or order_id is None:
            return None
        try:
            return await turn.services.shop.order(order_id, turn.who, turn.deadline)
        except OrderNotFound:
            return None

    async def find(self, turn: Turn, asked: str | None) -> Order | None:
        if turn.customer is None and (email := turn.entity("email")) is not None:
            turn.remember(email=email)
        if self.without_order is not None and asked in {None, *_FINDS}:
            if asked is not None and _WITHOUT.search(turn.text):
                await self._go_on_without(turn, self.without_order)
                return None
            # Until it is known to be in an order; a form may begin with one from the form before.
            turn.answer(thing=turn.entity("product") or turn.answers.get("thing"))
        given = turn.entity("order_id")
        if given is not None and not is_order_id(given):
            turn.remember(requested_slot="order_id")
            self.not_ours(turn, given)
            return None
        if turn.customer is None:
            return await self._of_visitor(turn, asked, given)
        return await self._of_customer(turn, asked, given)

    async def proceed(self, turn: Turn, subject: Order, asked: str | None) -> None:
        thing = turn.answers.get("thing")
        if thing is not None:
            turn.answer(thing=None)
            if not self._holds(turn, subject, thing):
                await self._thing_elsewhere(turn, subject, thing)
                return
        before = turn.slot("order_id")
        if asked is not None and before is not None and subject.order_id != before:
            early = {field.name for field in self.fields if field.early is not None}
            turn.remember(answers={name: value for name, value in turn.answers.items() if name in early})
            turn.note("another order was named")
            asked = asked if asked in _FINDS else None
        turn.remember(order_id=subject.order_id, asked=None)
        await super().proceed(turn, subject, asked)

    def finds_by(self) -> frozenset[str]:
        return _FINDS

    def known(self, turn: Turn) -> dict[str, str]:
        order_id = turn.slot("order_id") if turn.left_form else None
        order_id = turn.entity("order_id") or order_id or turn.slot("order_id")
        return {"order_id": order_id} if order_id else {}

    def forget(self, turn: Turn) -> None:
        turn.remember(order_id=None)

    def found(self, turn: Turn) -> list[dict[str, str]]:
        known = [("order_id", "Order", turn.slot("order_id"))]
        if turn.customer is None:
            known.append(("email", "E-mail address", turn.slot("email")))
        return [{"name": name, "label": title, "value": value} for name, title, value in known if value]

    async def answers_it(self, turn: Turn, asked: str) -> bool:
        if turn.customer is None or "order_id" in turn.entities:
            return await super().answers_it(turn, asked)
        if asked == "order_id":
            orders = await turn.services.shop.orders(turn.who, turn.deadline)
            return bool(self._meant(turn, orders))
        return await super().answers_it(turn, asked) or await self._another(turn, asked) is not None

    # --- a visitor's -----------------------------------------------------------------------------

    async def _of_visitor(self, turn: Turn, asked: str | None, given: str | None) -> Order | None:
        """A visitor's order: number and e-mail address, checked by the shop."""
        order_id = given or turn.slot("order_id")
        if order_id is None or not turn.slot("email"):
            missing = "order_id" if order_id is None else "email"
            if order_id is not None:
                turn.remember(order_id=order_id)
            helped = given is not None or "email" in turn.entities
            if given is None and self.for_a_person(turn, asked):
                return None
            if asked in _FINDS and not helped:
                await self.unhelpful(turn, missing)
            else:
                await self.repeat(turn, missing)
            return None
        if asked in _FINDS and given is None and "email" not in turn.entities:
            await self.unhelpful(turn, asked)
            return None
        return await self._look_up(turn, order_id)

    async def _look_up(self, turn: Turn, order_id: str) -> Order | None:
        try:
            return await turn.services.shop.order(order_id, turn.who, turn.deadline)
        except OrderNotFound:
            # The same words for an unknown order and for somebody else's: whose it is, is not told.
            turn.note("order not found for this person")
            turn.remember(requested_slot="order_id")
            if turn.customer is None:
                turn.remember(order_id=order_id)
            self.not_found(turn, order_id)
            return None

    # --- a customer's ----------------------------------------------------------------------------

    async def _of_customer(self, turn: Turn, asked: str | None, given: str | None) -> Order | None:
        if given is not None:
            return await self._look_up(turn, given)
        settled = turn.slot("order_id") if asked not in {None, "order_id"} else None
        if settled is not None:
            others = await self._another(turn, str(asked))
            if others is None:
                return await self._look_up(turn, settled)
            return self._one_of(turn, others)
        orders = await turn.services.shop.orders(turn.who, turn.deadline)
        if not orders:
            turn.say("utter_no_orders", act=self.act)
            turn.leave_form()
            return None
        candidates = await self.candidates(turn, orders)
        meant = self._meant(turn, candidates) or self._meant(turn, orders)
        if not meant and asked is None:
            meant = self._in_focus(turn, orders, candidates) or candidates
        thing = turn.answers.get("thing")
        if thing is not None and not any(self._holds(turn, order, thing) for order in orders):
            self._say_missing(turn, thing, candidates)
        elif meant:
            return self._one_of(turn, meant)
        elif asked is None:
            await self.nothing(turn)
        else:
            await self.unhelpful(turn, "order_id")
        return None

    # --- a thing that is not in the order --------------------------------------------------------

    def _holds(self, turn: Turn, order: Order, thing: str) -> bool:
        """Whether the thing is in the order, or something that the words may mean as well."""
        catalogue = turn.services.knowledge.catalogue
        named = [product for item in order.items if (product := catalogue.product(item.sku)) is not None]
        words = without_generic(turn.said if "product" in turn.entities else thing)
        return (
            any(item.sku == thing for item in order.items)
            or bool(named_items(words, order.items))
            or any(catalogue.is_called(product, words) for product in named)
        )

    async def _thing_elsewhere(self, turn: Turn, order: Order, thing: str) -> None:
        """The thing is not in the order that was named: say so, and ask which order it is."""
        orders = [] if turn.customer is None else await turn.services.shop.orders(turn.who, turn.deadline)
        holding = [other for other in orders if self._holds(turn, other, thing)]
        if holding:
            turn.note(f"{thing} is not in {order.order_id}")
            name = self._name_of(turn, thing)
            turn.say("utter_thing_in_other_order", product=name, order_id=order.order_id)
            self._choose(turn, [*holding, order])
        else:
            self._say_missing(turn, thing, [order], order.order_id)

    def _say_missing(self, turn: Turn, thing: str, orders: list[Order], order_id: str | None = None) -> None:
        shown = orders[:MOST_SHOWN]
        turn.note(f"{thing} is in none of the orders: asked which")
        turn.concern(self.issue, "open")
        turn.answer(thing=None)
        turn.remember(
            requested_slot="order_id",
            choices=[order.order_id for order in shown],
            product=thing if turn.services.knowledge.catalogue.product(thing) else turn.slot("product"),
        )
        turn.say(
            "utter_thing_not_found",
            product=self._name_of(turn, thing),
            order_id=order_id,
            count=len(shown),
            quick_replies=[
                *(quick_reply(label(order), "inform", order_id=order.order_id) for order in shown),
                quick_reply("Go on without an order", "inform"),
                TO_PERSON,
            ],
        )

    def _name_of(self, turn: Turn, thing: str) -> str:
        product = turn.services.knowledge.catalogue.product(thing)
        return product.name if product else thing

    async def _go_on_without(self, turn: Turn, general: str) -> None:
        turn.note(f"{self.intent}: without an order, {general}")
        turn.leave_form()
        await answers.answer(turn, general)

    def _one_of(self, turn: Turn, orders: list[Order]) -> Order | None:
        if len(orders) == 1:
            return orders[0]
        self._choose(turn, orders)
        return None

    async def _another(self, turn: Turn, asked: str) -> list[Order] | None:
        """The orders one of which is meant instead of the present one: "no, the other order", "I meant the lamp".

        None when the message stays with the present order.
        """
        other = _ANOTHER.search(turn.text) is not None
        if not (other or signs.corrects(turn.text)) or (self.is_free(asked) and not other):
            return None
        orders = await turn.services.shop.orders(turn.who, turn.deadline)
        present = turn.slot("order_id")
        candidates = [o for o in await self.candidates(turn, orders) if o.order_id != present]
        offered = [o for o in candidates if o.order_id in (turn.slot("choices") or [])]
        named = self._meant(turn, offered) or self._meant(turn, candidates)
        here = [order for order in orders if order.order_id == present]
        if not other and self._meant(turn, here):
            return None  # it speaks of something in the present order
        return named or ((offered or candidates or None) if other else None)

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
            text=turn.said,
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

    async def ways_on(self, turn: Turn, asked: str) -> list[dict[str, Any]]:
        if asked != "order_id" or turn.customer is None:
            return await super().ways_on(turn, asked)
        orders = await turn.services.shop.orders(turn.who, turn.deadline)
        shown = turn.slot("choices") or [o.order_id for o in await self.candidates(turn, orders)][:MOST_SHOWN]
        return [quick_reply(label(o), "inform", order_id=o.order_id) for o in orders if o.order_id in shown]

    async def ask(self, turn: Turn, asked: str, again: bool) -> None:
        if asked == "email":
            turn.say("utter_ask_email", act=self.act, order_id=turn.slot("order_id"), again=again)
        elif asked != "order_id":
            await super().ask(turn, asked, again)
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
