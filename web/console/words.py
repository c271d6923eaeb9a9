"""How the console says what the API says in names."""

from web.agents.schemas import CloseOutcome, ConversationItem, Mood
from web.chat.ownership import Owner
from web.console.kit.chips import Tone

OWNERS: dict[Owner, str] = {
    Owner.QUEUED: "Waiting for a person",
    Owner.AGENT: "With an agent",
    Owner.BOT: "With the assistant",
    Owner.CLOSED: "Closed",
}
MOODS: dict[Mood, str] = {
    "angry": "Angry",
    "negative": "Unhappy",
    "neutral": "Neutral",
    "positive": "Happy",
}
MOOD_TONES: dict[Mood, Tone] = {"angry": "bad", "negative": "warn", "neutral": "plain", "positive": "good"}
OUTCOMES: dict[CloseOutcome, str] = {
    "resolved": "Resolved: the problem is solved",
    "answered": "Answered: the question is answered",
    "open": "Still open: somebody has to come back to it",
    "no_reply": "No reply: the customer has gone quiet",
    "abuse": "Abuse: ended because of insults or spam",
}
ROLES = {"agent": "Agent", "trainer": "Trainer", "admin": "Administrator"}

_OWNER_TONES: dict[Owner, Tone] = {Owner.QUEUED: "warn", Owner.AGENT: "good"}


def humanised(name: str) -> str:
    """`loyal_high_value` as "Loyal high value"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def customer_name(item: ConversationItem) -> str:
    return item.customer_name or item.customer_id or "Anonymous visitor"


def owner_words(item: ConversationItem) -> str:
    """Who has the conversation: "With Sam Carter"."""
    if item.owner is Owner.AGENT and item.agent is not None:
        return f"With {item.agent.display_name}"
    return OWNERS[item.owner]


def owner_tone(owner: Owner) -> Tone:
    return _OWNER_TONES.get(owner, "plain")
