"""The dialog that explains the keys."""

from web.console.kit import Button, Checkbox, Dialog, facts

_KEYS = (
    ("J or ↓", "Next conversation (↓ while in the list)"),
    ("K or ↑", "Previous conversation (↑ while in the list)"),
    ("Enter", "Open the conversation; in the answer field: send"),
    ("Shift + Enter", "A new line in the answer field"),
    ("/", "Go to the search field"),
    ("R", "Go to the answer field"),
    ("?", "This help"),
    ("Esc", "Close a dialog"),
)


def help_button() -> None:
    """A button that opens the help; so does the key "?"."""
    dialog = Dialog("Keyboard")
    with dialog.body:
        facts(_KEYS)
        Checkbox(
            "Use keys of one letter or sign",
            "letter-keys",
            True,
            hint="Turn this off if you dictate, or if keys are pressed by accident. Kept in this browser.",
        )
    Button("Keyboard help", dialog.show, kind="quiet").put(data_help="")
