"""The dialog that explains the keys of a page."""

from collections.abc import Sequence

from web.console.kit.buttons import Button
from web.console.kit.dialogs import Dialog
from web.console.kit.fields import Checkbox
from web.console.kit.panels import facts

#: What every page has.
_OF_EVERY_PAGE = (("?", "This help"), ("Esc", "Close a dialog"))


def keyboard_help(keys: Sequence[tuple[str, str]]) -> None:
    """A button that opens the help on `keys`, each with what it does; so does the key "?"."""
    dialog = Dialog("Keyboard")
    with dialog.body:
        facts((*keys, *_OF_EVERY_PAGE))
        Checkbox(
            "Use keys of one letter or sign",
            "letter-keys",
            True,
            hint="Turn this off if you dictate, or if keys are pressed by accident. Kept in this browser.",
        )
    Button("Keyboard help", dialog.show, kind="quiet").put(data_help="")
