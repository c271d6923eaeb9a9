"""Send an order that is not packed yet to another address."""

import hashlib

from actions.dialogue.address_fields import ADDRESS_FIELDS, address_of
from actions.dialogue.form import yes_no
from actions.dialogue.order_form import OrderForm
from actions.orders import item_names
from actions.shop import Act, Order
from actions.turn import Turn
from actions.variants.schema import quick_reply
from actions.wording import STATUS_WORDS


class ChangeShippingAddress(OrderForm):
    intent = "change_shipping_address"
    act = "send an order somewhere else"
    verbs = "change|send it"
    fields = ADDRESS_FIELDS

    async def advance(self, turn: Turn, asked: str | None) -> None:
        if turn.customer is None:
            # An order number and an e-mail address are enough to look, not to send a parcel to another door.
            turn.note("a visitor can't change where a parcel goes")
            turn.concern(self.issue, "open")
            turn.remember(offer="person_mentioned")
            to_person = [quick_reply("Talk to a person", "contact_human_agent")]
            turn.say("utter_address_needs_sign_in", quick_replies=to_person)
            turn.leave_form()
            return
        await super().advance(turn, asked)

    async def candidates(self, turn: Turn, orders: list[Order]) -> list[Order]:
        return [order for order in orders if order.address_changeable]

    async def nothing(self, turn: Turn) -> None:
        turn.note("no order can go somewhere else")
        turn.concern(self.issue, "answered")
        turn.say(
            "utter_nothing_to_redirect",
            quick_replies=[
                quick_reply("Save an address in my account", "set_up_shipping_address"),
                quick_reply("Talk to a person", "contact_human_agent"),
            ],
        )
        turn.leave_form()

    async def ready(self, turn: Turn, order: Order) -> bool:
        if order.address_changeable:
            return True
        turn.note(f"order is {order.status}: its address is fixed")
        await self.refused(
            turn, order, f"{order.order_id} is {STATUS_WORDS.get(order.status, order.status)}."
        )
        turn.leave_form()
        return False

    async def summarise(self, turn: Turn, order: Order) -> None:
        present = order.delivery_address
        turn.say(
            "utter_confirm_address",
            order_id=order.order_id,
            items=item_names(order.items),
            address=address_of(turn).in_words(),
            present=present.in_words() if present else None,
            quick_replies=yes_no("Yes, send it there", order_id=order.order_id),
        )

    def act_name(self, turn: Turn, order: Order) -> str:
        where = hashlib.sha256(address_of(turn).in_words().encode()).hexdigest()[:12]
        return f"address-{where}:{order.order_id}"

    async def act_on(self, turn: Turn, order: Order, key: str) -> Act | None:
        address = address_of(turn)
        done = await turn.services.shop.change_address(
            order.order_id, turn.who, key, turn.deadline, address=address
        )
        turn.note("delivery address changed")
        turn.concern(self.issue, "resolved")
        turn.say("utter_address_changed", order_id=order.order_id, address=address.in_words())
        return done.act
