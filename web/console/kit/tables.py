"""Tables that are tables: a caption, headed columns, rows; wide ones scroll by themselves."""

from collections.abc import Callable, Sequence

from web.console.kit.node import Node

#: What stands in a cell: text, or a function that puts parts of the kit there.
Cell = str | Callable[[], object]


class Table(Node):
    """A table.

    Args:
        caption: says what it holds; seen unless `hide_caption`.
        columns: their headings.
        rows: the first cell of each is its heading.
        empty: said instead when there are no rows.
    """

    def __init__(
        self,
        caption: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[Cell]],
        *,
        empty: str = "Nothing here.",
        hide_caption: bool = False,
    ) -> None:
        super().__init__("div", "", "table-scroll", role="region", aria_label=caption, tabindex="0")
        self._columns = len(columns)
        self._empty = empty
        with self, Node("table"):
            Node("caption", caption, "sr" if hide_caption else "")
            with Node("thead"), Node("tr"):
                for name in columns:
                    Node("th", name, scope="col")
            self._body = Node("tbody")
        self.show(rows)

    def show(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Replace the rows."""
        self._body.clear()
        with self._body:
            if not rows:
                with Node("tr"):
                    Node("td", self._empty, "nothing", colspan=self._columns)
            for row in rows:
                with Node("tr"):
                    for place, cell in enumerate(row):
                        _cell("th" if place == 0 else "td", cell)


def _cell(tag: str, cell: Cell) -> None:
    scope = "row" if tag == "th" else None
    if isinstance(cell, str):
        Node(tag, cell, scope=scope)
    else:
        with Node(tag, scope=scope):
            cell()
