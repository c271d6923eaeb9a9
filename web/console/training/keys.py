"""The dialog that explains the keys of the review page."""

from web.console.kit import Button, Checkbox, Dialog, facts

_KEYS = (
    ("J, K", "Next and previous message in the list; Enter opens one"),
    ("A", "Accept the suggestion"),
    ("C", "Correct: search the intents"),
    ("E", "Choose the entity to mark"),
    ("D", "Drop the message"),
    ("U", "Undo the last decision"),
    ("W", "Write the decisions to the data (shows them first)"),
    ("/", "Search the messages"),
    ("?", "This help"),
    ("Esc", "Close a dialog"),
)


def keys_help() -> None:
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
