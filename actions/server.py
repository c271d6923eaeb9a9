"""The action server: Rasa's webhook, `/nlg` and `/health`, behind one key, on one event loop."""

import asyncio
import hmac
import time
import warnings
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Tracker
from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import Request, Sanic, response
from sanic.response import HTTPResponse

from actions.knowledge import Knowledge
from actions.profile import Profiles
from actions.rasa_actions import register
from actions.retrieval.finder import Finder
from actions.services import Services, connect_redis
from actions.settings import DATA, DOMAIN, ActionSettings
from actions.shop import Shop
from actions.turn import Turn
from actions.variants.check import DomainNames, Unpublishable, load_set
from actions.variants.choose import UnknownReply
from actions.variants.store import PublishedVariants
from common.help_pages import PageFault
from common.logs import configure, get_logger
from common.problems import document
from nlu_models.runtime import ModelFolderError
from profiles.client import ProfilesClient

log = get_logger(__name__)
App = Sanic[Any, Any]

_LARGEST_CALL = 8_000_000  # bytes: a tracker with many events


class UnregisteredActions(RuntimeError):
    """The domain names actions that this server does not have."""


class _Executor(ActionExecutor):  # type: ignore[misc]  # rasa-sdk has no types
    """No action here reads the domain, so Rasa need not send it."""

    def is_domain_digest_valid(self, domain_digest: str | None) -> bool:
        return True


def make_executor(services: Services, profiles: Profiles, domain_file: Path = DOMAIN) -> ActionExecutor:
    """The executor with all actions of the domain.

    Raises:
        UnregisteredActions: one of the domain's is missing.
    """
    executor = _Executor()
    register(executor, services, profiles)
    domain = yaml.safe_load(domain_file.read_text("utf-8"))
    missing = sorted(set(domain["actions"]) - set(executor.actions))
    if missing:
        raise UnregisteredActions(f"domain.yml names actions that are not registered: {', '.join(missing)}")
    return executor


def make_app(services: Services, key: str, domain_file: Path = DOMAIN) -> App:
    """The Sanic app of rasa-sdk with the project's own routes and key check."""
    profiles = Profiles()
    app: App = create_app(make_executor(services, profiles, domain_file), cors_origins=None)
    app.config.REQUEST_MAX_SIZE = _LARGEST_CALL
    app.config.KEEP_ALIVE_TIMEOUT = 75
    # Rasa 3.6 is served by a newer rasa-sdk; the calls are the same.
    warnings.filterwarnings("ignore", message=".*version of rasa.*")
    expected = f"Bearer {key}".encode()

    @app.on_request
    async def check_key(request: Request) -> HTTPResponse | None:
        if request.path == "/health":
            return response.json(
                {"status": "ready", "service": "actions", "variants": services.variants.version}
            )
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, expected):
            return _problem(401, "wrong-key", "Send the key as 'Authorization: Bearer KEY'.")
        return None

    @app.post("/nlg")
    async def nlg(request: Request) -> HTTPResponse:
        return await _say(request.json, services, profiles)

    @app.before_server_stop
    async def close(_app: App) -> None:
        services.shop.close()
        await services.redis.aclose()
        await services.profiles.close()

    return app


async def _say(body: Any, services: Services, profiles: Profiles) -> HTTPResponse:
    """Choose the text of one of the domain's responses."""
    if not isinstance(body, dict) or not isinstance(body.get("reply"), str):
        return _problem(422, "invalid-request", "Send {reply, slots, message, conversation_id}.")
    tracker = Tracker(
        str(body.get("conversation_id") or ""),
        body.get("slots") or {},
        body.get("message") or {},
        [],
        False,
        None,
        {},
        None,
    )
    turn = await Turn.begin(tracker, services, profiles)
    try:
        turn.say(body["reply"])
    except UnknownReply:
        return _problem(404, "unknown-reply", f"There is no reply {body['reply']} without values.")
    [message] = turn.messages()
    return response.json(message)


def _problem(status: int, kind: str, detail: str) -> HTTPResponse:
    return response.json(
        document(status, kind, detail), status=status, content_type="application/problem+json"
    )


def make_services(settings: ActionSettings) -> Services:
    """Everything that the actions work with.

    Raises:
        SystemExit: the files of `data/` are not usable; each fault is told.
    """
    try:
        from_files = load_set(DATA, DomainNames.of(DOMAIN))
    except Unpublishable as error:
        for fault in error.faults:
            log.error("variants: fault", fault=str(fault))
        raise SystemExit(f"actions: {error}; `python -m actions publish --dry-run` lists them.") from None
    try:
        pages = Finder.load(DATA, settings.sentence_model)
    except (PageFault, ModelFolderError) as error:
        raise SystemExit(f"actions: {error}") from None
    redis = connect_redis(settings.redis_url.get_secret_value())
    return Services(
        profiles=ProfilesClient(
            settings.profiles_url,
            settings.profiles_key.get_secret_value(),
            settings.redis_url.get_secret_value(),
        ),
        shop=Shop(settings.shop_url, settings.shop_key.get_secret_value()),
        redis=redis,
        variants=PublishedVariants(redis, from_files),
        knowledge=Knowledge(DATA),
        pages=pages,
    )


def serve(settings: ActionSettings) -> None:
    """Run until stopped, one process with one event loop."""
    configure("actions")
    began = time.monotonic()
    services = make_services(settings)
    app = make_app(services, settings.actions_key.get_secret_value())

    @app.after_server_start
    async def ready(_app: App, _loop: asyncio.AbstractEventLoop) -> None:
        await services.variants.current()
        log.info(
            "ready",
            port=settings.actions_port,
            variants=services.variants.version,
            seconds=round(time.monotonic() - began, 2),
        )

    app.run(
        host="127.0.0.1",
        port=settings.actions_port,
        single_process=True,
        access_log=False,
        motd=False,
    )
