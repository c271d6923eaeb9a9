"""The stories of this folder, in Rasa's format for test stories, as turns that can be played and checked.

A turn is what the customer does, followed by what is expected of the assistant:

- `user`: the message, or in square brackets the button that is pressed. `intent` is what it has to be understood as;
  without one it is the answer that counts.
- `action`: the names of the replies, all of them, in their order.
- `active_loop`: the form that is open from here on; null when none is.
- `bot`: a part of what is said.

`metadata` of a story says who speaks: `customer` (a persona), `order` or `account` (whoever has one of that kind, so
that something may be done with it); nobody in particular without it. `{order}` stands for the number of that order,
`{day}` and `{later_day}` for days to which a delivery can be moved.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
_END = "_form"


@dataclass
class StoryTurn:
    """One message or button, and what has to follow.

    Attributes:
        form: the wish whose form is open afterwards, None when no form is.
        replies: names, in order.
        said: parts of the texts.
    """

    text: str
    intent: str | None
    form: str | None
    replies: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def button(self) -> str | None:
        """The title of the button that is pressed, or a part of it; None for a message."""
        return self.text[1:-1] if self.text.startswith("[") and self.text.endswith("]") else None


@dataclass
class Story:
    """One story; `who` is its metadata."""

    file: str
    name: str
    who: dict[str, Any]
    turns: list[StoryTurn]

    def __str__(self) -> str:
        return f"{self.file}: {self.name}"


def stories() -> list[Story]:
    """All stories, file by file.

    Raises:
        ValueError: a step that is none of those above, or an expectation before the first message.
    """
    return [
        _story(file.stem.removeprefix("test_"), told)
        for file in sorted(FOLDER.glob("test_*.yml"))
        for told in yaml.safe_load(file.read_text(encoding="utf-8"))["stories"]
    ]


def _story(file: str, told: dict[str, Any]) -> Story:
    story = Story(file, told["story"], told.get("metadata", {}), [])
    for step in told["steps"]:
        _add(story, step)
    return story


def _add(story: Story, step: dict[str, Any]) -> None:
    if "user" in step:
        form = story.turns[-1].form if story.turns else None
        story.turns.append(StoryTurn(step["user"], step.get("intent"), form))
        return
    if len(step) != 1 or not story.turns:
        raise ValueError(f"{story}: {step}")
    ((kind, value),) = step.items()
    turn = story.turns[-1]
    match kind:
        case "action":
            turn.replies.append(value)
        case "bot":
            turn.said.append(value)
        case "active_loop":
            turn.form = value.removesuffix(_END) if value else None
        case _:
            raise ValueError(f"{story}: {step}")
