"""The keys of the review page."""

KEYS = (
    ("J, K", "Next and previous message in the list; Enter opens one"),
    ("A", "Accept the suggestion"),
    ("C", "Correct: search the intents"),
    ("E", "Choose the entity to mark"),
    ("D", "Drop the message"),
    ("U", "Undo the last decision"),
    ("W", "Write the decisions to the data (shows them first)"),
    ("/", "Search the messages"),
)
