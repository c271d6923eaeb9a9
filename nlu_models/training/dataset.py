"""Reads the training data strictly: every bad row is reported with file and line, all at once."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from nlu_models.training.markup import Annotation, MarkupError, parse

SENTIMENTS = ("angry", "negative", "neutral", "positive")

#: The fewest utterances of a label: one each for training, validation and test.
FEWEST = 3

# What Rasa's NLU files may hold beside intents; the encoder does not learn from it.
_OTHER_BLOCKS = ("synonym", "regex", "lookup")


class DataError(Exception):
    """The data can't be trained on. `problems` has one line for each fault, `file:line: what`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Row:
    """One labelled utterance, where it was written, and the entities marked in it."""

    text: str
    label: str
    file: Path
    line: int
    entities: tuple[Annotation, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """What the two heads and the recogniser of entities learn from, without duplicates."""

    intents: list[Row]
    sentiments: list[Row]

    def content_hash(self) -> str:
        """SHA-256 over labels, texts and what is marked as which entity: comments and order do not change it,
        nor the values of entities, which nothing learns."""
        content = {
            head: sorted({(row.label, row.text, _marks(row)) for row in rows})
            for head, rows in (("intents", self.intents), ("sentiments", self.sentiments))
        }
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def read_dataset(nlu_folder: Path, sentiment_folder: Path, domain: Path | None = None) -> Dataset:
    """Read all `*.yml` of both folders.

    Args:
        domain: Rasa's domain file, whose `intents` are the known labels; without it every name is.

    Raises:
        DataError: with every fault of every file.
    """
    problems: list[str] = []
    known = _domain_intents(domain, problems) if domain else None
    intents = _read_folder(nlu_folder, "nlu", "intent", known, problems)
    sentiments = _read_folder(sentiment_folder, "sentiment", "label", frozenset(SENTIMENTS), problems)
    kept_intents = _without_duplicates(intents, problems)
    kept_sentiments = _without_duplicates(sentiments, problems)
    for folder, kind, rows in (
        (nlu_folder, "intent", kept_intents),
        (sentiment_folder, "sentiment", kept_sentiments),
    ):
        counts = Counter(row.label for row in rows)
        problems += [
            f"{folder}: {kind} {label} has {count} utterances; {FEWEST} is the least"
            for label, count in counts.items()
            if count < FEWEST
        ]
        if len(counts) < 2:
            problems.append(f"{folder}: fewer than two labels to tell apart ({kind})")
    if problems:
        raise DataError(problems)
    return Dataset(kept_intents, kept_sentiments)


def domain_intents(domain: Path) -> frozenset[str]:
    """The intents that a domain file names.

    Raises:
        DataError: with every fault, by file and line.
    """
    problems: list[str] = []
    intents = _domain_intents(domain, problems)
    if problems:
        raise DataError(problems)
    return intents


def folded(text: str) -> str:
    """What texts have in common that differ only in case and spaces: they are one text to learn from."""
    return " ".join(text.casefold().split())


def _marks(row: Row) -> tuple[tuple[str, int, int], ...]:
    return tuple((entity.entity, entity.start, entity.end) for entity in row.entities)


def _read_folder(
    folder: Path, top: str, key: str, known: frozenset[str] | None, problems: list[str]
) -> list[Row]:
    files = sorted(folder.glob("**/*.yml"))
    if not files:
        problems.append(f"{folder}: no *.yml files")
    rows: list[Row] = []
    for file in files:
        rows += _read_file(file, top, key, known, problems)
    return rows


def _read_file(
    file: Path, top: str, key: str, known: frozenset[str] | None, problems: list[str]
) -> Iterator[Row]:
    blocks = _entry(_compose(file, problems), top)
    if not isinstance(blocks, yaml.SequenceNode):
        if not any(problem.startswith(f"{file}:") for problem in problems):
            problems.append(f"{file}:1: has no list `{top}`")
        return
    for block in blocks.value:
        label = _entry(block, key)
        examples = _entry(block, "examples")
        if label is None and any(_entry(block, other) for other in _OTHER_BLOCKS):
            continue
        if not isinstance(label, yaml.ScalarNode) or not label.value:
            problems.append(f"{_place(file, block)}: neither `{key}` nor {', '.join(_OTHER_BLOCKS)}")
            continue
        if known is not None and label.value not in known:
            problems.append(f"{_place(file, label)}: unknown {key} {label.value!r}")
        if not isinstance(examples, yaml.ScalarNode) or not examples.value.strip():
            problems.append(f"{_place(file, block)}: {label.value} has no examples")
            continue
        if examples.style == ">":
            problems.append(
                f"{_place(file, examples)}: `examples: >` joins all lines into one utterance: write `|`"
            )
            continue
        yield from _read_examples(file, label.value, examples, problems)


def _read_examples(file: Path, label: str, node: yaml.ScalarNode, problems: list[str]) -> Iterator[Row]:
    # A block scalar (`|`) begins on the line after its indicator; a plain one where it stands.
    first = node.start_mark.line + (2 if node.style == "|" else 1)
    for line, written in enumerate(node.value.split("\n"), start=first):
        if not written.strip():
            continue
        if not written.startswith("- ") and written.strip() != "-":
            problems.append(f"{file}:{line}: an utterance begins with `- `: {written.strip()[:60]!r}")
            continue
        try:
            text, entities = parse(written[1:].strip())
        except MarkupError as error:
            problems.append(f"{file}:{line}: broken entity markup: {error}")
            continue
        if not text.strip():
            problems.append(f"{file}:{line}: empty utterance")
            continue
        yield Row(text, label, file, line, tuple(entities))


def _without_duplicates(rows: Iterable[Row], problems: list[str]) -> list[Row]:
    seen: dict[str, Row] = {}
    kept = []
    for row in rows:
        first = seen.setdefault(folded(row.text), row)
        if first is row:
            kept.append(row)
        elif first.label != row.label:
            problems.append(
                f"{row.file}:{row.line}: {row.text[:60]!r} is {row.label} here"
                f" and {first.label} at {first.file}:{first.line}"
            )
    return kept


def _domain_intents(domain: Path, problems: list[str]) -> frozenset[str]:
    intents = _entry(_compose(domain, problems), "intents")
    if not isinstance(intents, yaml.SequenceNode):
        problems.append(f"{domain}:1: has no list `intents`")
        return frozenset()
    names = set()
    for intent in intents.value:
        # An intent may carry options: `- greet: {use_entities: []}`.
        has_options = isinstance(intent, yaml.MappingNode) and intent.value
        name = intent.value[0][0] if has_options else intent
        if isinstance(name, yaml.ScalarNode):
            names.add(name.value)
        else:
            problems.append(f"{_place(domain, intent)}: an intent without a name")
    return frozenset(names)


def _compose(file: Path, problems: list[str]) -> yaml.Node | None:
    try:
        written = file.read_bytes()
        text = written.decode("utf-8")
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        problems.append(f"{file}:{line}: unreadable: {error}")
        return None
    except OSError as error:
        problems.append(f"{file}:1: unreadable: {error}")
        return None
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.append(f"{file}:{line}: broken YAML: {error.reason}")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        problems.append(f"{file}:{mark.line + 1 if mark else 1}: broken YAML: {error.problem}")
    return None


def _entry(node: yaml.Node | None, key: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                found: yaml.Node = value
                return found
    return None


def _place(file: Path, node: yaml.Node) -> str:
    return f"{file}:{node.start_mark.line + 1}"
