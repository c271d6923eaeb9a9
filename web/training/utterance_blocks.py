"""Blocks of utterances in Rasa's NLU files and in files of moods, changed by exact surgery on the text.

Only the lines of changed utterances are touched: comments, order, indentation and line ends elsewhere stay byte for
byte, which no YAML writer promises.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import yaml

#: The list at the top of a file, and the key that labels a block in it.
NLU = ("nlu", "intent")
MOODS = ("sentiment", "label")

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")


class NotEditable(ValueError):
    """The file is not written in the form that can be changed line by line; the message says where and why."""


@dataclass(frozen=True)
class Block:
    """The utterances of a label in a file.

    Attributes:
        lines: index of each utterance's line, from 0.
        indent: what stands before each `- `.
    """

    label: str
    indent: str
    utterances: tuple[str, ...]
    lines: tuple[int, ...]


def blocks(text: str, kind: tuple[str, str] = NLU) -> list[Block]:
    """All blocks of a file, in order. Blocks of other kinds (synonyms, look-up tables) are left out.

    Raises:
        NotEditable: it is no YAML, or utterances stand in another form than a block of lines (`|`).
    """
    top, key = kind
    # YAML counts these as line ends; nobody types them.
    if re.search("[\x85\u2028\u2029]", text):
        raise NotEditable("it holds line ends of another kind than those of text files")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise NotEditable(f"line {mark.line + 1 if mark else 1}: broken YAML") from None
    lines, found = lines_of(text), []
    listed = _entry(root, top)
    for node in listed.value if isinstance(listed, yaml.SequenceNode) else ():
        label, examples = _entry(node, key), _entry(node, "examples")
        if isinstance(label, yaml.ScalarNode):
            if not isinstance(examples, yaml.ScalarNode) or examples.style != "|":
                raise NotEditable(
                    f"line {node.start_mark.line + 1}: {label.value} has no examples after a `|`"
                )
            found.append(_block(lines, label.value, examples))
    return found


def append(text: str, label: str, utterances: Sequence[str], kind: tuple[str, str] = NLU) -> str:
    """`text` with utterances added at the end of the last block of `label`.

    Raises:
        NotEditable: there is no such block.
    """
    fitting = [block for block in blocks(text, kind) if block.label == label]
    if not fitting:
        raise NotEditable(f"there is no block of {label}")
    return replace(text, fitting[-1], [*fitting[-1].utterances, *utterances])


def replace(text: str, block: Block, utterances: Sequence[str]) -> str:
    """`text` with the utterances of `block`, one of its own, replaced by others; lines of those that stay are kept.

    Raises:
        NotEditable: there are none, which would leave the label without examples.
    """
    if not utterances:
        raise NotEditable(f"{block.label} would be without utterances")
    lines = lines_of(text)
    line_end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    changes = SequenceMatcher(None, block.utterances, utterances, autojunk=False).get_opcodes()
    for kind, begin, end, new_begin, new_end in reversed(changes):
        if kind == "equal":
            continue
        first = block.lines[begin] if begin < len(block.lines) else block.lines[-1] + 1
        last = block.lines[end - 1] + 1 if end > begin else first
        if new_end > new_begin and first == len(lines) and not lines[-1].endswith(("\n", "\r")):
            lines[-1] += line_end  # the file ended without one
        lines[first:last] = [f"{block.indent}- {new}{line_end}" for new in utterances[new_begin:new_end]]
    return "".join(lines)


def _block(lines: list[str], label: str, examples: yaml.ScalarNode) -> Block:
    first = examples.start_mark.line + 1
    rows = range(first, first + len(examples.value.rstrip("\n").split("\n")))
    places = tuple(row for row in rows if row < len(lines) and lines[row].strip())
    if not places:
        raise NotEditable(f"line {first}: {label} has no examples")
    for row in places:
        if not re.match(r"\s*-(\s|$)", lines[row]):
            raise NotEditable(f"line {row + 1}: an utterance begins with `- `")
    indent = lines[places[0]][: len(lines[places[0]]) - len(lines[places[0]].lstrip())]
    return Block(label, indent, tuple(lines[row].strip()[1:].strip() for row in places), places)


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends, as YAML counts them (Python's `splitlines` also parts at form feeds)."""
    return [line for line in _LINE.findall(text) if line]


def _entry(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                found: yaml.Node = value
                return found
    return None
