"""What the demo shop knows, read by tests beside the conversation: orders, their states, and who has what."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from ops.stack import Stack

#: After the personas: customers with whose orders a test may do what it likes, each of them once.
_FIRST, _LAST = 9, 400

Order = dict[str, Any]


class ShopBooks:
    """The shop's API, with the key of a running stack."""

    def __init__(self, stack: Stack) -> None:
        key = stack.process("shop").spec.environment["RAPPORT_SHOP_KEY"]
        self._http = httpx.AsyncClient(base_url=stack.url("shop"), headers={"Authorization": f"Bearer {key}"})

    async def close(self) -> None:
        await self._http.aclose()

    async def orders(self, customer_id: str) -> list[Order]:
        answer = await self._http.get("/orders", params={"customer_id": customer_id})
        orders: list[Order] = answer.raise_for_status().json()["orders"]
        return orders

    async def has_refund_waiting(self, customer_id: str) -> bool:
        answer = await self._http.get("/refunds", params={"customer_id": customer_id})
        return any(refund["status"] != "paid" for refund in answer.raise_for_status().json()["refunds"])

    async def statuses(self, customer_ids: list[str]) -> dict[str, str]:
        """Order id → status, of all orders of these customers."""
        found = await asyncio.gather(*(self.orders(customer_id) for customer_id in customer_ids))
        return {order["order_id"]: order["status"] for orders in found for order in orders}


class Extras:
    """Customers of the demo whom nobody else uses; each is given away once."""

    def __init__(self, books: ShopBooks) -> None:
        self._books = books
        self._ids: Iterator[str] = (f"C{number:06d}" for number in range(_FIRST, _LAST))
        self._left: list[tuple[str, list[Order]]] = []

    async def with_order(self, status: list[str], lines: int | None = None) -> tuple[str, str]:
        """A customer and the id of an order in one of these states; delivered ones can be returned."""

        def fits(order: Order) -> bool:
            right_size = lines is None or len(order["items"]) == lines
            return (
                order["status"] in status
                and right_size
                and (order["returnable"] or order["status"] != "delivered")
            )

        customer_id, orders = await self._take(lambda orders: any(map(fits, orders)))
        return customer_id, next(order["order_id"] for order in orders if fits(order))

    async def anybody(self, *, closable: bool = False) -> str:
        """A customer; a `closable` account has nothing on its way, neither parcel nor money."""
        settled = {"delivered", "returned", "cancelled"}
        while True:
            customer_id, _ = await self._take(
                lambda orders: not closable or all(order["status"] in settled for order in orders)
            )
            if not closable or not await self._books.has_refund_waiting(customer_id):
                return customer_id

    async def _take(self, fits: Callable[[list[Order]], bool]) -> tuple[str, list[Order]]:
        for index, (customer_id, orders) in enumerate(self._left):
            if fits(orders):
                del self._left[index]
                return customer_id, orders
        for customer_id in self._ids:
            orders = await self._books.orders(customer_id)
            if fits(orders):
                return customer_id, orders
            self._left.append((customer_id, orders))
        raise LookupError("no customer of the demo has such an order")
