"""The connection to PostgreSQL."""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from common.settings import sqlalchemy_url

CONNECT_SECONDS = 2
POOL_SECONDS = 2


def connect(database_url: str, statement_seconds: int) -> AsyncEngine:
    """An engine whose connections are tried before use, so that a restarted server is not noticed.

    Args:
        database_url: as in `DATABASE_URL`.
        statement_seconds: a statement that takes longer is ended by the server.
    """
    return create_async_engine(
        sqlalchemy_url(database_url),
        pool_pre_ping=True,
        hide_parameters=True,  # they are personal, and errors quote them
        pool_timeout=POOL_SECONDS,
        connect_args={
            "connect_timeout": CONNECT_SECONDS,
            "options": f"-c statement_timeout={statement_seconds}s -c timezone=UTC",
        },
    )


async def problem_with(engine: AsyncEngine) -> str | None:
    """Why the service can't work with this database, in one line; None when it can."""
    try:
        async with engine.connect() as connection:
            found = await connection.scalar(text("SELECT to_regclass('profiles.customers')"))
    except (DBAPIError, OSError, TimeoutError) as error:
        return f"the database can't be reached ({type(error).__name__})"
    return None if found else "the database has no tables yet: run `alembic upgrade head`"
