"""Utterances, moods and texts as trainers edit them: a part is changed, the rest of its file stays as it is."""

import re
from collections.abc import Sequence

import yaml

from web.training import utterance_blocks
from web.training.files import DataFiles
from web.training.markup import on_one_line
from web.training.settings import MOODS, NLU, VARIANTS
from web.training.shapes import DataFile, IntentSummary, Refused, ReplySource, UtteranceBlock
from web.training.utterance_blocks import Block, NotEditable, lines_of


def intents(files: DataFiles, names: Sequence[str]) -> tuple[IntentSummary, ...]:
    """The intents of the dialogue, with how much the data holds of each.

    Raises:
        Refused: a file can't be read as one of utterances.
    """
    counts: dict[str, list[tuple[str, int]]] = {name: [] for name in names}
    for file, block in _all_blocks(files, NLU):
        counts.setdefault(block.label, []).append((file.path, len(block.utterances)))
    return tuple(
        IntentSummary(name, sum(number for _, number in places), tuple(places))
        for name, places in counts.items()
    )


def of_intent(files: DataFiles, intent: str) -> tuple[UtteranceBlock, ...]:
    """The utterances of an intent, file by file.

    Raises:
        Refused: a file can't be read as one of utterances.
    """
    return tuple(_shown(file, block) for file, block in _all_blocks(files, NLU) if block.label == intent)


def moods(files: DataFiles) -> tuple[UtteranceBlock, ...]:
    """The messages of each mood, file by file.

    Raises:
        Refused: a file can't be read as one of moods.
    """
    return tuple(_shown(file, block) for file, block in _all_blocks(files, MOODS))


def with_utterances(file: DataFile, block: UtteranceBlock, utterances: Sequence[str]) -> str:
    """The file's text with the utterances of a block replaced; empty lines are left out.

    Raises:
        Refused: there would be none left, or the block is not in the file any more.
    """
    written = [line for line in map(on_one_line, utterances) if line]
    try:
        found = utterance_blocks.blocks(file.text, _kind(file.path))
        same = [at for at in found if at.label == block.label and at.lines[0] + 1 == block.line]
        if not same:
            raise Refused(f"{file.path} has no utterances of {block.label} in line {block.line}")
        return utterance_blocks.replace(file.text, same[0], written)
    except NotEditable as error:
        raise Refused(f"{file.path}: {error}") from error


def replies(files: DataFiles) -> tuple[tuple[str, str], ...]:
    """The replies that have texts, each with its file, in the order of the files."""
    return tuple(
        (name, path) for path in files.paths(VARIANTS) for name, _, _ in _reply_places(files.read(path).text)
    )


def reply(files: DataFiles, name: str) -> ReplySource:
    """A reply's own lines.

    Raises:
        Refused: there is no such reply.
    """
    for path in files.paths(VARIANTS):
        file = files.read(path)
        if f"{name}:" not in file.text:
            continue  # spares parsing it
        for found, begin, end in _reply_places(file.text):
            if found == name:
                text = "".join(lines_of(file.text)[begin:end])
                return ReplySource(path, name, begin + 1, text, file.version)
    raise Refused(f"no file holds the reply {name}")


def with_reply(file: DataFile, source: ReplySource, text: str) -> str:
    """The file's text with a reply's lines replaced.

    Raises:
        Refused: the reply is not in the file any more.
    """
    for found, begin, end in _reply_places(file.text):
        if found == source.reply:
            lines = lines_of(file.text)
            new = text if text.endswith("\n") or end == len(lines) else f"{text}\n"
            return "".join([*lines[:begin], new, *lines[end:]])
    raise Refused(f"{file.path} does not hold the reply {source.reply} any more")


def _all_blocks(files: DataFiles, folder: str) -> list[tuple[DataFile, Block]]:
    found = []
    for path in files.paths(folder):
        file = files.read(path)
        try:
            found += [(file, block) for block in utterance_blocks.blocks(file.text, _kind(path))]
        except NotEditable as error:
            raise Refused(f"{path}: {error}") from error
    return found


def _shown(file: DataFile, block: Block) -> UtteranceBlock:
    return UtteranceBlock(file.path, block.label, block.lines[0] + 1, block.utterances, file.version)


def _kind(path: str) -> tuple[str, str]:
    return utterance_blocks.MOODS if path.startswith(MOODS) else utterance_blocks.NLU


def _reply_places(text: str) -> list[tuple[str, int, int]]:
    """Name, first line and the line after the last of each reply; none in a file that is broken.

    Comments and empty lines before a reply belong to none.
    """
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return []
    listed = (
        next(
            (value for key, value in root.value if key.value == "replies"),
            None,
        )
        if isinstance(root, yaml.MappingNode)
        else None
    )
    if not isinstance(listed, yaml.MappingNode):
        return []
    lines = lines_of(text)
    begins = [(str(key.value), key.start_mark.line, key.start_mark.column) for key, _ in listed.value]
    after = listed.end_mark
    ends = [line for _, line, _ in begins[1:]] + [after.line + (after.column > 0)]
    return [
        (name, begin, _last_of_its_own(lines, begin, end, column))
        for (name, begin, column), end in zip(begins, ends, strict=True)
    ]


def _last_of_its_own(lines: Sequence[str], begin: int, end: int, column: int) -> int:
    """Where a reply ends: before the empty lines, and the comments no deeper than it, that follow."""
    while end > begin + 1 and (
        not lines[end - 1].strip() or re.match(rf"\s{{0,{column}}}#", lines[end - 1]) is not None
    ):
        end -= 1
    return end
