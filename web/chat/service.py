"""The parts of one web process, put together: made, run in the background, and closed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import httpx
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from profiles.client import ProfilesClient
from web.agents.customer import CustomerSources
from web.agents.service import Agents, agents_with
from web.chat import health
from web.chat.bot import Bot
from web.chat.database import Database
from web.chat.events import Event
from web.chat.hub import Hub
from web.chat.limits import DEMO, TIGHT, Gate
from web.chat.outbox import Outbox
from web.chat.ownership import Change, Ownership
from web.chat.records import AgentAct, Records
from web.chat.redis_state import RedisState, connect
from web.chat.settings import ChatSettings
from web.chat.tasks import stop
from web.chat.tokens import Tokens
from web.chat.turn_records import TurnRecords
from web.chat.turns import Turns
from web.collect.relay import Relay
from web.preferences.centre import Centre


@dataclass(frozen=True)
class Service:
    """What the routes work with."""

    settings: ChatSettings
    records: Records
    turn_records: TurnRecords
    turns: Turns
    hub: Hub
    state: RedisState
    gate: Gate
    tokens: Tokens
    profiles: ProfilesClient
    relay: Relay
    centre: Centre
    health: health.Health
    agents: Agents


def service_of(connection: HTTPConnection) -> Service:
    """The service of the app that a request or socket came to."""
    service: Service = connection.app.state.service
    return service


async def change_owner(
    service: Service, conversation_id: UUID, change: Change, act: AgentAct | None = None, **details: str
) -> tuple[Ownership, Event]:
    """Give a conversation to another owner and tell everybody: actions by the epoch, sockets by an event.

    Raises:
        ConversationUnknown, ChangeRefused, EpochPassed
    """
    ownership, event, turn = await service.records.change_owner(conversation_id, change, dict(details), act)
    await service.state.write_epoch(conversation_id, ownership.epoch)
    service.hub.publish(conversation_id, [event])
    if turn is not None:
        service.turns.submit(turn)
    return ownership, event


@contextlib.asynccontextmanager
async def running(settings: ChatSettings) -> AsyncIterator[Service]:
    """A service with its background tasks, until the context is left."""
    database = Database(settings.database_url)
    redis, channel = connect(settings.redis_url), connect(settings.redis_url)
    profiles_key = settings.profiles_key.get_secret_value()
    records = Records(database)
    turn_records = TurnRecords(database, records.process)
    hub = Hub(channel, records.process)
    state = RedisState(redis)
    bot = Bot(settings.bot_url, settings.bot_key.get_secret_value())
    profiles = ProfilesClient(settings.profiles_url, profiles_key, settings.redis_url)
    relay = Relay(settings.profiles_url, profiles_key)
    centre = Centre(settings.profiles_url, profiles_key)
    outbox = Outbox(database, profiles)
    customers = CustomerSources(
        settings.profiles_url,
        _secret(settings.profiles_agent_key),
        settings.shop_url,
        _secret(settings.shop_key),
        settings.segments_file,
    )
    probe = httpx.AsyncClient(timeout=2.0, trust_env=False)
    urls = {
        "profiles": settings.profiles_url,
        "actions": settings.actions_url,
        "bot": settings.bot_url,
        "shop": settings.shop_url,
    }
    known_urls = {name: url for name, url in urls.items() if url}
    async with contextlib.AsyncExitStack() as stack:
        clients = (bot.close, relay.close, centre.close, customers.close, probe.aclose)
        for close in (database.close, redis.aclose, channel.aclose, profiles.close, *clients):
            stack.push_async_callback(close)
        turns = Turns(turn_records, bot, profiles, hub=hub, state=state, process=records.process)
        tasks = [
            asyncio.create_task(work)
            for work in (turns.sweep(), outbox.send_all(), hub.send_notices(), hub.receive_notices())
        ]
        try:
            yield Service(
                settings,
                records,
                turn_records,
                turns,
                hub,
                state,
                Gate(state, DEMO if settings.demo else TIGHT),
                Tokens(settings.token_secret.get_secret_value()),
                profiles,
                relay,
                centre,
                health.Health(health.checks(database, redis, probe, known_urls)),
                agents_with(database, customers),
            )
        finally:
            await turns.close()
            await stop(tasks)
            await state.report_gone(records.process)


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None
