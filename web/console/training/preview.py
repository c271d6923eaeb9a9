"""What each persona and an anonymous visitor would be told, side by side."""

from web.console.kit import Chip, Disclosure, Node, lines
from web.console.words import humanised
from web.training.shapes import CheckedCondition, Preview, PreviewLine


def show_preview(place: Node, preview: Preview) -> None:
    """Put a preview into a part of the page, in the place of what is there."""
    place.clear()
    with place:
        for line in preview.lines:
            _reader(line)
        for fault in preview.faults:
            Node("p", f"{fault.path}, line {fault.line}: {fault.message}", "error")


def _reader(line: PreviewLine) -> None:
    with Node("section", "", "card reader"):
        Node("h3", line.reader)
        with Node("p", "", "chips"):
            if line.segment:
                Chip(humanised(line.segment), "accent", prefix="Segment")
            Chip(
                humanised(line.variant) if line.variant else "No text fits",
                "plain" if line.variant else "bad",
            )
        if line.problem is not None:
            Node("p", line.problem, "error")
        else:
            Node("p", line.text, "bubble", dir="auto")
        if line.quick_replies:
            Node("p", f"Buttons: {', '.join(line.quick_replies)}", "hint")
        if line.conditions or line.unusable:
            with Disclosure("Why this text"):
                lines(
                    [_checked(condition) for condition in line.conditions]
                    + [f"{humanised(name)} fitted, but lacks a value" for name in line.unusable]
                )


def _checked(condition: CheckedCondition) -> str:
    held = "holds" if condition.holds else "does not hold"
    return f"{humanised(condition.variant)}: {condition.condition} – {held}"
