"""One conversation in the list."""

from uuid import UUID

from web.agents.schemas import ConversationItem
from web.chat.ownership import Owner
from web.console.kit import Chip, Node, When
from web.console.words import MOOD_TONES, MOODS, customer_name, humanised, owner_tone, owner_words

_SPEAKERS = {"customer": "Customer", "bot": "Assistant", "agent": "Agent", "system": "Notice"}


class ConversationRow:
    """A link with who, what, in which mood, and since when; it changes in place."""

    def __init__(self, item: ConversationItem, me: UUID) -> None:
        self._me = me
        with Node("li") as self.node, Node("a", "", "row", data_row="") as self._link:
            with Node("span", "", "row-name"):
                self._name = Node("strong", customer_name(item), dir="auto")
                self._owner = Chip("", prefix="State")
                self._mood = Chip("", prefix="Mood")
                self._intent = Chip("", "accent", prefix="Wish")
                self._segment = Chip("", prefix="Segment")
            with Node("span", "", "row-side"):
                with Node("span", "", "hint") as self._waiting:
                    Node("span", "waiting for ")
                    self._since = When(item.waiting_since or item.updated_at, "for")
                self._when = When(item.updated_at, "ago")
            self._said = Node("span", "", "row-said", dir="auto")
        self._link.put(href=f"/conversations/{item.conversation_id}")
        self.show(item)

    def show(self, item: ConversationItem) -> None:
        waits = item.owner is Owner.QUEUED
        mine = item.owner is Owner.AGENT and item.agent is not None and item.agent.staff_id == self._me
        look = (
            "angry"
            if item.angry and item.owner is not Owner.CLOSED
            else "waiting"
            if waits
            else "mine"
            if mine
            else ""
        )
        if self._link.props.get("data-look") != look:
            self._link.classes(remove="angry waiting mine", add=look)
            self._link.put(data_look=look)
        self._name.say(customer_name(item))
        self._owner.show("With you" if mine else owner_words(item), owner_tone(item.owner))
        mood = "angry" if item.angry else item.mood
        _show(self._mood, mood is not None and mood != "neutral")
        if mood is not None:
            self._mood.show(MOODS[mood], MOOD_TONES[mood])
        _show(self._intent, item.intent is not None)
        self._intent.show(humanised(item.intent or ""), "accent")
        _show(self._segment, item.segment is not None)
        self._segment.show(humanised(item.segment or ""), "plain")
        waits_since = item.waiting_since if waits else None
        _show(self._waiting, waits_since is not None)
        _show(self._when, waits_since is None)
        self._since.show(waits_since or item.updated_at)
        self._when.show(item.updated_at)
        last = item.last_message
        self._said.say(f"{_SPEAKERS[last.role]}: {last.text}" if last else "Nothing was written yet.")


def _show(node: Node, shown: bool) -> None:
    if bool(node.props.get("hidden")) is shown:
        node.put(hidden=None if shown else True)
