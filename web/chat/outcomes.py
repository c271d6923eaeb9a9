"""From the bot's answer, or its absence, to what is kept and shown of a turn. Pure functions."""

import secrets
from datetime import UTC, datetime
from typing import Any

from web.chat.bot import BotAnswer, BotReply
from web.chat.customers import Customer
from web.chat.events import RESUME, Claim, NewEvent, Turn
from web.chat.moods import mood_of
from web.chat.ownership import Change
from web.chat.records import Listed, Outcome

_SAVED = "Your message is saved and our team can see this conversation."

#: What the customer reads when the bot has no answer: what happened, and what to do.
FALLBACKS = {
    "bot_late": (
        "Sorry, that is taking longer than it should, so I have stopped waiting for an answer. "
        f"{_SAVED} Please ask again in a moment."
    ),
    "bot_unavailable": (
        f"Sorry, I can't answer just now because of a fault on our side. {_SAVED} "
        "Please try again in a minute."
    ),
    "bot_uncommitted": (
        f"Sorry, something went wrong while I was answering. {_SAVED} If you asked me to change an order, "
        "ask me for its status first, then tell me again what you need."
    ),
    "no_answer": f"Sorry, I have no answer to that. {_SAVED} Please put it in other words.",
    "too_old": (
        f"Sorry, we were away for a moment and your last message stayed without an answer. {_SAVED} "
        "Please ask again if you still need us."
    ),
}
_OPENING_FALLBACK = (
    "Hello! I'm having trouble getting ready because of a fault on our side. Write your question here: "
    "it will be saved, and our team can see this conversation."
)


#: Talk that says nothing about what a customer wants.
SOCIAL = frozenset(
    {"greet", "goodbye", "thank", "affirm", "deny", "inform", "bot_challenge", "out_of_scope", "nlu_fallback"}
)


def listed(
    turn: Turn, answer: BotAnswer, customer: Customer | None, segment: tuple[str | None, bool]
) -> Listed:
    """What the agents' list learns from a turn. A button has no mood, nor has a bare detail; small talk is no wish."""
    intent = (answer.parse.get("intent") or {}).get("name")
    typed = turn.command is None
    return Listed(
        mood=mood_of(answer.parse, answer.decision) if typed else None,
        intent=intent if turn.seq > 0 and turn.command != RESUME and intent not in SOCIAL else None,
        customer_name=customer.first_name if customer else None,
        segment=segment[0],
        segment_known=segment[1],
    )


def answered(
    turn: Turn, claim: Claim, answer: BotAnswer, listed: Listed, milliseconds: dict[str, float]
) -> Outcome:
    """The outcome of a turn that the bot committed; its decision may ask for an agent."""
    offers: list[dict[str, Any]] = []
    events = [_message(reply, offers) for reply in answer.replies if reply.text or reply.cards]
    ownership = claim.ownership
    handoff = answer.decision.get("handoff")
    if handoff and ownership.allows(Change.ASK_FOR_AGENT):
        ownership = ownership.after(Change.ASK_FOR_AGENT)
        reason = handoff.get("reason") if isinstance(handoff, dict) else None
        events.append(_owner_event(ownership.owner, ownership.epoch, reason))
    return Outcome(
        status="answered",
        events=events,
        ownership=ownership,
        offers=offers,
        committed=True,
        attention="handoff" if handoff else None,
        parse=answer.parse,
        decision=answer.decision,
        replies=[{"reply": reply.reply, "variant": reply.variant} for reply in answer.replies],
        models=answer.models,
        milliseconds={**answer.milliseconds, **milliseconds},
        interaction=_interaction(turn, claim, answer),
        listed=listed,
    )


def given_up(
    turn: Turn,
    claim: Claim,
    kind: str,
    *,
    reason: str,
    milliseconds: dict[str, float],
    answer: BotAnswer | None = None,
) -> Outcome:
    """The outcome of a turn without a usable answer: a fallback from this server, and a call for agents."""
    text = _OPENING_FALLBACK if turn.seq == 0 else FALLBACKS[kind]
    events = [NewEvent("message", "system", {"text": text, "kind": kind})]
    ownership = claim.ownership.after(Change.BOT_FAILED)
    if ownership.owner != claim.ownership.owner:
        events.append(_owner_event(ownership.owner, ownership.epoch, kind))
    return Outcome(
        status="failed",
        events=events,
        ownership=ownership,
        offers=[],
        committed=False,
        failure=f"{kind}: {reason}",
        attention=kind,
        parse=answer.parse if answer else None,
        decision=answer.decision if answer else None,
        models=answer.models if answer else None,
        milliseconds={**(answer.milliseconds if answer else {}), **milliseconds},
    )


def _message(reply: BotReply, offers: list[dict[str, Any]]) -> NewEvent:
    """One reply as an event; its buttons become opaque ids, their commands stay on the server."""
    payload: dict[str, Any] = {"text": reply.text or "", "reply": reply.reply, "variant": reply.variant}
    if reply.cards:
        payload["cards"] = reply.cards
    buttons = []
    for offered in reply.quick_replies:
        offer_id = secrets.token_urlsafe(12)
        offers.append({"id": offer_id, "title": offered.title, "command": offered.command.model_dump()})
        buttons.append({"id": offer_id, "title": offered.title})
    if buttons:
        payload["quick_replies"] = buttons
    return NewEvent("message", "bot", payload)


def _owner_event(owner: str, epoch: int, reason: str | None) -> NewEvent:
    return NewEvent("owner", "system", {"owner": str(owner), "epoch": epoch, "reason": reason})


def _interaction(turn: Turn, claim: Claim, answer: BotAnswer) -> dict[str, Any] | None:
    """What the profile service should hear about this conversation, if it knows its customer."""
    interaction = answer.decision.get("interaction")
    if not isinstance(interaction, dict) or not claim.customer_id:
        return None
    return {
        "interaction_id": str(turn.conversation_id),
        "customer_id": claim.customer_id,
        "channel": "chat",
        "occurred_at": datetime.now(UTC).isoformat(),
        "issue": interaction.get("issue", "general"),
        "outcome": interaction.get("outcome", "open"),
        "conversation_id": str(turn.conversation_id),
        "summary": interaction.get("summary", {}),
    }
