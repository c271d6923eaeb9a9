"""Three lines for an agent who comes to a conversation: made by plain rules from what is stored, without a model."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from common.masking import mask
from web.agents import words
from web.agents.schemas import ConversationItem, OpenForm
from web.agents.transcript import Transcript
from web.chat.moods import mood_of
from web.chat.outcomes import SOCIAL
from web.chat.ownership import Owner

_QUOTE = 120
_WISHES = 3


def summary(item: ConversationItem, transcript: Transcript, form: OpenForm | None) -> list[str]:
    """Who and what they want; what was said and done so far; the mood and what is open."""
    return [
        _who_and_what(item, transcript),
        _so_far(transcript),
        _mood_and_open(item, transcript, form),
    ]


def _who_and_what(item: ConversationItem, transcript: Transcript) -> str:
    if item.customer_id is None:
        who = "A visitor who is not signed in"
    else:
        segment = f", {words.plain(item.segment)}" if item.segment else ""
        who = f"{item.customer_name or 'A customer'} ({item.customer_id}{segment})"
    wishes = _wishes(transcript)
    if wishes:
        return f"{who} wants to {', then '.join(words.wish(intent) for intent in wishes)}."
    last = _last_text(transcript, "customer")
    return f"{who} wrote “{_quoted(last)}”." if last else f"{who} has not written anything yet."


def _wishes(transcript: Transcript) -> list[str]:
    """The last few different wishes, in the order in which they came up."""
    found: list[str] = []
    for turn in transcript.turns:
        intent = ((turn.parse or {}).get("intent") or {}).get("name")
        if turn.seq > 0 and intent and intent not in SOCIAL and intent != "resume_from_agent":
            found = [*(earlier for earlier in found if earlier != intent), intent]
    return found[-_WISHES:]


def _so_far(transcript: Transcript) -> str:
    by_role = Counter(event.role for event in transcript.events if event.type == "message")
    turns = Counter(turn.status for turn in transcript.turns if turn.seq > 0)
    parts = [f"{_number(by_role['customer'], 'message')} from the customer"]
    if turns["answered"]:
        parts.append(f"the assistant answered {turns['answered']}")
    if turns["failed"]:
        parts.append(f"it failed at {turns['failed']}")
    if by_role["agent"]:
        parts.append(f"colleagues wrote {_number(by_role['agent'], 'reply', 'replies')}")
    line = f"{', '.join(parts)}."
    settled = _settled(transcript)
    if settled:
        line += f" Settled: {', '.join(settled)}."
    orders = _orders(transcript)
    if orders:
        line += f" Spoken of: {', '.join(orders)}."
    said = _last_text(transcript, "agent", "bot")
    return f"{line} Last answer: “{_quoted(said)}”" if said else line


def _settled(transcript: Transcript) -> list[str]:
    """Wishes that the assistant itself holds to be done."""
    found: list[str] = []
    for turn in transcript.turns:
        interaction = (turn.decision or {}).get("interaction")
        if isinstance(interaction, dict) and interaction.get("outcome") == "resolved":
            issue = words.plain(str(interaction.get("issue", "general")))
            if issue not in found:
                found.append(issue)
    return found


def _orders(transcript: Transcript) -> list[str]:
    found: dict[str, str] = {}
    for event in transcript.events:
        for card in event.payload.get("cards") or []:
            if card.get("kind") == "order" and card.get("order_id"):
                found[card["order_id"]] = words.plain(str(card.get("status", "")))
    return [f"{order_id} ({status})" if status else order_id for order_id, status in found.items()][-3:]


def _mood_and_open(item: ConversationItem, transcript: Transcript, form: OpenForm | None) -> str:
    parts = [_mood(item, transcript)]
    if form is not None:
        missing = ", ".join(field.label for field in form.missing)
        parts.append(f"Unfinished: {form.title}{f', still to be asked: {missing}' if missing else ''}.")
    if item.attention:
        parts.append(f"Needs a person: {_reason(transcript) or words.attention(item.attention)}.")
    if item.waiting_since and item.owner is not Owner.CLOSED:
        minutes = int((datetime.now(UTC) - item.waiting_since).total_seconds() // 60)
        waited = "less than a minute" if minutes < 1 else _number(minutes, "minute")
        parts.append(f"Has waited {waited} for a person.")
    if len(parts) == 1:
        parts.append("Nothing is left open that the assistant knows of.")
    return " ".join(parts)


def _mood(item: ConversationItem, transcript: Transcript) -> str:
    moods = [label for turn in transcript.turns if (label := _label(turn)) is not None]
    angry = moods.count("angry")
    if not moods:
        return "Mood not known yet."
    now = "angry" if item.angry else moods[-1]
    if angry and not item.angry:
        return f"Mood: {now} now, was angry before."
    if angry > 1:
        return f"Mood: {now}, {angry} angry messages so far."
    return f"Mood: {now}."


def _label(turn: Row[Any]) -> str | None:
    if turn.seq == 0 or turn.command is not None:
        return None
    return mood_of(turn.parse, turn.decision)


def _reason(transcript: Transcript) -> str | None:
    """Why the conversation was last put into the queue, in words."""
    for event in reversed(transcript.events):
        if event.type == "owner" and event.payload.get("owner") == Owner.QUEUED:
            reason = event.payload.get("reason")
            return words.attention(str(reason)) if reason else None
    return None


def _last_text(transcript: Transcript, *roles: str) -> str:
    for event in reversed(transcript.events):
        if event.type == "message" and event.role in roles and event.payload.get("text"):
            return str(event.payload["text"])
    return ""


def _quoted(text: str) -> str:
    """One line of a text, personal data masked."""
    shown = " ".join(mask(text).split())
    return shown if len(shown) <= _QUOTE else f"{shown[: _QUOTE - 1].rstrip()}…"


def _number(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
