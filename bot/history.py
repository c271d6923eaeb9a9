"""The past of a conversation, shortened so that turn 200 costs what turn 5 costs.

Rasa replays all events of a tracker several times a turn (`tracker.copy()`, each policy), so its cost
grows with the conversation. The state before the last turns is therefore written again as a few events of
Rasa's own: a session start, the slots, the active loop, a listen. Rasa replays them like any others.

What policies see reaches back to the kept turns and no further; neither do `action_back` and undone
messages. A shortened history that does not give the same state is not used.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.conversation import Dialogue
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    ConversationPaused,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

#: Turns kept as they were: with the new one they hold the five states that MemoizationPolicy looks back to.
KEEP_TURNS = 2
#: Shortened only when this many turns have gathered, since shortening costs three replays.
GATHER_TURNS = 4


@dataclass(frozen=True)
class Shortened:
    """A shorter way to the same state: `opening` instead of all events before `first_kept`."""

    opening: list[Event]
    first_kept: int


def replay(sender_id: str, events: Iterable[Event], slots: Iterable[Slot]) -> DialogueStateTracker:
    """A tracker in the state after `events`, as Rasa's own stores make it."""
    tracker = DialogueStateTracker(sender_id, slots)
    tracker.recreate_from_dialogue(Dialogue(sender_id, list(events)))
    return tracker


def shorten(tracker: DialogueStateTracker, opening_length: int) -> Shortened | None:
    """Find a shorter history of `tracker`, whose first `opening_length` events are an earlier opening.

    Returns nothing when too few turns have gathered, or when the state can't be had by an opening.
    """
    events = list(tracker.events)
    turns = [place for place in range(opening_length, len(events)) if isinstance(events[place], UserUttered)]
    if len(turns) < GATHER_TURNS:
        return None
    first_kept = turns[-KEEP_TURNS]
    slots = list(tracker.slots.values())
    before = replay(tracker.sender_id, events[:first_kept], slots)
    opening = _opening(before, events[:first_kept])
    whole = replay(tracker.sender_id, events, slots)
    short = replay(tracker.sender_id, [*opening, *events[first_kept:]], slots)
    return Shortened(opening, first_kept) if same_state(whole, short) else None


def same_state(one: DialogueStateTracker, other: DialogueStateTracker) -> bool:
    """Whether two trackers are in the same state, whatever events led there."""
    return all(
        _same(getattr(one, name), getattr(other, name))
        for name in (
            "active_loop",
            "latest_action",
            "latest_message",
            "latest_bot_utterance",
            "followup_action",
            "_paused",
        )
    ) and {name: (slot.value, slot.has_been_set) for name, slot in one.slots.items()} == {
        name: (slot.value, slot.has_been_set) for name, slot in other.slots.items()
    }


def _same(one: object, other: object) -> bool:
    """Equality, but quick for the same object: Rasa compares what a bot said by pickling it."""
    return one is other or one == other


def _opening(before: DialogueStateTracker, events: list[Event]) -> list[Event]:
    """Events that lead a new tracker to the state of `before`, which is waiting for a message.

    Slots come before the last listen: undoing the first kept message takes away all that follows it.
    """
    at = events[-1].timestamp
    opening: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME, timestamp=at), SessionStarted(at)]
    opening += [SlotSet(slot.name, slot.value, at) for slot in before.slots.values() if slot.has_been_set]
    opening += _active_loop(before, events, at)
    if before.is_paused():
        opening.append(ConversationPaused(at))
    if before.latest_bot_utterance is not None and before.latest_bot_utterance != BotUttered.empty():
        opening.append(before.latest_bot_utterance)
    opening.append(ActionExecuted(ACTION_LISTEN_NAME, timestamp=at))
    return opening


def _active_loop(before: DialogueStateTracker, events: list[Event], at: float) -> list[Event]:
    """The active loop with the message that began it (`trigger_message`), as if it had just been asked."""
    if before.active_loop is None or before.active_loop_name is None:
        return []
    name = before.active_loop_name
    begun = max(place for place, event in enumerate(events) if event == ActiveLoop(name))
    trigger = next((event for event in reversed(events[:begun]) if isinstance(event, UserUttered)), None)
    loop: list[Event] = [] if trigger is None else [ActionExecuted(ACTION_LISTEN_NAME, timestamp=at), trigger]
    loop += [ActionExecuted(name, timestamp=at), ActiveLoop(name, at)]
    if before.is_active_loop_rejected:
        loop.append(ActionExecutionRejected(name, timestamp=at))
    return loop
