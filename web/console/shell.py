"""The frame around the pages of somebody who is signed in, and how trouble is told there."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from web.agents.schemas import StaffMember, StaffRole
from web.console import access
from web.console.access import Session
from web.console.api import ApiError, SessionEnded
from web.console.kit.frame import Frame, Person, Place, frame
from web.console.words import ROLES

#: The navigation: who may see which place. The first place of a role is where its people begin.
PLACES: tuple[tuple[Place, frozenset[StaffRole]], ...] = (
    (Place("Conversations", "/conversations"), frozenset({"agent", "admin"})),
    (Place("Training", "/training"), frozenset({"trainer", "admin"})),
)


def places_of(staff: StaffMember) -> list[Place]:
    return [place for place, roles in PLACES if staff.role in roles]


@contextmanager
def page_frame(session: Session, title: str, current: str, layout: str = "") -> Iterator[Frame]:
    """A page for somebody who is signed in; `current` is the path of its place in the navigation."""

    async def sign_out() -> None:
        # If it fails, this browser forgets the session all the same, and it expires by itself.
        with suppress(ApiError):
            await session.api.sign_out()
        access.leave(access.SIGNED_OUT)

    person = Person(session.staff.display_name, ROLES[session.staff.role], sign_out)
    with frame(title, places_of(session.staff), current, person, layout) as page:
        yield page


@contextmanager
def told(page: Frame) -> Iterator[None]:
    """Do something with the API: what goes wrong is said on the page, and after an ended session one leaves it."""
    try:
        yield
    except SessionEnded:
        access.leave()
    except ApiError as error:
        page.toasts.show(str(error), "bad")
