"""One turn at a time for each conversation, in the order of its messages; none is ever left unanswered."""

import asyncio
import heapq
import itertools
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from common.logs import get_logger
from profiles.client import ProfilesClient
from web.chat import outcomes
from web.chat.bot import TURN_SECONDS, Bot, BotFailed
from web.chat.customers import customer_of_turn, segment_of
from web.chat.database import DatabaseUnavailable
from web.chat.events import RESUME, Claim, Event, Turn
from web.chat.hub import Hub
from web.chat.ownership import BOT_SPEAKS
from web.chat.records import Outcome
from web.chat.redis_state import RedisState
from web.chat.tasks import stop
from web.chat.turn_records import TurnRecords

log = get_logger(__name__)

#: A turn that had to wait for others still gets this long, in seconds.
_AT_LEAST = 0.5
_SWEEP_SECONDS = 2.0
_WAIT_FOR_EARLIER = 0.03


@dataclass
class _Queue:
    """The turns of one conversation that wait, by sequence number, and the task that works on them."""

    waiting: list[tuple[int, int, Turn]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


class Turns:
    """Puts turns to the bot and keeps what comes of them."""

    def __init__(
        self,
        records: TurnRecords,
        bot: Bot,
        profiles: ProfilesClient,
        *,
        hub: Hub,
        state: RedisState,
        process: str,
    ) -> None:
        self._records = records
        self._bot = bot
        self._profiles = profiles
        self._hub = hub
        self._state = state
        self._process = process
        self._queues: dict[UUID, _Queue] = {}
        self._results: dict[UUID, asyncio.Future[list[Event]]] = {}
        self._numbers = itertools.count()

    def submit(self, turn: Turn) -> None:
        """Answer `turn` after those of its conversation that came before. Returns at once."""
        if turn.turn_id in self._results:
            return
        self._results[turn.turn_id] = asyncio.get_running_loop().create_future()
        queue = self._queues.setdefault(turn.conversation_id, _Queue())
        heapq.heappush(queue.waiting, (turn.seq, next(self._numbers), turn))
        if queue.task is None:
            queue.task = asyncio.create_task(self._work_off(turn.conversation_id, queue))

    async def replies(self, turn_id: UUID, seconds: float) -> list[Event] | None:
        """The replies of a turn once it has ended; null if it has not within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                result = self._results.get(turn_id)
                if result is not None:
                    return await asyncio.shield(result)
                # Another process works on it: only the record tells when it is done.
                while await self._records.status(turn_id) == "pending":  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
                return await self._records.replies(turn_id)
        except (TimeoutError, DatabaseUnavailable):
            return None

    async def _work_off(self, conversation_id: UUID, queue: _Queue) -> None:
        try:
            while queue.waiting:
                _, _, turn = heapq.heappop(queue.waiting)
                try:
                    events = await self._answer(turn)
                except DatabaseUnavailable as error:
                    # It stays pending in the record; the sweep takes it up again.
                    self._end(turn, error)
                    continue
                if events is None:
                    heapq.heappush(queue.waiting, (turn.seq, next(self._numbers), turn))
                    await asyncio.sleep(_WAIT_FOR_EARLIER)
                    continue
                self._end(turn, events)
        finally:
            del self._queues[conversation_id]
            for _, _, turn in queue.waiting:
                self._end(turn, DatabaseUnavailable())

    def _end(self, turn: Turn, result: list[Event] | Exception) -> None:
        future = self._results.pop(turn.turn_id)
        if isinstance(result, Exception):
            future.set_exception(result)
            future.exception()  # Nobody needs to wait for it.
        else:
            future.set_result(result)

    async def _answer(self, turn: Turn) -> list[Event] | None:
        """The replies of a turn that is done; null when an earlier one is under way elsewhere."""
        began = time.monotonic()
        claim = turn.claim or await self._records.claim(turn.turn_id)
        if claim is None:
            if await self._records.status(turn.turn_id) == "pending":
                return None
            return await self._records.replies(turn.turn_id)
        if claim.ownership.owner not in BOT_SPEAKS:
            await self._records.skip(turn.turn_id, f"owner is {claim.ownership.owner}")
            return []
        self._hub.show(turn.conversation_id, {"type": "typing", "on": True})
        try:
            outcome = await self._ask(turn, claim, began)
            events = await self._keep(turn, claim, outcome)
        finally:
            self._hub.show(turn.conversation_id, {"type": "typing", "on": False})
        return [event for event in events if event.type == "message"]

    async def _ask(self, turn: Turn, claim: Claim, began: float) -> Outcome:
        customer = await customer_of_turn(self._profiles, claim.customer_id)
        if turn.seq == 0:
            await self._state.write_epoch(turn.conversation_id, claim.ownership.epoch)
        asked = time.monotonic()
        times = {"wait": began - turn.accepted, "customer": asked - began}
        seconds = max(_AT_LEAST, TURN_SECONDS - (asked - turn.accepted))
        question = {
            "turn_id": str(turn.turn_id),
            "conversation_id": str(turn.conversation_id),
            "owner_epoch": claim.ownership.epoch,
            "text": turn.text,
            "command": turn.command,
            "customer": customer.for_bot() if customer else None,
        }
        names = {"turn_id": str(turn.turn_id), "conversation_id": str(turn.conversation_id)}
        try:
            # The epoch is in Redis already; it is renewed meanwhile, in case Redis has lost it.
            answer, _, segment = await asyncio.gather(
                self._bot.answer(question, seconds),
                self._state.write_epoch(turn.conversation_id, claim.ownership.epoch),
                segment_of(self._profiles, customer),
            )
        except BotFailed as failure:
            log.warning("no answer from the bot", kind=failure.kind, reason=str(failure), **names)
            spent = _milliseconds(times, asked, turn)
            return outcomes.given_up(turn, claim, failure.kind, reason=str(failure), milliseconds=spent)
        spent = _milliseconds(times, asked, turn)
        if not answer.committed:
            log.warning("the bot did not commit a turn", **names)
            reason = "the bot did not save the turn"
            return outcomes.given_up(
                turn, claim, "bot_uncommitted", reason=reason, milliseconds=spent, answer=answer
            )
        may_be_silent = turn.seq == 0 or turn.command == RESUME
        if not may_be_silent and not any(reply.text or reply.cards for reply in answer.replies):
            log.warning("the bot had nothing to say", **names)
            return outcomes.given_up(
                turn, claim, "no_answer", reason="no reply", milliseconds=spent, answer=answer
            )
        listed = outcomes.listed(turn, answer, customer, segment)
        return outcomes.answered(turn, claim, answer, listed, spent)

    async def _keep(self, turn: Turn, claim: Claim, outcome: Outcome) -> list[Event]:
        epoch = claim.ownership.epoch
        names = {"turn_id": str(turn.turn_id), "conversation_id": str(turn.conversation_id)}
        try:
            events = await self._records.finish(turn.turn_id, epoch, outcome)
        except DBAPIError as error:
            log.error("a turn could not be kept as the bot gave it", error=error, **names)
            outcome = outcomes.given_up(
                turn, claim, "bot_unavailable", reason="answer could not be kept", milliseconds={}
            )
            events = await self._records.finish(turn.turn_id, epoch, outcome)
        if not events and outcome.events:
            log.info("replies dropped, the owner changed meanwhile", epoch=epoch, **names)
            return await self._records.replies(turn.turn_id)
        if outcome.ownership.epoch != epoch:
            await self._state.write_epoch(turn.conversation_id, outcome.ownership.epoch)
        self._hub.publish(turn.conversation_id, events)
        return events

    async def sweep(self) -> None:
        """Background task: take up turns that lost the process that worked on them."""
        while True:
            await self._state.report_alive(self._process)
            try:
                for turn, too_old in await self._records.orphans(await self._state.alive()):
                    if turn.turn_id in self._results:
                        continue
                    log.warning("taking up a turn that was left", turn_id=str(turn.turn_id), too_old=too_old)
                    if too_old:
                        await self._give_up(turn)
                    else:
                        self.submit(turn)
            except DatabaseUnavailable:
                pass  # Said in the log already; the next round tries again.
            except Exception as error:
                log.error("left turns not taken up", error=error, exc_info=error)
            await asyncio.sleep(_SWEEP_SECONDS)

    async def _give_up(self, turn: Turn) -> None:
        claim = await self._records.claim(turn.turn_id)
        if claim is None:
            return
        if claim.ownership.owner not in BOT_SPEAKS:
            await self._records.skip(turn.turn_id, f"owner is {claim.ownership.owner}")
            return
        outcome = outcomes.given_up(turn, claim, "too_old", reason="left for too long", milliseconds={})
        await self._keep(turn, claim, outcome)

    async def close(self, seconds: float = 3.0) -> None:
        """Let turns that are under way end; what is not done then stays pending in the record."""
        tasks = [queue.task for queue in self._queues.values() if queue.task]
        if tasks:
            _, unfinished = await asyncio.wait(tasks, timeout=seconds)
            await stop(unfinished)


def _milliseconds(times: dict[str, float], asked: float, turn: Turn) -> dict[str, Any]:
    """The time of each part so far; `total` is from the customer's message to the bot's answer."""
    now = time.monotonic()
    parts = {**times, "bot": now - asked, "total": now - turn.accepted}
    return {name: round(seconds * 1000, 2) for name, seconds in parts.items()}
