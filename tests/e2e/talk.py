"""A conversation as a test tells it: say something, look at what came back."""

from typing import Any, Self

from bench.client import Conversation, RapportClient


class Talk:
    """One conversation with the running system."""

    def __init__(self, client: RapportClient, conversation: Conversation) -> None:
        self.client = client
        self.conversation = conversation
        self.answer: dict[str, Any] = {}

    @classmethod
    async def begin(cls, client: RapportClient, customer_id: str | None) -> Self:
        return cls(client, await client.open(customer_id))

    async def say(self, text: str) -> str:
        """Send a message; the texts of its replies, joined."""
        self.answer = await self.client.say(self.conversation, text)
        return self.heard

    async def choose(self, title_part: str) -> str:
        """Press the quick reply whose title contains `title_part`."""
        for choice in self.choices:
            if title_part.lower() in choice["title"].lower():
                self.answer = await self.client.choose(self.conversation, choice["id"])
                return self.heard
        raise AssertionError(f"no quick reply {title_part!r} among {[c['title'] for c in self.choices]}")

    @property
    def heard(self) -> str:
        return "\n".join(reply["text"] for reply in self.answer["replies"])

    @property
    def choices(self) -> list[dict[str, Any]]:
        return [choice for reply in self.answer["replies"] for choice in reply.get("quick_replies") or []]

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [card for reply in self.answer["replies"] for card in reply.get("cards") or []]

    async def why(self) -> dict[str, Any]:
        """The decision record of the last turn."""
        return await self.client.why(self.conversation, self.answer["replies"][-1]["seq"])

    async def opening(self) -> dict[str, Any]:
        """The bot's first message, which it sends by itself, as soon as it is there."""
        return await self.client.greeted(self.conversation)
