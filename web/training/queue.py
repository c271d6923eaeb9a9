"""From recent messages to what trainers review: why it is worth a look, what it may mean, folded. Pure functions."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from web.training.folding import fold, normal_form
from web.training.messages import OUT_OF_SCOPE, UNSURE, Message
from web.training.shapes import Filters, RankedIntent, Reason, ReviewItem, Suggestion, Variant

#: How many intents of the ranking are shown.
SHOWN_INTENTS = 5
#: Somebody said that it was misread.
_KNOWN_WRONG = {Reason.MARKED, Reason.OBJECTED}


def reasons_of(message: Message) -> tuple[Reason, ...]:
    """Why a message is worth a look, the weightiest reason first; none when it was understood well."""
    parse = message.parse
    out_of_scope = understood_as(message) == OUT_OF_SCOPE
    found = {
        Reason.MARKED: message.mark is not None,
        Reason.OBJECTED: message.objected,
        Reason.OUT_OF_SCOPE: out_of_scope,
        Reason.CLOSE: bool(parse.get("alternatives")) and not parse.get("wishes"),
        Reason.UNSURE: not out_of_scope and confidence_of(message) < UNSURE,
    }
    return tuple(reason for reason in Reason if found[reason])


def understood_as(message: Message) -> str:
    return str((message.parse.get("intent") or {}).get("name") or "")


def confidence_of(message: Message) -> float:
    return float((message.parse.get("intent") or {}).get("confidence") or 0.0)


def ranking_of(message: Message) -> tuple[RankedIntent, ...]:
    """The likeliest intents, the likeliest first."""
    ranking = message.parse.get("intent_ranking") or [message.parse.get("intent") or {}]
    return tuple(
        RankedIntent(str(ranked.get("name") or ""), float(ranked.get("confidence") or 0.0))
        for ranked in ranking[:SHOWN_INTENTS]
    )


def items_of(messages: Iterable[Message], decided: frozenset[str] = frozenset()) -> list[ReviewItem]:
    """What is to be reviewed, near-duplicates folded, in the order in which trainers see it.

    Args:
        decided: normal forms that were decided: they do not come back.
    """
    # The oldest names a group, so that its id stays when another message like it comes.
    worthy = sorted(
        (message for message in messages if reasons_of(message)),
        key=lambda message: (message.at, message.seq),
    )
    formed = [(message, normal_form(message.hidden.text)) for message in worthy]
    fresh = [(message, form) for message, form in formed if form not in decided]
    groups = fold([form for _, form in fresh], [understood_as(message) for message, _ in fresh])
    items = [_item([fresh[place] for place in group]) for group in groups]
    return sorted(
        items,
        key=lambda item: (not _KNOWN_WRONG & set(item.reasons), -item.count, -item.last_at.timestamp()),
    )


def filtered(items: Sequence[ReviewItem], filters: Filters) -> tuple[list[ReviewItem], dict[Reason, int]]:
    """The items that fit, and how many there are of each reason when reasons are not asked for."""
    words = filters.text.casefold().split()
    fits: list[Callable[[ReviewItem], bool]] = [
        lambda item: not filters.intent or filters.intent in (item.understood_as, item.suggestion.intent),
        lambda item: all(any(word in variant.text.casefold() for variant in item.variants) for word in words),
    ]
    found = [item for item in items if all(fit(item) for fit in fits)]
    counts = Counter(reason for item in found for reason in item.reasons)
    if filters.reasons:
        found = [item for item in found if filters.reasons & set(item.reasons)]
    return found, {reason: counts[reason] for reason in Reason}


def _item(group: list[tuple[Message, str]]) -> ReviewItem:
    first, form = group[0]
    messages = [message for message, _ in group]
    reasons = {reason for message in messages for reason in reasons_of(message)}
    marks = tuple(dict.fromkeys(message.mark for message in messages if message.mark is not None))
    counts = Counter(message.hidden.text for message in messages)
    drafts = {message.hidden.text: message.hidden.draft for message in reversed(messages)}
    return ReviewItem(
        item_id=hashlib.sha256(f"{understood_as(first)}\n{form}".encode()).hexdigest()[:16],
        text=first.hidden.text,
        count=len(messages),
        variants=tuple(Variant(text, drafts[text], counts[text]) for text in counts),
        reasons=tuple(reason for reason in Reason if reason in reasons),
        understood_as=understood_as(first),
        confidence=confidence_of(first),
        suggestion=_suggestion(
            first, [mark.intent for mark in marks if mark.intent], bool(_KNOWN_WRONG & reasons)
        ),
        spans=first.hidden.spans,
        mood=(first.parse.get("sentiment") or {}).get("label"),
        marks=marks,
        first_at=first.at,
        last_at=max(message.at for message in messages),
        messages=tuple((message.conversation_id, message.seq) for message in messages),
        forms=tuple(dict.fromkeys(form for _, form in group)),
    )


def _suggestion(message: Message, meant: list[str], wrong: bool) -> Suggestion:
    """What agents say it means, else the likeliest; where it was only said that this was wrong, the next."""
    ranking = ranking_of(message)
    likely = [ranked.name for ranked in ranking]
    if wrong and len(likely) > 1:
        likely = [name for name in likely if name != understood_as(message)]
    return Suggestion((meant + likely)[0], ranking, message.hidden.draft)
