"""Forms: fields with a label above, a hint and an error below, sent all at once."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, Self

from nicegui.events import GenericEventArguments

from web.console.kit.node import Node, script

#: The values of a form by the names of its fields; a ticked box is "on", one that is not ticked is left out.
Values = dict[str, str]
Submit = Callable[[Values], Awaitable[None] | None]
Change = Callable[[str], Awaitable[None] | None]


class Form(Node):
    """A form. What is in its fields stays in the browser until it is sent.

    Args:
        on_submit: is given the values; a second sending during that is dropped.
        label: names the form for a screen reader, when its heading does not.
    """

    def __init__(self, on_submit: Submit, *, label: str | None = None, classes: str = "form") -> None:
        super().__init__("form", "", classes, aria_label=label, novalidate=True)
        self._submit = on_submit
        self._busy = False
        self.on(
            "submit",
            self._sent,
            js_handler="(e) => { e.preventDefault(); emit(Object.fromEntries(new FormData(e.target))); }",
        )

    async def _sent(self, event: GenericEventArguments) -> None:
        if self._busy:
            return
        self._busy = True
        try:
            result = self._submit({str(name): str(value) for name, value in event.args.items()})
            if result is not None:
                await result
        finally:
            self._busy = False

    def __enter__(self) -> Self:
        super().__enter__()
        return self


class Field(Node):
    """The group of a label, its control, a hint and an error; `control` is the input itself."""

    def __init__(
        self, label: str, hint: str = "", classes: str = "field", *, hide_label: bool = False
    ) -> None:
        super().__init__("div", "", classes)
        with self:
            self.label = Node("label", label, "sr" if hide_label else "label")
            self._hint = Node("p", hint, "hint") if hint else None
        self.control: Node
        self._error: Node

    def _finish(self, control: Node) -> None:
        self.control = control
        with self:
            self._error = Node("p", "", "error", hidden=True)
        self.label.put(for_=control.html_id)
        self._describe()

    def error(self, text: str) -> None:
        """Say what is wrong with the value and go there; an empty text takes that back."""
        self._error.say(text)
        self._error.put(hidden=None if text else True)
        self.control.put(aria_invalid="true" if text else None)
        self._describe()
        if text:
            self.control.focus()

    def set(self, value: str) -> None:
        """Replace what is in the field."""
        self.control.call(f"node.value = {script(value)};")

    def clear_if(self, value: str) -> None:
        """Empty the field, unless something else was written in it meanwhile."""
        self.control.call(
            f"if (node.value.trim() === {script(value.strip())}) {{ node.value = ''; "
            "node.dispatchEvent(new Event('input')); }"
        )

    def enable(self, possible: bool) -> None:
        self.control.put(disabled=None if possible else True)

    def on_change(self, work: Change, *, quiet_seconds: float = 0.0) -> None:
        """Do `work` with the new value at each change, at most once in so many seconds."""

        def changed(event: GenericEventArguments) -> Awaitable[None] | None:
            return work(str(event.args))

        self.control.on(
            "input",
            changed,
            js_handler="(e) => emit(e.target.type === 'checkbox' ? (e.target.checked ? 'on' : '') : e.target.value)",
            throttle=quiet_seconds,
            leading_events=not quiet_seconds,
        )

    def _describe(self) -> None:
        parts = [node.html_id for node in (self._hint, self._error) if node is not None and node.text]
        self.control.put(aria_describedby=" ".join(parts) or None)


class TextField(Field):
    """One line of text. `autocomplete` is the token of the HTML standard, such as `username`."""

    def __init__(
        self,
        label: str,
        name: str,
        value: str = "",
        *,
        hint: str = "",
        kind: Literal["text", "password", "search"] = "text",
        autocomplete: str = "off",
        hide_label: bool = False,
        placeholder: str | None = None,
    ) -> None:
        super().__init__(label, hint, hide_label=hide_label)
        with self:
            control = Node(
                "input",
                "",
                "control",
                type=kind,
                name=name,
                autocomplete=autocomplete,
                placeholder=placeholder,
            )
            # As an attribute: as a property, Vue would undo what is being typed at each update of the page.
            control.props["^value"] = value
        self._finish(control)


class TextArea(Field):
    """Several lines of text. With `enter_sends`, Enter sends the form and Shift+Enter begins a line."""

    def __init__(
        self,
        label: str,
        name: str,
        value: str = "",
        *,
        hint: str = "",
        rows: int = 3,
        enter_sends: bool = False,
        hide_label: bool = False,
        code: bool = False,
    ) -> None:
        super().__init__(label, hint, hide_label=hide_label)
        with self:
            control = Node(
                "textarea",
                value,
                "control code" if code else "control",
                name=name,
                rows=rows,
                data_enter_sends="" if enter_sends else None,
                spellcheck="false" if code else "true",
            )
        self._finish(control)


class Select(Field):
    """One of several values. `options` maps a value to the words for it, in their order."""

    def __init__(
        self,
        label: str,
        name: str,
        options: Mapping[str, str],
        value: str = "",
        *,
        hint: str = "",
        hide_label: bool = False,
    ) -> None:
        super().__init__(label, hint, hide_label=hide_label)
        with self, Node("select", "", "control", name=name) as control:
            for key, words in options.items():
                Node("option", words, value=key, selected=True if key == value else None)
        self._finish(control)


class Checkbox(Field):
    """A box to tick, its label beside it."""

    def __init__(self, label: str, name: str, ticked: bool = False, *, hint: str = "") -> None:
        super().__init__(label, hint, "field tick")
        with self:
            control = Node("input", "", "box", type="checkbox", name=name)
            control.props["^checked"] = "" if ticked else None
        control.move(self, target_index=0)
        self._finish(control)

    def set(self, value: str) -> None:
        """Tick it with "on"; any other value takes the tick away."""
        self.control.call(f"node.checked = {script(value == 'on')};")
