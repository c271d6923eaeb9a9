"""The keys of the agents' pages."""

KEYS = (
    ("J or ↓", "Next conversation (↓ while in the list)"),
    ("K or ↑", "Previous conversation (↑ while in the list)"),
    ("Enter", "Open the conversation; in the answer field: send"),
    ("Shift + Enter", "A new line in the answer field"),
    ("/", "Go to the search field"),
    ("R", "Go to the answer field"),
)
