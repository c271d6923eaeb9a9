"""What the model makes of one set of messages, as the report tells it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from common.masking import mask
from nlu_models.evaluation import (
    Judged,
    JudgedIntent,
    head_figures,
)
from nlu_models.report.statistics import (
    Bin,
    LabelScore,
    ScopePoint,
    Share,
    Speed,
    auroc,
    calibration_error,
    label_scores,
    reliability,
    scope_curve,
    share_of,
    speed,
)
from nlu_models.robustness import Robustness, measure_robustness
from nlu_models.runtime import Encoder
from nlu_models.runtime.wishes import OUT_OF_SCOPE


@dataclass(frozen=True)
class Example:
    """A message and what was made of it; personal data is masked.

    Attributes:
        understood: the label that it was served with; `out_of_scope` when it was refused.
        likeliest: the most probable label, which differs when a threshold refused it.
        confidence: the probability of the latter.
        scope_score: None for a sentiment.
        alternatives: the intents between which the model would ask.
    """

    text: str
    label: str
    understood: str
    likeliest: str
    confidence: float
    scope_score: float | None
    alternatives: tuple[str, ...]


@dataclass(frozen=True)
class Confusion:
    """Messages of one label that were taken for another."""

    label: str
    understood: str
    examples: list[Example]


@dataclass(frozen=True)
class Intent:
    """How well one intent is understood.

    Attributes:
        threshold: the scope score that a message taken for it needs; None for `out_of_scope`.
        examples: its messages that went wrong.
    """

    score: LabelScore
    threshold: float | None
    examples: list[Example]


@dataclass(frozen=True)
class Calibration:
    """Accuracy by confidence, and the expected calibration error."""

    before: list[Bin]
    after: list[Bin]
    error_before: float
    error: float


@dataclass(frozen=True)
class Scope:
    """Refusing what the assistant is not for.

    Attributes:
        served: of the messages in scope, those that were served as what they are.
        kept: of these, those that were not refused, rightly understood or not.
        refused: of the messages out of scope, those that were refused.
        auroc: how often a message in scope scores higher than one out of scope.
        threshold: of intents without one of their own.
    """

    served: Share
    kept: Share
    refused: Share
    auroc: float | None
    threshold: float
    curve: list[ScopePoint]


@dataclass(frozen=True)
class Asking:
    """Messages in scope for which the model names several intents.

    Attributes:
        asked: of the messages in scope that are not refused.
        one_right: of those asked about, those whose intent is among the named ones.
        saved: of those asked about, those that would have been misunderstood otherwise.
        needless: of those asked about, those whose first intent was right anyway.
    """

    asked: Share
    one_right: Share
    saved: Share
    needless: Share
    examples: list[Example]


@dataclass(frozen=True)
class Mood:
    """The sentiments.

    Attributes:
        matrix: messages by their label and by what was found, both in the order of `labels`.
    """

    figures: dict[str, float]
    labels: list[str]
    matrix: list[list[int]]
    scores: list[LabelScore]
    calibration: Calibration
    confusions: list[Confusion]


@dataclass(frozen=True)
class Part:
    """One set of messages.

    Attributes:
        key: for anchors and JSON; title: for people.
        about: where the messages come from, a sentence.
        figures: accuracy, macro F1 and calibration error of the intents, before refusing, as on the card.
        unknown: intents of the messages that the model was not trained on.
    """

    key: str
    title: str
    about: str
    figures: dict[str, float]
    unknown: list[str]
    scope: Scope
    intents: list[Intent]
    confusions: list[Confusion]
    calibration: Calibration
    asking: Asking
    mood: Mood | None
    robustness: list[Robustness]
    speed: Speed | None


def part_of(
    encoder: Encoder,
    rows: Sequence[JudgedIntent],
    moods: Sequence[Judged],
    *,
    key: str,
    title: str,
    about: str,
) -> Part:
    """What there is to tell of messages that `encoder` has judged; it judges them again under changes."""
    return Part(
        key=key,
        title=title,
        about=about,
        figures=head_figures(rows),
        unknown=sorted({row.label for row in rows} - set(encoder.folder.intents)),
        scope=scope_of(rows, encoder.folder.thresholds.scope),
        intents=intents_of(rows, encoder.folder.thresholds.of),
        confusions=confusions_of([_intent_example(row) for row in rows if not row.right]),
        calibration=calibration_of(rows),
        asking=asking_of(rows),
        mood=mood_of(moods, encoder.folder.sentiments) if moods else None,
        robustness=[
            change
            for change in measure_robustness(rows, lambda text: encoder.understand(text).intent)
            if change.messages
        ],
        speed=speed([row.milliseconds for row in rows]),
    )


def scope_of(rows: Sequence[JudgedIntent], threshold: float) -> Scope:
    """How well the model tells what it is for."""
    inside = [row for row in rows if row.label != OUT_OF_SCOPE]
    outside = [row for row in rows if row.label == OUT_OF_SCOPE]
    return Scope(
        served=share_of([row.right for row in inside]),
        kept=share_of([row.in_scope for row in inside]),
        refused=share_of([not row.in_scope for row in outside]),
        auroc=auroc([row.scope_score for row in inside], [row.scope_score for row in outside]),
        threshold=threshold,
        curve=scope_curve(
            [(row.scope_score, row.named) for row in inside],
            [(row.scope_score, row.named) for row in outside],
        ),
    )


def intents_of(rows: Sequence[JudgedIntent], threshold_of: Callable[[str], float]) -> list[Intent]:
    """Each intent of the messages, the weakest first."""
    scores = label_scores([row.label for row in rows], [row.decision for row in rows])
    return [
        Intent(
            score=score,
            threshold=None if score.label == OUT_OF_SCOPE else threshold_of(score.label),
            examples=[_intent_example(row) for row in rows if row.label == score.label and not row.right],
        )
        for score in scores
    ]


def confusions_of(wrong: Iterable[Example]) -> list[Confusion]:
    """The examples by label and understanding, the largest group first."""
    groups: dict[tuple[str, str], list[Example]] = {}
    for example in wrong:
        groups.setdefault((example.label, example.understood), []).append(example)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return [Confusion(label, understood, examples) for (label, understood), examples in ordered]


def calibration_of(rows: Sequence[Judged]) -> Calibration:
    """Whether a confidence means what it says, before and after calibration."""
    named = [row.named for row in rows]
    before = reliability([row.confidence_before for row in rows], named)
    after = reliability([row.confidence for row in rows], named)
    return Calibration(before, after, calibration_error(before), calibration_error(after))


def asking_of(rows: Sequence[JudgedIntent]) -> Asking:
    """What it costs and brings to name several intents."""
    served = [row for row in rows if row.label != OUT_OF_SCOPE and row.in_scope]
    asked = [row for row in served if len(row.alternatives) > 1]
    return Asking(
        asked=share_of([len(row.alternatives) > 1 for row in served]),
        one_right=share_of([row.label in row.alternatives for row in asked]),
        saved=share_of([not row.named and row.label in row.alternatives for row in asked]),
        needless=share_of([row.named for row in asked]),
        examples=[_intent_example(row) for row in asked],
    )


def mood_of(rows: Sequence[Judged], labels: Sequence[str]) -> Mood:
    """The sentiments of messages."""
    truth, found = [row.label for row in rows], [row.found for row in rows]
    names = [*labels, *sorted(set(truth) - set(labels))]
    pairs = list(zip(truth, found, strict=True))
    return Mood(
        figures=head_figures(rows),
        labels=names,
        matrix=[[pairs.count((true, got)) for got in names] for true in names],
        scores=label_scores(truth, found),
        calibration=calibration_of(rows),
        confusions=confusions_of(
            Example(mask(row.text), row.label, row.found, row.found, row.confidence, None, ())
            for row in rows
            if not row.named
        ),
    )


def _intent_example(row: JudgedIntent) -> Example:
    return Example(
        text=mask(row.text),
        label=row.label,
        understood=row.decision,
        likeliest=row.found,
        confidence=row.confidence,
        scope_score=row.scope_score,
        alternatives=row.alternatives,
    )
