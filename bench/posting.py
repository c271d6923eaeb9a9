"""Posts events as fast as they are taken: requests made beforehand, on connections that stay open."""

import asyncio
import json
import random
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter

_PRODUCTS = [f"HV-{letter}{number:02}" for letter in "KTLHBC" for number in range(1, 21)]


def session(customer_id: str, length: int) -> list[dict[str, object]]:
    """What one customer does in a row: looks at things, puts some into the cart, now and then signs in or orders."""
    events: list[dict[str, object]] = []
    for _ in range(length):
        sku = random.choice(_PRODUCTS)
        name, properties = random.choices(
            [
                ("Product Viewed", {"sku": sku, "price": 49.0, "category": "kettles", "currency": "GBP"}),
                ("Product Added", {"sku": sku, "price": 49.0, "quantity": 1, "currency": "GBP"}),
                ("Signed In", {"method": "password"}),
                ("Order Completed", {"order_id": f"RP-{random.randrange(10**6)}", "total": 78.5}),
            ],
            weights=[80, 12, 5, 3],
        )[0]
        events.append(
            {
                "type": "track",
                "messageId": str(uuid.uuid4()),
                "userId": customer_id,
                "anonymousId": f"browser-{customer_id}",
                "event": name,
                "properties": properties,
                "context": {
                    "page": {
                        "url": f"https://hearthandvolt.example/products/{sku}",
                        "title": "Hearth & Volt",
                    },
                    "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                    "locale": "en-GB",
                    "consent": {"categoryPreferences": {"analytics": True, "personalisation": True}},
                },
                "timestamp": datetime.now(UTC).isoformat(),
            }
        )
    return events


def request_of(port: int, key: str, path: str, body: object) -> bytes:
    """One HTTP request as it goes over the wire."""
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def batches(port: int, key: str, events: int, customers: int) -> list[bytes]:
    """Requests of 50 events each: ten customers with five events in a row."""
    return [
        request_of(
            port,
            key,
            "/v1/batch",
            {"batch": [event for _ in range(10) for event in session(_somebody(customers), 5)]},
        )
        for _ in range(events // 50)
    ]


def singles(port: int, key: str, events: int, customers: int) -> list[bytes]:
    """Requests of one event each, each of another customer."""
    return [request_of(port, key, "/v1/track", session(_somebody(customers), 1)[0]) for _ in range(events)]


async def post(
    port: int, requests: Sequence[bytes], connections: int, per_second: float | None = None
) -> list[float]:
    """Send requests over so many connections, as fast as they are answered or at a steady rate.

    Returns:
        The seconds that each took.

    Raises:
        RuntimeError: one was not answered with 200.
    """
    waiting = iter(enumerate(requests))
    taken: list[float] = []
    began = perf_counter()

    async def send() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number, request in waiting:
            if per_second is not None:
                await asyncio.sleep(max(0.0, began + number / per_second - perf_counter()))
            sent = perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"an event was not accepted: {head[:200]!r}")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            taken.append(perf_counter() - sent)
        writer.close()

    await asyncio.gather(*(send() for _ in range(connections)))
    return taken


def _somebody(customers: int) -> str:
    return f"B{random.randrange(customers):07}"
