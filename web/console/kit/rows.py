"""A list whose rows are links, and which is updated in place: neither focus nor scrolling is lost."""

from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from web.console.kit.node import Node

D_contra = TypeVar("D_contra", contravariant=True)


class Row(Protocol[D_contra]):
    """One row: an `li` with a link in it that has the attribute `data-row`."""

    node: Node

    def show(self, data: D_contra) -> None:
        """Show what is new, sending only that."""


D = TypeVar("D")


class Rows(Generic[D]):
    """The list. J and K or the arrow keys move between its rows, Enter opens one.

    Args:
        label: names the list.
        key: tells the items apart.
        make: makes the row of an item, inside the list.
    """

    def __init__(self, label: str, key: Callable[[D], str], make: Callable[[D], Row[D]]) -> None:
        self._key = key
        self._make = make
        self._rows: dict[str, Row[D]] = {}
        self.node = Node("ul", "", "rows", aria_label=label, data_rows="")

    def show(self, items: Sequence[D]) -> None:
        """Show these items in this order."""
        keys = [self._key(item) for item in items]
        for gone in self._rows.keys() - set(keys):
            self._rows.pop(gone).node.delete()
        for key, item in zip(keys, items, strict=True):
            if key in self._rows:
                self._rows[key].show(item)
            else:
                with self.node:
                    self._rows[key] = self._make(item)
        children = self.node.default_slot.children
        wanted = [self._rows[key].node for key in keys]
        if children != wanted:
            children[:] = wanted
            self.node.update()
