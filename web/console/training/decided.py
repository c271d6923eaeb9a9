"""What was decided: to be taken back, as long as it is not written."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import UUID

from web.console.access import Session
from web.console.kit import Button, Node, Panel, Table, When
from web.console.kit.tables import Cell
from web.console.training.desk import who
from web.console.words import humanised
from web.training.shapes import Action, Review

SHOWN = 30


class Decided:
    """The newest decisions. `undo` takes one back."""

    def __init__(self, session: Session, undo: Callable[[UUID], Awaitable[None]]) -> None:
        self._session = session
        self._undo = undo
        with Panel("Decided lately"):
            self._table = Table(
                "The newest decisions",
                ["Message", "Decision", "When", "State"],
                [],
                empty="Nothing was decided yet.",
                hide_caption=True,
            )

    def show(self, reviews: Sequence[Review]) -> None:
        self._table.show([self._row(review) for review in reviews[:SHOWN]])

    def _row(self, review: Review) -> list[Cell]:
        return [
            review.text,
            f"{decision_words(review)}, by {who(self._session, review.decided_by)}",
            partial(When, review.decided_at),
            partial(self._state, review),
        ]

    def _state(self, review: Review) -> None:
        if review.written_at is not None:
            Node("span", "Written to the data")
        else:
            name = f"Take back: “{review.text[:60]}”"
            Button("Take back", lambda: self._undo(review.review_id), kind="quiet", describes=name)


def decision_words(review: Review) -> str:
    if review.action is Action.DROP:
        return "Dropped"
    said = "Accepted as" if review.action is Action.ACCEPT else "Corrected to"
    return f"{said} {humanised(review.intent or '').lower()}"
