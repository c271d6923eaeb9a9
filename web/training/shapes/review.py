"""Messages to be reviewed, and what trainers decide about them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Reason(StrEnum):
    """Why a message is worth a trainer's look."""

    #: An agent marked it as misread.
    MARKED = "marked"
    #: The customer said that it was misread.
    OBJECTED = "objected"
    #: The assistant held it to be nothing that it is for.
    OUT_OF_SCOPE = "out_of_scope"
    #: Two intents were too close to tell apart.
    CLOSE = "close"
    #: Its intent had a low confidence.
    UNSURE = "unsure"


class Action(StrEnum):
    """What a trainer decides about a message."""

    #: The suggested intent is right.
    ACCEPT = "accept"
    #: Another intent is right.
    CORRECT = "correct"
    #: Nothing is to be learnt from it.
    DROP = "drop"


@dataclass(frozen=True)
class Span:
    """An entity in a text: characters `start` to `end`, the end not included."""

    entity: str
    start: int
    end: int


@dataclass(frozen=True)
class RankedIntent:
    """An intent with its calibrated probability, from 0 to 1."""

    name: str
    confidence: float


@dataclass(frozen=True)
class Suggestion:
    """What the assistant took a message for.

    Attributes:
        intent: the likeliest intent, also when the message was held to be out of scope; that of an agent's mark
            when there is one.
        ranking: the likeliest intents, at most five, the likeliest first.
        draft: an utterance that may be learnt as it stands: entities marked, and made-up values in the place of
            everything personal.
    """

    intent: str
    ranking: tuple[RankedIntent, ...]
    draft: str


@dataclass(frozen=True)
class Variant:
    """One way in which a folded message was written: masked, and as an utterance to learn."""

    text: str
    draft: str
    count: int


@dataclass(frozen=True)
class AgentMark:
    """What an agent said of a message that was misread."""

    intent: str | None
    comment: str | None


@dataclass(frozen=True)
class ReviewItem:
    """A message to be reviewed, together with those nearly the same.

    Attributes:
        item_id: stays the same as long as the oldest of the messages is kept.
        text: the oldest of the messages, personal data masked.
        count: how many messages are folded into it, itself included.
        variants: the different ways of writing it, the oldest first, itself included.
        reasons: why it is here, the weightiest first.
        understood_as: the intent that the assistant acted on (`out_of_scope` for one that it refused).
        confidence: of the likeliest intent, from 0 to 1.
        spans: what was found in `text`.
        mood: how the customer sounded.
        marks: what agents said.
        messages: conversation and sequence number of each message.
    """

    item_id: str
    text: str
    count: int
    variants: tuple[Variant, ...]
    reasons: tuple[Reason, ...]
    understood_as: str
    confidence: float
    suggestion: Suggestion
    spans: tuple[Span, ...]
    mood: str | None
    marks: tuple[AgentMark, ...]
    first_at: datetime
    last_at: datetime
    messages: tuple[tuple[UUID, int], ...]
    #: The normal forms of all variants, by which they are known when they come again.
    forms: tuple[str, ...]


@dataclass(frozen=True)
class Filters:
    """Which items to show; what is empty leaves all. `intent` is what it was understood as or is suggested."""

    reasons: frozenset[Reason] = frozenset()
    intent: str | None = None
    text: str = ""


@dataclass(frozen=True)
class ReviewQueue:
    """The items that fit the filters: what agents marked and customers objected to first, then the most frequent, then the newest.

    Attributes:
        counts: items by reason, all filters but that of reasons applied.
        without_consent: messages that would be here if their customers let them be used for training.
        consent_unknown: messages left out because the profile service could not say.
    """

    items: tuple[ReviewItem, ...]
    counts: dict[Reason, int]
    without_consent: int
    consent_unknown: int


@dataclass(frozen=True)
class Decision:
    """A trainer's decision.

    Attributes:
        intent: what it means; needed to accept and to correct.
        utterances: what is to be learnt, in Rasa's markup (`[kettle](product)`); the draft when there are none.
    """

    action: Action
    intent: str | None = None
    utterances: tuple[str, ...] = ()
    comment: str = ""


@dataclass(frozen=True)
class Review:
    """A decision that was made. `written_at` is null until its utterances are in the data."""

    review_id: UUID
    action: Action
    intent: str | None
    text: str
    utterances: tuple[str, ...]
    comment: str
    decided_by: str
    decided_at: datetime
    written_at: datetime | None = None
