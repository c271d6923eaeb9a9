"""What the shop would have mailed."""

from typing import Any

import psycopg

from demo.shop.sealing import Sealer

from .conftest import DATA_KEY


def mails(url: str) -> list[dict[str, Any]]:
    """All messages of the outbox, oldest first: `to`, `subject`, `body`."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT message_id, sealed_message FROM shop.outbox ORDER BY message_id"
        ).fetchall()
    return [Sealer(DATA_KEY).open(f"message:{message_id}", bytes(sealed)) for message_id, sealed in rows]
