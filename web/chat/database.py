"""PostgreSQL as the conversation server uses it: a restart in mid-conversation is waited out, not shown."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from common.logs import get_logger
from common.settings import sqlalchemy_url

log = get_logger(__name__)
T = TypeVar("T")

#: How long a caller waits for a server that is away, in seconds.
PATIENCE = 3.0
_PAUSE = 0.15


class DatabaseUnavailable(Exception):
    """PostgreSQL could not be reached within the patience of this server."""


class Database:
    """A pool of connections. Work given to `run` may run twice: it must be idempotent.

    Connections are not tested before use, which would cost a trip each time: one that broke is found by its
    error, the pool is then renewed and the work done again.
    """

    def __init__(self, database_url: str) -> None:
        self._engine = create_async_engine(
            sqlalchemy_url(database_url),
            pool_size=10,
            max_overflow=10,
            pool_timeout=PATIENCE,
            connect_args={"connect_timeout": 3},
            # Every write here is one statement, hence one transaction, without the trips of BEGIN and COMMIT.
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
        )

    async def run(self, work: Callable[[AsyncConnection], Awaitable[T]], patience: float = PATIENCE) -> T:
        """Do `work` on a connection on which each statement is a transaction.

        Raises:
            DatabaseUnavailable: when the server stays away for `patience` seconds.
        """
        give_up = time.monotonic() + patience
        while True:
            try:
                async with self._engine.connect() as connection:
                    return await work(connection)
            except (OperationalError, InterfaceError, PoolTimeout) as error:
                if time.monotonic() + _PAUSE >= give_up:
                    log.error("postgresql is away", error=error)
                    raise DatabaseUnavailable from error
                log.warning("postgresql did not answer, trying again", error=error)
                await asyncio.sleep(_PAUSE)

    async def close(self) -> None:
        await self._engine.dispose()
