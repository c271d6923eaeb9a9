"""The kit of the console: small labelled parts from which every page is made.

NiceGUI's own elements fail accessibility checks on contrast, check boxes of tables and icon buttons; these
are plain HTML elements driven by NiceGUI, styled by `web/console/static/console.css` (light and dark, 390 to
1440 pixels), with what the browser does in `console.js` (focus kept, keys, local times).

How a page is added
-------------------
::

    from nicegui import ui
    from web.console.access import TrainerSession
    from web.console.kit import Button, Form, Panel, Table, TextField
    from web.console.shell import told, page_frame

    def register() -> None:                      # called once by web.console.app
        ui.page("/training/queue")(queue)

    async def queue(session: TrainerSession) -> None:   # 303 to the sign-in page or away, if not a trainer
        with page_frame(session, "Review", current="/training") as frame:
            with Panel("Not understood"):
                table = Table("Messages", ["Text", "Meant"], rows)

            async def accept(values: dict[str, str]) -> None:
                with told(frame):                # says in words what went wrong; leaves if the session ended
                    ...
                    frame.toasts.show("Accepted.", "good")

            with Form(accept, label="Accept"):
                TextField("Intent", "intent")
                Button("Accept", submits=True, kind="primary")

An entry in the navigation is a line in `web.console.shell.PLACES`. Blocking work belongs into
`nicegui.run.io_bound`; what arrives later is shown by changing parts that are there (`Node.say`, `.put`,
`Table.show`), not by building the page anew.
"""

from web.console.kit.bubbles import Bubble, event_line
from web.console.kit.buttons import Button, link
from web.console.kit.chips import Chip, Tone
from web.console.kit.dialogs import Dialog, confirm, decided
from web.console.kit.fields import Checkbox, Form, Select, TextArea, TextField, Values
from web.console.kit.frame import Frame, Person, Place, frame
from web.console.kit.node import Node
from web.console.kit.panels import Disclosure, EmptyState, Notice, Panel, When, facts, lines
from web.console.kit.progress import Progress
from web.console.kit.rows import Rows
from web.console.kit.tables import Table
from web.console.kit.toasts import Toasts
from web.console.kit.wordings import Wordings

__all__ = [
    "Bubble",
    "Button",
    "Checkbox",
    "Chip",
    "Dialog",
    "Disclosure",
    "EmptyState",
    "Form",
    "Frame",
    "Node",
    "Notice",
    "Panel",
    "Person",
    "Place",
    "Progress",
    "Rows",
    "Select",
    "Table",
    "TextArea",
    "TextField",
    "Toasts",
    "Tone",
    "Values",
    "When",
    "Wordings",
    "confirm",
    "decided",
    "event_line",
    "facts",
    "frame",
    "lines",
    "link",
]
