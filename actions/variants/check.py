"""Checks the trainers' files and makes one set of them: every error at once, each with its file, line and path."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from liquid.exceptions import LiquidError
from pydantic import BaseModel, ValidationError

from actions.variants.compiled import LIQUID
from actions.variants.names import KINDS, REPLIES
from actions.variants.schema import Default, GreetingPath, PathFile, Reply, Variant, VariantFile, VariantSet
from profiles.conditions import check

Shape = TypeVar("Shape", bound=BaseModel)
_NAMESPACES = {"customer", "message", "conversation"}


@dataclass(frozen=True)
class Fault:
    """One thing to correct. `path` leads to it inside the file, such as `replies.utter_greet.default`."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}: {self.message}"


class Unpublishable(Exception):
    """The files have faults; nothing was published."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} fault(s) in the variants")
        self.faults = faults


@dataclass(frozen=True)
class DomainNames:
    """What quick replies may speak of."""

    intents: frozenset[str]
    entities: frozenset[str]

    @classmethod
    def of(cls, domain_file: Path) -> "DomainNames":
        domain = yaml.safe_load(domain_file.read_text("utf-8"))
        return cls(frozenset(domain["intents"]), frozenset(domain["entities"]))


@dataclass(frozen=True)
class _Known:
    """What texts are held against: the domain, and the policy whose values they may use."""

    domain: DomainNames
    policy: Any


def load_set(data: Path, domain: DomainNames) -> VariantSet:
    """`variants/*.yml` and `decisions/paths.yml` of `data` as one set, versioned by the hash of its content.

    Raises:
        Unpublishable: with every fault of every file.
    """
    faults: list[Fault] = []
    replies: dict[str, Reply] = {}
    known = _Known(domain, _Source(data / "decisions" / "policy.yml", faults).content())
    folder = data / "variants"
    for path in sorted(folder.glob("*.yml")):
        source = _Source(path, faults)
        for name, reply in source.replies().items():
            if name in replies:
                source.fault(("replies", name), "this reply is in another file too")
            replies[name] = reply
            _check_reply(source, name, reply, known)
    greeting = _greeting(_Source(data / "decisions" / "paths.yml", faults))
    # A file that can't be read hides its replies: then nothing can be said of missing ones.
    if not faults:
        faults += [
            Fault(str(folder), 1, "replies", f"reply {name} is missing")
            for name in sorted(set(REPLIES) - set(replies))
        ]
    if faults:
        raise Unpublishable(sorted(faults, key=lambda fault: (fault.file, fault.line)))
    variants = VariantSet(version="", replies=replies, greeting=greeting)
    return variants.model_copy(update={"version": version_of(variants)})


def version_of(variants: VariantSet) -> str:
    """The hash of what the set says, whatever version it is marked with."""
    content = {**variants.model_dump(mode="json"), "version": ""}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


class _Source:
    """One file with the line of each path in it."""

    def __init__(self, path: Path, faults: list[Fault]) -> None:
        self._path = path
        self._faults = faults
        self._root: yaml.Node | None = None

    def fault(self, path: tuple[Any, ...], message: str) -> None:
        line = _line(self._root, path) if self._root is not None else 1
        self._faults.append(Fault(str(self._path), line, ".".join(map(str, path)), message))

    def content(self) -> Any:
        """What the file holds; None, with a fault, when it is no YAML."""
        try:
            text = self._path.read_text("utf-8")
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
            if self._root is not None:
                self._duplicates(self._root)
            return yaml.safe_load(text)
        except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            reason = getattr(error, "problem", None) or str(error)
            self._faults.append(Fault(str(self._path), line, "file", f"not readable as YAML: {reason}"))
            return None

    def read(self, shape: type[Shape]) -> tuple[Shape | None, Any]:
        """The content in its shape, or None with the faults noted; and the raw content."""
        known = len(self._faults)
        content = self.content()
        if content is None and len(self._faults) > known:
            return None, None
        try:
            return shape.model_validate(content), content
        except ValidationError as error:
            for item in error.errors():
                self.fault(item["loc"], item["msg"])
            return None, content

    def replies(self) -> dict[str, Reply]:
        whole, content = self.read(VariantFile)
        return dict(whole.replies) if whole is not None else self._usable(content)

    def _usable(self, content: Any) -> dict[str, Reply]:
        """The replies that are well shaped, so that their own faults are told in the same run."""
        usable: dict[str, Reply] = {}
        replies = content.get("replies") if isinstance(content, dict) else None
        for name, reply in (replies if isinstance(replies, dict) else {}).items():
            try:
                usable[str(name)] = Reply.model_validate(reply)
            except ValidationError:
                continue
        return usable

    def _duplicates(self, node: yaml.Node, path: tuple[Any, ...] = ()) -> None:
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    line = key.start_mark.line + 1
                    where = ".".join(map(str, (*path, key.value)))
                    self._faults.append(Fault(str(self._path), line, where, "written twice"))
                seen.add(key.value)
                self._duplicates(value, (*path, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self._duplicates(value, (*path, index))


def _line(node: yaml.Node, path: tuple[Any, ...]) -> int:
    """The line of the deepest part of `path` that the file has."""
    line = node.start_mark.line
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                continue  # pydantic names the branches of a union too
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line
    return line + 1


def _greeting(source: _Source) -> list[GreetingPath]:
    whole, _ = source.read(PathFile)
    if whole is None:
        return []
    for index, path in enumerate(whole.greeting):
        where = ("greeting", index)
        for mistake in check(path.when, KINDS, "when"):
            source.fault((*where, "when"), mistake)
        if path.reply not in REPLIES:
            source.fault((*where, "reply"), f"unknown reply {path.reply}")
        elif REPLIES[path.reply]:
            source.fault((*where, "reply"), f"{path.reply} needs values that a greeting does not have")
    return whole.greeting


def _check_reply(source: _Source, name: str, reply: Reply, known: _Known) -> None:
    path = ("replies", name)
    if name not in REPLIES:
        source.fault(path, f"unknown reply; known: {', '.join(sorted(REPLIES))}")
        return
    _check_text(source, (*path, "default"), reply.default, REPLIES[name], known)
    seen = {"default"}
    for index, variant in enumerate(reply.variants):
        where = (*path, "variants", index)
        if variant.name in seen:
            source.fault((*where, "name"), f"the name {variant.name} is taken")
        seen.add(variant.name)
        for mistake in check(variant.when, KINDS, "when"):
            source.fault((*where, "when"), mistake)
        _check_text(source, where, variant, REPLIES[name], known)


def _check_policy(source: _Source, path: tuple[Any, ...], steps: Sequence[Any], policy: Any) -> None:
    """A name that the shop's policy lacks would make the text unusable."""
    for step in steps:
        try:
            policy = policy[step]
        except (KeyError, IndexError, TypeError):
            name = ".".join(map(str, steps))
            source.fault((*path, "text"), f"unknown value policy.{name}; see decisions/policy.yml")
            return


