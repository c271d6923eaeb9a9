"""Who owns a conversation: one state machine, and an epoch that makes a late voice recognisable.

    bot ──ask_for_agent──▶ queued ──take──▶ agent ──hand_back──▶ bot
     └───────────────take──────────────────▶  ├────close───────▶ closed
                                              └──agent_gone────▶ queued

Each change raises the epoch. A reply or a side effect that was begun under an older epoch is void.
"""

from dataclasses import dataclass
from enum import StrEnum


class Owner(StrEnum):
    BOT = "bot"
    QUEUED = "queued"
    AGENT = "agent"
    CLOSED = "closed"


class Change(StrEnum):
    """What may happen to an owner."""

    ASK_FOR_AGENT = "ask_for_agent"
    #: The bot was given up on in a turn: the conversation opens to agents, and the late bot is void.
    BOT_FAILED = "bot_failed"
    TAKE = "take"
    HAND_BACK = "hand_back"
    CLOSE = "close"
    #: The agent's account was disabled: whoever was spoken to waits for another.
    AGENT_GONE = "agent_gone"


_CHANGES: dict[tuple[Owner, Change], Owner] = {
    (Owner.BOT, Change.ASK_FOR_AGENT): Owner.QUEUED,
    (Owner.BOT, Change.BOT_FAILED): Owner.QUEUED,
    (Owner.QUEUED, Change.BOT_FAILED): Owner.QUEUED,
    (Owner.BOT, Change.TAKE): Owner.AGENT,
    (Owner.QUEUED, Change.TAKE): Owner.AGENT,
    (Owner.AGENT, Change.HAND_BACK): Owner.BOT,
    (Owner.AGENT, Change.CLOSE): Owner.CLOSED,
    (Owner.AGENT, Change.AGENT_GONE): Owner.QUEUED,
}

#: The owners under which the bot answers: a customer who waits for a person is not left in silence.
BOT_SPEAKS = frozenset({Owner.BOT, Owner.QUEUED})


class ChangeRefused(Exception):
    """This change is not possible for this owner."""


@dataclass(frozen=True)
class Ownership:
    """The owner of one conversation at one epoch (1 when it begins)."""

    owner: Owner
    epoch: int

    def after(self, change: Change) -> "Ownership":
        """The ownership that follows.

        Raises:
            ChangeRefused: when `change` does not lead anywhere from this owner.
        """
        owner = _CHANGES.get((self.owner, change))
        if owner is None:
            raise ChangeRefused(f"A conversation owned by '{self.owner}' can't {change.replace('_', ' ')}.")
        return Ownership(owner, self.epoch + 1)

    def allows(self, change: Change) -> bool:
        return (self.owner, change) in _CHANGES
