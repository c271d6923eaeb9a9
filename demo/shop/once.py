"""A changing request that succeeded is done once: its key keeps what was answered."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from demo.shop.sealing import Sealer
from demo.shop.tables import DoneRequestRow

Document = dict[str, Any]


def fingerprint(act: str, order_id: str, customer_id: str, body: Document) -> str:
    """The same for the same request, whoever of the customer's identities it came under."""
    text = json.dumps([act, order_id, customer_id, body], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


async def once(
    session: AsyncSession, sealer: Sealer, key: str, mark: str, act: Callable[[], Awaitable[Document]]
) -> Document:
    """Run `act` in the session's transaction, or answer what it answered under this `key` before.

    A second request with the key, however close, waits here for the first one's commit. An act that
    raises leaves nothing behind, so a refusal is judged anew each time.

    Raises:
        Problem: 409 `key-reused` when the key was used for another request.
    """
    claim = insert(DoneRequestRow).values(key=key, fingerprint=mark).on_conflict_do_nothing()
    claimed = await session.scalar(claim.returning(DoneRequestRow.key))
    if claimed is None:
        done = (await session.scalars(select(DoneRequestRow).where(DoneRequestRow.key == key))).one()
        if done.fingerprint != mark:
            raise Problem(
                409,
                "key-reused",
                "Something else was already done in the same request. Ask for it again separately.",
            )
        answered: Document = sealer.open(_place(key), done.sealed_document or b"")
        return answered
    document = await act()
    sealed = sealer.seal(_place(key), document)
    await session.execute(
        update(DoneRequestRow).where(DoneRequestRow.key == key).values(sealed_document=sealed)
    )
    return document


def _place(key: str) -> str:
    return f"answer:{key}"
