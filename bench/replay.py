"""Replay recorded conversations through the running system and show every answer with its reasons."""

import json
import statistics
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from bench.client import RapportClient
from bench.conversations import RecordedConversation


@dataclass
class ReplayedTurn:
    """One message of a customer, what was understood, and what was answered. Times in milliseconds."""

    text: str
    replies: list[str]
    intent: str
    confidence: float
    sentiment: str
    entities: list[str]
    variants: list[str]
    milliseconds: float


@dataclass
class ReplayedConversation:
    """A conversation as it went."""

    name: str
    customer: str | None
    opening: list[str] = field(default_factory=list)
    turns: list[ReplayedTurn] = field(default_factory=list)


async def replay(
    url: str, conversations: list[RecordedConversation], console: Console
) -> list[ReplayedConversation]:
    """Play each conversation from its first message to its last, one after the other."""
    played = []
    async with RapportClient(url) as client:
        await client.health()
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("replaying", total=sum(len(item.texts) for item in conversations))
            for recorded in conversations:
                conversation = await _replay_one(client, recorded, lambda: progress.advance(task))
                played.append(conversation)
                _print_conversation(console, conversation)
    _print_summary(console, played)
    return played


async def _replay_one(
    client: RapportClient, recorded: RecordedConversation, on_turn: Any
) -> ReplayedConversation:
    conversation = await client.open(recorded.customer)
    result = ReplayedConversation(recorded.name, recorded.customer)
    for text in recorded.texts:
        started = perf_counter()
        answer = await client.say(conversation, text)
        elapsed = (perf_counter() - started) * 1000
        replies = answer["replies"]
        why = await client.why(conversation, replies[0]["seq"]) if replies else {}
        result.turns.append(_turn(text, replies, why, elapsed))
        on_turn()
    events = await client.events(conversation)
    result.opening = _before_first_message(events)
    return result


def _before_first_message(events: list[dict[str, Any]]) -> list[str]:
    opening = []
    for event in events:
        if event.get("role") == "customer":
            break
        if event["type"] == "message":
            opening.append(event["text"])
    return opening


def _turn(text: str, replies: list[dict[str, Any]], why: dict[str, Any], elapsed: float) -> ReplayedTurn:
    sentiment = why.get("sentiment") or {}
    shown = [
        reply["text"] + "".join(f" [{choice['title']}]" for choice in reply.get("quick_replies") or [])
        for reply in replies
    ]
    return ReplayedTurn(
        text=text,
        replies=shown,
        intent=why.get("intent") or "?",
        confidence=float(why.get("confidence") or 0.0),
        sentiment=sentiment.get("label") or "?",
        entities=[f"{item['entity']}={item['value']}" for item in why.get("entities") or []],
        variants=[
            f"{item['reply']}:{item['variant']}" for item in why.get("replies") or [] if item.get("reply")
        ],
        milliseconds=elapsed,
    )


def _print_conversation(console: Console, conversation: ReplayedConversation) -> None:
    console.rule(escape(f"{conversation.name} · {conversation.customer or 'anonymous'}"))
    for text in conversation.opening:
        console.print(f"  [green]bot[/]  {escape(text)}")
    for turn in conversation.turns:
        console.print(f"[bold]customer[/]  {escape(turn.text)}")
        notes = [f"{turn.intent} {turn.confidence:.2f}", turn.sentiment, *turn.entities, *turn.variants]
        console.print(f"          [dim]{escape(' · '.join(notes))} · {turn.milliseconds:.0f} ms[/]")
        for text in turn.replies:
            console.print(f"     [green]bot[/]  {escape(text)}")


def _print_summary(console: Console, conversations: list[ReplayedConversation]) -> None:
    turns = [turn for conversation in conversations for turn in conversation.turns]
    times = sorted(turn.milliseconds for turn in turns)
    console.rule("summary")
    console.print(
        f"{len(conversations)} conversations, {len(turns)} turns, "
        f"{sum(not turn.replies for turn in turns)} without a reply, "
        f"median {statistics.median(times):.0f} ms, slowest {times[-1]:.0f} ms"
    )
    for title, counts in (
        ("intents", Counter(turn.intent for turn in turns)),
        ("sentiment", Counter(turn.sentiment for turn in turns)),
        ("variants", Counter(variant for turn in turns for variant in turn.variants)),
    ):
        console.print(
            escape(f"{title}: " + ", ".join(f"{name} {count}" for name, count in counts.most_common()))
        )


def write(path: Path, conversations: list[ReplayedConversation]) -> None:
    """Write one JSON line for each conversation."""
    path.write_text(
        "".join(json.dumps(asdict(item), ensure_ascii=False) + "\n" for item in conversations), "utf-8"
    )
