"""One message in review: what was understood and how surely, and what is to be learnt from it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from web.console.kit import Button, Chip, Disclosure, Form, Node, Panel, Values, When, lines
from web.console.training.entity_marks import EntityMarks, utterances_of
from web.console.training.intent_picker import IntentPicker
from web.console.training.parts import Press
from web.console.training.words import REASON_TONES, REASONS, counted, meanings, percent, understood
from web.console.words import humanised
from web.training.shapes import Action, AgentMark, Decision, ReviewItem

#: Keeps a decision about an item.
Decide = Callable[[ReviewItem, Decision], Awaitable[None]]


class ItemPanel:
    """The open message. Its fields are filled anew for each; nothing in them is lost when a decision is refused."""

    def __init__(self, intents: Mapping[str, str], entities: Sequence[str], decide: Decide) -> None:
        self._decide = decide
        self._item: ReviewItem | None = None
        with Panel("Message") as self.panel:
            self._head = Node("div", "", "stack")
            with Form(self._correct, label="Decision") as self._form:
                self._id = Node("input", type="hidden", name="item")
                with Node("div"):
                    self._suggestion = Node("p", "", "suggestion")
                    self._meaning = Node("p", "", "hint")
                # Beside the message and in sight however far one has scrolled.
                with Node("div", "", "actions"):
                    with Node("div", "", "buttons"):
                        self._accept = Press("Accept", self._accepted, kind="primary", key="a")
                        # The form's own: without one, Enter at a chosen intent sends nothing.
                        Button("Save the correction", submits=True)
                        Press("Drop", self._dropped, key="d", describes="Drop: nothing to learn")
                    self._error = Node("p", "", "error", role="alert")
                with Disclosure("Correct it: another intent", unfolded=True):
                    self._picker = IntentPicker(intents)
                self._marks = EntityMarks(entities)
                self._more = Node("div", "", "stack")

    def show(self, item: ReviewItem | None) -> None:
        """Open a message, or none when all are decided."""
        self._item = item
        self.panel.put(hidden=None if item else True)
        self._error.say("")
        if item is None:
            return
        self._head.clear()
        with self._head:
            _head(item)
        self._more.clear()
        with self._more:
            _more(item, self._learn_all)
        # With the words themselves: a press in the very moment they are seen is about this message.
        self._id.put(value=item.item_id)
        self._picker.choose_none()
        self._marks.set([item.suggestion.draft])
        words = humanised(item.suggestion.intent)
        meaning = meanings().get(item.suggestion.intent)
        self._suggestion.say(f"Suggestion: {words}")
        self._meaning.say(f"The customer wants {meaning}." if meaning else "")
        self._accept.say(f"Accept: {words}")

    def _learn_all(self) -> None:
        if self._item is not None:
            self._marks.set([variant.draft for variant in self._item.variants])

    async def _accepted(self, values: Values) -> None:
        await self._kept(Action.ACCEPT, None, values)

    async def _dropped(self, values: Values) -> None:
        await self._kept(Action.DROP, None, values)

    async def _correct(self, values: Values) -> None:
        if not values.get("intent"):
            self._error.say("Choose which intent it is first.")
            return
        await self._kept(Action.CORRECT, values["intent"], values)

    async def _kept(self, action: Action, intent: str | None, values: Values) -> None:
        item = self._item
        # A second press may come from the message before.
        if item is None or values.get("item") != item.item_id:
            return
        utterances = utterances_of(values["utterances"])
        faults = self._marks.faults(utterances) if action is not Action.DROP else []
        if action is not Action.DROP and not utterances:
            faults = ["Write what is to be learnt, or drop the message."]
        self._error.say(" ".join(faults))
        if not faults:
            await self._decide(item, Decision(action, intent, () if action is Action.DROP else utterances))


def _head(item: ReviewItem) -> None:
    Node("blockquote", item.text, "quote", dir="auto")
    with Node("p", "", "chips"):
        for reason in item.reasons:
            Chip(REASONS[reason], REASON_TONES[reason])
        if item.mood and item.mood != "neutral":
            Chip(humanised(item.mood), "plain", prefix="Mood")
        if item.count > 1:
            Chip(counted(item.count, "message"), "plain")
        When(item.last_at, "ago")
    Node("p", understood(item.understood_as, item.confidence))
    for mark in item.marks:
        Node("p", _said(mark), "notice warn")


def _more(item: ReviewItem, learn_all: Callable[[], None]) -> None:
    if len(item.suggestion.ranking) > 1:
        with Node("ol", "", "ranking", aria_label="Likeliest intents"):
            for ranked in item.suggestion.ranking:
                with Node("li"):
                    Node("span", humanised(ranked.name))
                    Node("span", percent(ranked.confidence), "number")
    if len(item.variants) > 1:
        with Disclosure(f"Written in {len(item.variants)} ways"):
            lines([f"{variant.text} ({counted(variant.count, 'time')})" for variant in item.variants])
            Button("Learn all of them", learn_all, kind="quiet")


def _said(mark: AgentMark) -> str:
    meant = f"it means {humanised(mark.intent).lower()}" if mark.intent else "it was misread"
    return f"An agent said that {meant}" + (f": “{mark.comment}”" if mark.comment else ".")
