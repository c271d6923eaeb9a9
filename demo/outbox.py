"""What the shop would have mailed, for whoever tries the demo: nothing is sent."""

from dataclasses import dataclass
from datetime import datetime

import psycopg

from demo.identity import email_hash
from demo.settings import SeedSettings
from demo.shop.sealing import Sealer


@dataclass(frozen=True)
class Mail:
    message_id: str
    at: datetime
    to: str
    subject: str
    body: str


def read(settings: SeedSettings, to: str | None, last: int) -> list[Mail]:
    """The newest `last` messages, oldest of them first.

    Args:
        to: only those to this address.

    Raises:
        psycopg.Error: the database can't be reached or is not migrated.
    """
    query = """
        SELECT message_id, at, sealed_message FROM shop.outbox
        WHERE %(to)s::bytea IS NULL OR recipient_hash = %(to)s ORDER BY at DESC, message_id DESC LIMIT %(last)s
    """
    wanted = email_hash(to, settings.key()) if to is not None else None
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        rows = connection.execute(query, {"to": wanted, "last": last}).fetchall()
    sealer = Sealer(settings.key())
    return [
        Mail(message_id, at, **sealer.open(f"message:{message_id}", bytes(sealed)))
        for message_id, at, sealed in reversed(rows)
    ]
