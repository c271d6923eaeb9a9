"""Parts that only trainers' pages need: buttons that act on a form, differences of files, questions with content."""

import re
from collections.abc import Callable, Sequence

from nicegui.events import GenericEventArguments

from web.console.kit import Button, Dialog, Node, decided
from web.console.kit.buttons import Kind
from web.console.kit.fields import Submit

_HUNK = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)")


class Press(Button):
    """A button that does something with what is in the form around it.

    Args:
        key: a letter that presses it.
    """

    def __init__(
        self,
        text: str,
        work: Submit,
        *,
        kind: Kind = "plain",
        describes: str | None = None,
        key: str | None = None,
    ) -> None:
        super().__init__(text, kind=kind, describes=describes)
        self.put(data_key=key)
        self._work = work
        self._busy = False
        self.on(
            "click",
            self._pressed,
            js_handler="(e) => emit(Object.fromEntries(new FormData(e.target.closest('form'))))",
        )

    async def _pressed(self, event: GenericEventArguments) -> None:
        if self._busy:
            return
        self._busy = True
        self.put(aria_busy="true")
        try:
            result = self._work({str(name): str(value) for name, value in event.args.items()})
            if result is not None:
                await result
        finally:
            self._busy = False
            if not self.is_deleted:
                self.put(aria_busy=None)


def diff_view(label: str, diff: str) -> None:
    """A unified difference, line by line; what is added and taken away is marked by its sign, and coloured."""
    with Node("div", "", "diff", role="region", aria_label=label, tabindex="0"):
        for line in diff.splitlines()[2:]:
            kind = {"+": "added", "-": "removed", "@": "place"}.get(line[:1], "")
            Node("div", line or " ", kind)


def added_lines(diff: str) -> list[int]:
    """The numbers, in the new file, of the lines that a unified difference adds."""
    found, line = [], 0
    for text in diff.splitlines():
        if hunk := _HUNK.match(text):
            line = int(hunk[1])
        elif line and text.startswith("+"):
            found.append(line)
            line += 1
        elif line and not text.startswith(("-", "\\")):
            line += 1
    return found


def ranges(numbers: Sequence[int]) -> str:
    """`lines 4–6 and 9`, or `line 4`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    listed = " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
    return f"line{'s' if len(numbers) != 1 else ''} {listed}"


async def ask(title: str, fill: Callable[[], None], yes: str, *, no: str = "Go back") -> bool:
    """Show something in a dialog and ask whether it shall be done; closing it in any other way is a no.

    Args:
        fill: puts the content into the dialog.
        yes: what the button says that does it.
    """
    dialog = Dialog(title)
    dialog.classes(add="wide")
    with dialog.body:
        fill()
    return await decided(dialog, yes, no)
