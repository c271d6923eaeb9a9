"""What the actions work with; one of each per process."""

from dataclasses import dataclass

import redis.asyncio as redis_client
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from actions.knowledge import Knowledge
from actions.retrieval.finder import Finder
from actions.shop import Shop
from actions.variants.store import PublishedVariants
from common.logs import get_logger
from profiles.client import ProfilesClient

log = get_logger(__name__)


@dataclass
class Services:
    profiles: ProfilesClient
    shop: Shop
    redis: "redis_client.Redis"
    variants: PublishedVariants
    knowledge: Knowledge
    pages: Finder

    async def owner_is_still(self, conversation_id: str, epoch: int) -> bool:
        """Whether the bot owns the conversation as it did when the turn began.

        Without an answer from Redis nobody can know: then nothing may be changed.
        """
        try:
            current = await self.redis.get(f"conversation:{conversation_id}:epoch")
        except RedisError as error:
            log.warning("owner epoch not read", error=error, conversation_id=conversation_id)
            return False
        return bool(current == str(epoch))


def connect_redis(url: str) -> "redis_client.Redis":
    """A client that gives up quickly: a turn must not wait for Redis. One retry covers a restarted server."""
    return redis_client.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=0.3,
        socket_connect_timeout=0.3,
        retry=Retry(NoBackoff(), 1),
    )
