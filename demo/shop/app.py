"""The order API as an ASGI app."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from common import problems
from common.logs import get_logger
from common.settings import sqlalchemy_url
from demo.catalogue import load_catalogue
from demo.policy import load_policy
from demo.settings import ShopSettings
from demo.shop import account_routes, order_routes, routes
from demo.shop.sealing import Sealer
from demo.shop.setting import Shop

log = get_logger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def create_app(settings: ShopSettings, clock: Callable[[], datetime] = _utc_now) -> FastAPI:
    """The app; `clock` is the shop's idea of now.

    Raises:
        ValueError: catalogue or policy do not fit, or the database's URL is none.
    """
    engine = create_async_engine(
        sqlalchemy_url(settings.database_url.get_secret_value()),
        pool_pre_ping=True,  # a restarted database costs a new connection, not an error
        pool_size=10,
        pool_timeout=2,
        # A call that hangs on a lock or a slow disk gives up while its caller still waits for it.
        connect_args={"connect_timeout": 2, "options": "-c statement_timeout=3000"},
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(title="Hearth & Volt order API", version="1", lifespan=lifespan)
    app.state.shop = Shop(
        sessions=async_sessionmaker(engine, expire_on_commit=False),
        catalogue=load_catalogue(),
        policy=load_policy(),
        api_key=settings.shop_key.get_secret_value(),
        data_key=settings.key(),
        sealer=Sealer(settings.key()),
        clock=clock,
    )
    problems.install(app)
    for router in (routes.router, order_routes.router, account_routes.router):
        app.include_router(router)

    @app.get("/health")
    async def health() -> JSONResponse:
        try:
            async with engine.connect() as connection:
                seeded = await connection.scalar(text("SELECT count(*) FROM shop.seeds"))
        except SQLAlchemyError as error:
            log.warning("database unavailable", error=type(error).__name__)
            return _health("failing", reason="the database does not answer, or is not migrated")
        if not seeded:
            return _health("starting", reason="not seeded yet: python -m demo seed")
        return _health("ready")

    @app.exception_handler(DBAPIError)
    @app.exception_handler(PoolTimeout)
    async def _database(_request: Request, error: SQLAlchemyError) -> JSONResponse:
        log.error("database error", error=type(getattr(error, "orig", error)).__name__)
        detail = "The shop's database does not answer. Nothing was changed; try again in a moment."
        return problems.response(503, "database-unavailable", detail, headers={"Retry-After": "1"})

    return app


def _health(status: str, **more: str) -> JSONResponse:
    document = {"status": status, "service": "shop", **more}
    return JSONResponse(document, status_code=200 if status == "ready" else 503)