def _check_text(
    source: _Source, path: tuple[Any, ...], text: Default, values: frozenset[str], known: _Known
) -> None:
    try:
        used = LIQUID.from_string(text.text).analyze().globals
    except LiquidError as error:
        source.fault((*path, "text"), f"broken Liquid: {error.args[0]!s}")
        used = {}
    for root, places in used.items():
        if root in _NAMESPACES:
            _check_attributes(source, path, text, root, places)
        elif root not in values:
            listed = ", ".join(sorted(values)) or "none"
            source.fault((*path, "text"), f"unknown value {root}; this reply has: {listed}")
        elif root == "policy":
            for place in places:
                _check_policy(source, path, place.segments[1:], known.policy)
    for index, quick in enumerate(text.quick_replies):
        where = (*path, "quick_replies", index)
        if quick.command.intent not in known.domain.intents:
            source.fault(where, f"unknown intent {quick.command.intent}")
        for entity in quick.command.entities:
            if entity.entity not in known.domain.entities:
                source.fault(where, f"unknown entity {entity.entity}")


def _check_attributes(
    source: _Source, path: tuple[Any, ...], text: Default, root: str, places: Sequence[Any]
) -> None:
    if root == "customer" and not isinstance(text, Variant):
        source.fault((*path, "text"), "a default may not use attributes of the customer")
        return
    for place in places:
        name = ".".join(str(part) for part in place.segments)
        if name not in KINDS:
            source.fault((*path, "text"), f"unknown attribute {name}")
