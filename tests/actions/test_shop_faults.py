"""A shop that is slow, down or broken: an honest answer in time, and nothing done twice."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor

from actions.services import Services
from actions.shop import BUDGET, Deadline, Order, OrderNotFound, Refused, Shop, ShopUnavailable, Who
from tests.actions.conversation import Conversation, decision, replies

ORDER = {
    "order_id": "RP-100101",
    "status": "processing",
    "placed_at": "2026-11-20T09:00:00Z",
    "items": [{"sku": "HV-KT-01", "name": "Kettle", "quantity": 1, "price": 49.0}],
    "total": 49.0,
    "payment_method": "card",
    "cancellable": True,
}
MARIA = Who("C000001")


@dataclass
class Faulty:
    """A local server that answers as it is told, per method; keeps the requests it got."""

    url: str = ""
    answers: dict[str, list[Any]] = field(default_factory=dict)
    seen: list[tuple[str, str, str | None]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def next(self, method: str) -> Any:
        waiting = self.answers.get(method, [])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@pytest.fixture
def faulty() -> Iterator[Faulty]:
    state = Faulty(answers={"GET": [(200, ORDER)], "POST": [(200, ORDER)]})

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            state.seen.append((self.command, self.path.split("?")[0], self.headers.get("idempotency-key")))
            told = state.next(self.command)
            if told == "hang":
                state.released.wait(10)
                return
            status, body = told
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    yield state
    state.released.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def shop(faulty: Faulty) -> Iterator[Shop]:
    made = Shop(faulty.url, "key")
    yield made
    made.close()


@pytest.fixture
async def customer(services: Services, executor: ActionExecutor, shop: Shop, owned: Any) -> Conversation:
    services.shop.close()
    services.shop = shop
    conversation = Conversation(executor, "C000001", consent=None)
    await owned(conversation.conversation_id)
    return conversation


async def test_a_passing_fault_is_tried_again_with_the_same_key(faulty: Faulty, shop: Shop) -> None:
    faulty.answers["POST"] = [(503, {}), (200, ORDER)]
    await shop.cancel("RP-100101", MARIA, "c:cancel:RP-100101", Deadline())
    assert [key for _, _, key in faulty.seen] == ["c:cancel:RP-100101"] * 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((404, {"type": "unknown-order"}), OrderNotFound),
        ((403, {"type": "not-your-order"}), OrderNotFound),
        ((409, {"type": "not-cancellable", "detail": "It has left."}), Refused),
        ((401, {"type": "wrong-key"}), ShopUnavailable),
        ((200, b"<html>"), ShopUnavailable),
        ((200, {"orders": "none"}), ShopUnavailable),
    ],
)
async def test_each_answer_has_one_meaning(
    faulty: Faulty, shop: Shop, answer: Any, error: type[Exception]
) -> None:
    faulty.answers["GET"] = [answer]
    with pytest.raises(error):
        await shop.order("RP-100101", MARIA, Deadline())


async def test_the_budget_holds_for_a_whole_turn_and_the_loop_stays_free(faulty: Faulty, shop: Shop) -> None:
    faulty.answers["GET"] = ["hang"]
    deadline = Deadline(0.5)
    began = time.monotonic()
    waiting = asyncio.create_task(shop.order("RP-100101", MARIA, deadline))
    await asyncio.sleep(0)
    beats = 0
    while not waiting.done():
        await asyncio.sleep(0.01)
        beats += 1
    with pytest.raises(ShopUnavailable):
        waiting.result()
    assert beats > 10  # others are served meanwhile
    with pytest.raises(ShopUnavailable):
        await shop.order("RP-100101", MARIA, deadline)  # nothing is left for a second call
    assert time.monotonic() - began < 1.5


async def test_a_shop_that_hangs_gives_an_honest_answer_within_the_budget(
    faulty: Faulty, customer: Conversation
) -> None:
    faulty.answers["GET"] = ["hang"]
    began = time.monotonic()
    said = await customer.say("where is it", "track_order", order_id="RP-100101")
    assert time.monotonic() - began < BUDGET + 1
    assert replies(said) == ["utter_shop_unavailable"]
    assert customer.form is None
    again = said[0]["custom"]["quick_replies"][0]["command"]
    assert again == {"intent": "track_order", "entities": [{"entity": "order_id", "value": "RP-100101"}]}
    assert decision(said)["milliseconds"]["shop"] > 1000

    faulty.answers["GET"] = [(200, ORDER)]
    assert replies(await customer.press("Try again", said)) == ["utter_order_status"]


async def test_a_shop_that_fails_while_acting_keeps_the_request_and_repeats_the_key(
    faulty: Faulty, customer: Conversation
) -> None:
    await customer.say("cancel it", "cancel_order", order_id="RP-100101")
    faulty.answers["POST"] = [(503, {})]
    said = await customer.say("yes", "affirm")
    assert replies(said) == ["utter_shop_unavailable"]
    assert "kept your request" in said[0]["text"]
    assert customer.form == "cancel_order_form"

    faulty.answers["POST"] = [(200, ORDER)]
    assert replies(await customer.press("Try again", said)) == ["utter_cancel_done"]
    keys = {key for method, _, key in faulty.seen if method == "POST"}
    assert keys == {f"{customer.conversation_id}:cancel:RP-100101:0"}


async def test_a_shop_that_refuses_the_connection_is_answered_at_once(
    services: Services, executor: ActionExecutor
) -> None:
    services.shop.close()
    services.shop = Shop("http://127.0.0.1:9", "key")
    for intent in ("track_order", "billing_inquiry"):
        said = await Conversation(executor, "C000001", consent=None).say("where", intent)
        assert replies(said) == ["utter_shop_unavailable"]


async def test_a_fault_of_our_own_is_answered_and_ends_the_form(
    services: Services, executor: ActionExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation = Conversation(executor, "C000001", consent=None)
    monkeypatch.delattr(services, "shop")
    said = await conversation.say("cancel", "cancel_order", order_id="RP-100101")
    assert replies(said) == ["utter_trouble"]
    assert decision(said)["path"] == ["validate_cancel_order_form: failed (AttributeError)"]
    assert conversation.form is None


async def test_an_order_with_more_than_is_known_here_is_still_read(faulty: Faulty, shop: Shop) -> None:
    faulty.answers["GET"] = [(200, {**ORDER, "gift_wrap": True})]
    assert isinstance(await shop.order("RP-100101", MARIA, Deadline()), Order)
