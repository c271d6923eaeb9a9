"""What all trainers' pages share: the teaching behind them, their frame, and how trouble is told."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui

from common.settings import load
from web.chat.database import DatabaseUnavailable
from web.console.access import Session
from web.console.kit import Frame, Node
from web.console.kit.frame import Place
from web.console.shell import page_frame
from web.training.service import Training
from web.training.settings import TrainingSettings
from web.training.shapes import Refused

#: Where style sheet and script of these pages are served.
STATIC = "/console-training"
#: In the order in which a trainer uses them.
PLACES = (
    Place("Review", "/training/review"),
    Place("Data", "/training/data"),
    Place("Replies", "/training/replies"),
    Place("Models", "/training/models"),
)
_HEAD = (
    f'<link rel="stylesheet" href="{STATIC}/training.css">'
    f'<script type="module" src="{STATIC}/training.js"></script>'
)

_made: list[Training] = []
#: What the staff are called, by staff id.
_names: dict[str, str] = {}


def training() -> Training:
    """The teaching of this process, made when a trainer first needs it.

    Raises:
        Refused: its settings are missing; says which.
    """
    if not _made:
        try:
            _made.append(Training(load(TrainingSettings)))
        except SystemExit as error:
            raise Refused(str(error)) from None
    return _made[0]


def settings() -> TrainingSettings:
    """
    Raises:
        Refused: some are missing; says which.
    """
    try:
        return load(TrainingSettings)
    except SystemExit as error:
        raise Refused(str(error)) from None


async def close() -> None:
    while _made:
        await _made.pop().close()


def by(session: Session) -> str:
    """As whom a trainer acts."""
    return str(session.staff.staff_id)


async def learn_names() -> None:
    """Read what the staff are called, before a page names them with `who`."""
    _names.update(await training().staff_names())


def who(session: Session, staff_id: str | None) -> str:
    """Somebody of the staff as the reader sees them."""
    if staff_id is None:
        return "by command"
    return "you" if staff_id == by(session) else _names.get(staff_id, "somebody whose account is gone")


@contextmanager
def trainer_page(session: Session, title: str, here: str) -> Iterator[Frame]:
    """A page of the trainers; `here` is the path of its place in their navigation."""
    with page_frame(session, title, "/training", "training") as frame:
        ui.add_head_html(_HEAD)
        with Node("nav", "", "places", aria_label="Training"), Node("ul"):
            for place in PLACES:
                with Node("li"):
                    Node(
                        "a",
                        place.name,
                        href=place.path,
                        aria_current="page" if place.path == here else None,
                    )
        yield frame


@contextmanager
def told(page: Frame) -> Iterator[None]:
    """Do something with the teaching: what goes wrong is said on the page, and nothing is lost."""
    try:
        yield
    except Refused as error:
        page.toasts.show(sentence(str(error)), "bad")
    except DatabaseUnavailable:
        page.toasts.show("The database can't be reached just now. Try again in a moment.", "bad")


def sentence(text: str) -> str:
    """What the teaching says, as a sentence."""
    text = text.strip()
    whole = text[:1].upper() + text[1:]
    return whole if whole.endswith((".", "!", "?")) else f"{whole}."
