"""A shop in memory with two orders of one customer: as strict as the real one about who asks, and it counts its acts."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from actions.shop import (
    Act,
    Address,
    Case,
    ChangedOrder,
    Deadline,
    Item,
    ItemWarranty,
    OpenedCase,
    Order,
    OrderNotFound,
    Refund,
    Refused,
    Undone,
    Who,
)

OWNER, EMAIL = "C000001", "owner@example.com"
HERE, ARRIVED = "RP-100101", "RP-100104"
#: Only the shop knows these: whoever reads one was told of an order.
SECRETS = ("Zephyrine", "Quillon", "Marrow Street", "£")


def _orders() -> dict[str, Order]:
    now = datetime.now(UTC)
    items = [
        Item(sku="HV-KT-01", name="Zephyrine Kettle", quantity=2, price=49.0),
        Item(sku="HV-KT-03", name="Quillon Toaster", quantity=1, price=35.0),
    ]
    home = Address(line1="4 Marrow Street", city="Leeds", postcode="LS1 4DY")
    here = Order(
        order_id=HERE,
        status="processing",
        placed_at=now - timedelta(1),
        expected_at=now + timedelta(3),
        items=items,
        total=133.0,
        cancellable=True,
        changeable=True,
        address_changeable=True,
        delivery_address=home,
    )
    arrived = Order(
        order_id=ARRIVED,
        status="delivered",
        placed_at=now - timedelta(12),
        delivered_at=now - timedelta(9),
        items=items,
        total=133.0,
        returnable=True,
    )
    return {HERE: here, ARRIVED: arrived}


@dataclass
class FakeShop:
    """`done` holds what was done: its name, the order and the details."""

    done: list[tuple[str, str, Any]] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    _orders: dict[str, Order] = field(default_factory=_orders)
    _answers: dict[str, Any] = field(default_factory=dict)

    def close(self) -> None:
        """Nothing is open."""

    async def order(self, order_id: str, who: Who, deadline: Deadline) -> Order:
        if order_id not in self._orders or not (who.customer_id == OWNER or who.email == EMAIL):
            raise OrderNotFound
        return self._orders[order_id]

    async def orders(self, who: Who, deadline: Deadline) -> list[Order]:
        return list(self._orders.values()) if who.customer_id == OWNER else []

    async def refunds(self, who: Who, order_id: str | None, deadline: Deadline) -> list[Refund]:
        return []

    async def warranty(self, order_id: str, who: Who, deadline: Deadline) -> list[ItemWarranty]:
        order = await self.order(order_id, who, deadline)
        ends = date.today() + timedelta(700)
        return [
            ItemWarranty(sku=item.sku, name=item.name, months=24, ends_on=ends, covered=True)
            for item in order.items
        ]

    async def cancel(self, order_id: str, who: Who, key: str, deadline: Deadline) -> ChangedOrder:
        order = await self.order(order_id, who, deadline)
        if key not in self._answers and not order.cancellable:
            raise Refused("It can't be cancelled.")
        closed = {
            "status": "cancelled",
            "cancellable": False,
            "changeable": False,
            "address_changeable": False,
        }
        return self._change(order, "cancel", None, key, closed)

    async def send_back(
        self, order_id: str, who: Who, key: str, deadline: Deadline, *, reason: str, skus: list[str]
    ) -> ChangedOrder:
        order = await self.order(order_id, who, deadline)
        if key not in self._answers and not order.returnable:
            raise Refused("It can't be returned.")
        sent = {"status": "return_requested", "returnable": False}
        return self._change(order, "return", sorted(skus), key, sent)

    async def change_items(
        self, order_id: str, who: Who, key: str, deadline: Deadline, *, items: dict[str, int]
    ) -> ChangedOrder:
        order = await self.order(order_id, who, deadline)
        left = [
            item.model_copy(update={"quantity": items.get(item.sku, item.quantity)}) for item in order.items
        ]
        return self._change(order, "items", items, key, {"items": [item for item in left if item.quantity]})

    async def change_day(
        self, order_id: str, who: Who, key: str, deadline: Deadline, *, day: date
    ) -> ChangedOrder:
        order = await self.order(order_id, who, deadline)
        return self._change(order, "day", day.isoformat(), key, {})

    async def change_address(
        self, order_id: str, who: Who, key: str, deadline: Deadline, *, address: Address
    ) -> ChangedOrder:
        order = await self.order(order_id, who, deadline)
        return self._change(order, "address", address.postcode, key, {"delivery_address": address})

    async def open_case(
        self,
        order_id: str,
        who: Who,
        key: str,
        deadline: Deadline,
        *,
        sku: str,
        kind: str,
        problem: str,
        remedy: str,
    ) -> OpenedCase:
        await self.order(order_id, who, deadline)
        if key not in self._answers:
            self.done.append(("case", order_id, (sku, remedy)))
            case = Case(
                case_id=f"CS-{len(self.done)}",
                order_id=order_id,
                kind=kind,
                sku=sku,
                name="it",
                problem=problem,
                remedy=remedy,
                status="open",
                answer_by=date.today(),
            )
            self._answers[key] = OpenedCase(case=case, act=self._act("case"), message="Taken down.")
        answer: OpenedCase = self._answers[key]
        return answer

    async def undo(
        self, act_id: str, who: Who, key: str, deadline: Deadline, *, order_id: str | None = None
    ) -> Undone:
        await self.order(order_id or "", who, deadline)
        if key not in self._answers:
            self.undone.append(act_id)
            self._orders = _orders()
            self._answers[key] = Undone(act_id=act_id, kind="undo", message="As before.")
        answer: Undone = self._answers[key]
        return answer

    def _change(
        self, order: Order, kind: str, details: Any, key: str, update: dict[str, Any]
    ) -> ChangedOrder:
        """The same key again answers the same and does nothing."""
        if key not in self._answers:
            self.done.append((kind, order.order_id, details))
            after = order.model_copy(update=update)
            self._orders[order.order_id] = after
            fields = {name: getattr(after, name) for name in Order.model_fields}
            self._answers[key] = ChangedOrder(**fields, act=self._act(kind), message="Changed.")
        answer: ChangedOrder = self._answers[key]
        return answer

    def _act(self, kind: str) -> Act:
        until = datetime.now(UTC) + timedelta(seconds=30)
        return Act(act_id=f"AC-{len(self.done)}", kind=kind, undo_until=until)
