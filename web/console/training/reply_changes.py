"""What a set of replies changes, reply by reply, as trainers read it before and after it is live."""

from collections.abc import Callable, Sequence

from web.console.kit import Chip, Disclosure, Node, Tone, Wordings, link
from web.console.training import addresses
from web.console.training.words import counted
from web.console.words import humanised
from web.training.shapes import ChangeKind, ReplyChange, TextChange, Wording

#: More replies than these are folded each under its name.
_UNFOLDED = 6
_TONES: dict[ChangeKind, Tone] = {"added": "good", "changed": "accent", "removed": "bad"}


#: What stands beside the old and the new words, before and after they are live.
AHEAD = ("Live now", "Will be live")
DONE = ("Was live", "Live now")
_Labels = tuple[str, str]


def summary(changes: tuple[ReplyChange, ...]) -> str:
    """`Changes in 2 replies. Texts: 1 added, 3 changed.`"""
    replies = [change for change in changes if change.of == "reply"]
    places = [counted(len(replies), "reply", "replies")] if replies else []
    if len(replies) < len(changes):
        places.append("what is offered at the greeting")
    said = [f"Changes in {' and '.join(places)}."]
    if texts := [text for change in changes for text in change.texts]:
        said.append(f"Texts: {_kinds(texts)}.")
    if any(change.order for change in changes):
        said.append("Variants are tried in another order.")
    return " ".join(said)


def show_changes(changes: tuple[ReplyChange, ...], labels: _Labels) -> None:
    """Put the changes into the part of the page that is open."""
    Node("p", summary(changes))
    with Node("div", "", "stack changes"):
        for change in changes:
            if len(changes) > _UNFOLDED:
                with Disclosure(f"{_name(change)}: {_kinds(change.texts) or 'another order'}"):
                    _change(change, labels)
            else:
                _change(change, labels)


def _change(change: ReplyChange, labels: _Labels) -> None:
    with Node("section", "", "card change") as card:
        with Node("p", "", "entry-name"):
            heading = Node("h3", _name(change))
            if change.of == "reply":
                Node("code", change.name)
                if change.kind != "removed":
                    link("Edit", addresses.of_reply(change.name), aria_label=f"Edit {_name(change)}")
        card.put(aria_labelledby=heading.html_id)
        if change.kind != "changed":
            Node("p", f"The whole reply is {_WHOLE[change.kind]}.")
        for text in change.texts:
            _text(change, text, labels)
        if change.order is not None:
            before, after = (", then ".join(map(humanised, names)) or "none" for names in change.order)
            Wordings("Order of the variants", before, after, about=_name(change), labels=labels)
            Node("p", "The first variant whose condition holds is said.", "hint")


_WHOLE: dict[ChangeKind, str] = {"added": "new", "removed": "taken away", "changed": "changed"}


def _text(change: ReplyChange, text: TextChange, labels: _Labels) -> None:
    about = f"{_name(change)}, {humanised(text.variant)}"
    with Node("div", "", "text-change"):
        with Node("p", "", "chips"):
            Node("strong", humanised(text.variant))
            Chip(humanised(text.kind), _TONES[text.kind])
        for what, read in _PARTS:
            old = None if text.old is None else read(text.old)
            new = None if text.new is None else read(text.new)
            if old == new:
                continue
            # Of what comes or goes only what it has is told; of what changes, also that a side has none.
            if text.kind == "changed":
                old, new = old or "None", new or "None"
            Wordings(what, old, new, about=about, labels=labels)
        if text.kind == "changed" and all(_same(text, read) for _, read in _PARTS):
            Node("p", "It reads the same in words; look at the file for what differs.", "hint")


def _same(text: TextChange, read: Callable[[Wording], str | None]) -> bool:
    return text.old is not None and text.new is not None and read(text.old) == read(text.new)


_PARTS: tuple[tuple[str, Callable[[Wording], str | None]], ...] = (
    ("Text", lambda wording: wording.text),
    ("Said when", lambda wording: wording.when),
    ("Buttons", lambda wording: "; ".join(wording.quick_replies) or None),
)


def _name(change: ReplyChange) -> str:
    if change.of == "greeting":
        return "What is offered at the greeting"
    return humanised(change.name.removeprefix("utter_"))


def _kinds(texts: Sequence[TextChange]) -> str:
    kinds = [text.kind for text in texts]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in _TONES if kind in kinds)
