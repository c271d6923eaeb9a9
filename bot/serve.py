"""The bot's server: Sanic as Rasa uses it, with the turn channel and `/health` and nothing else.

It listens before Rasa is imported and the model loaded (which takes seconds), so that `/health` can say so.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rasa.shared.utils.io import read_config_file
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot import problems
from bot.turn_channel import TurnChannel

logger = logging.getLogger(__name__)

_LINE = "%(asctime)s %(levelname)s bot %(name)s: %(message)s"


def make_app(channel: TurnChannel, load: Callable[[], Any], name: str = "rapport_bot") -> Sanic:
    """The server's application.

    Args:
        channel: the input channel.
        load: makes the agent; runs in a thread once the server listens. When it fails the server stops.
        name: of the application, unique in the process.
    """
    app = Sanic(name, configure_logging=False)
    # Web keeps its connections for longer than Sanic's five seconds.
    app.config.KEEP_ALIVE_TIMEOUT = 75
    app.config.ACCESS_LOG = False
    app.ctx.agent = None
    app.ctx.failure = None
    problems.install(app)
    app.blueprint(channel.blueprint(_unused), url_prefix=f"/webhooks/{channel.url_prefix()}")

    @app.get("/health")
    async def health(_request: Request) -> HTTPResponse:
        if app.ctx.agent is None:
            status = "failing" if app.ctx.failure else "starting"
            reason = app.ctx.failure or "the model is being loaded"
            return json({"status": status, "service": "bot", "reason": reason}, status=503)
        return json({"status": "ready", "service": "bot", **_models(app.ctx.agent)})

    @app.after_server_start
    async def begin(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        app.ctx.loading = loop.create_task(_load(app, load))

    @app.after_server_stop
    async def end(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
        app.ctx.loading.cancel()
        if app.ctx.agent is not None:
            await app.ctx.agent.close()

    return app


def serve(port: int, model: Path, endpoints: Path, credentials: Path) -> None:
    """Serve on 127.0.0.1 until a signal ends it.

    Raises:
        SystemExit: with one line, when settings, model or stores are not what they must be.
    """
    logging.basicConfig(stream=sys.stderr, format=_LINE, level=logging.INFO)
    try:
        channel = channel_of(credentials)
    except Exception as error:
        raise SystemExit(f"bot: {_one_line(error)}") from None
    app = make_app(channel, lambda: _load_agent(model, endpoints))
    app.run(host="127.0.0.1", port=port, motd=False, access_log=False)
    if app.ctx.failure:
        raise SystemExit(f"bot: {app.ctx.failure}")


def channel_of(credentials: Path) -> TurnChannel:
    """The one channel that `credentials` sets.

    Raises:
        ValueError: the file sets another channel, or several.
        RasaException: an environment variable that it names is not set.
    """
    channels = read_config_file(str(credentials))
    if list(channels) != [f"{TurnChannel.__module__}.{TurnChannel.__name__}"]:
        raise ValueError(
            f"{credentials} must set the turn channel alone, not {', '.join(channels) or 'nothing'}"
        )
    return TurnChannel.from_credentials(*channels.values())


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _load_agent(model: Path, endpoints: Path) -> Any:
    from bot.loading import load  # noqa: PLC0415 (imports TensorFlow)

    return load(model, endpoints)


def _models(agent: Any) -> dict[str, Any]:
    """Which models serve, and which promoted encoder was refused."""
    live = agent.live_models
    if live is None:
        return {"models": agent.models, "encoder": None}
    refused = asdict(live.refused) if live.refused else None
    return {"models": agent.models, "encoder": {"model_id": live.current.model_id, "refused": refused}}


async def _load(app: Sanic, load: Callable[[], Any]) -> None:
    try:
        app.ctx.agent = await asyncio.to_thread(load)
        logger.info("ready with %s", app.ctx.agent.models)
    except Exception as error:
        app.ctx.failure = _one_line(error)
        logger.debug("loading failed", exc_info=error)
        app.stop()


async def _unused(_message: Any) -> None:
    raise NotImplementedError("the turn channel runs its turns itself")
