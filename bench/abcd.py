"""Reader of the Action-Based Conversations Dataset (Chen et al., 2021): dialogues of a shop's customers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def customer_sides(dialogues: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What the customer of each dialogue typed, in order, as fields of a `RecordedConversation`.

    The data set's customers are not customers of the shop that runs here, so they speak as anonymous visitors.

    Raises:
        KeyError: when a dialogue has no `original` turns.
    """
    for dialogue in dialogues:
        scenario = dialogue.get("scenario", {})
        yield {
            "name": f"{dialogue['convo_id']} {scenario.get('subflow', '')}".strip(),
            "customer": None,
            "texts": [text for speaker, text in dialogue["original"] if speaker == "customer"],
        }
