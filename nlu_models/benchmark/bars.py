"""What must be reached, what we aim at, and how a result is shown beside them."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Bar:
    """A figure with its bar and its goal.

    Attributes:
        what: in words.
        part: the part of the benchmark that gives it.
        path: of the value in the part's result.
        least: whether the figure must be at least the bar (else at most).
    """

    what: str
    part: str
    path: tuple[str, ...]
    bar: float | None
    goal: float
    least: bool = True

    def value(self, results: dict[str, Any]) -> float | None:
        """The figure in the results of all parts; None when its part was not run."""
        found: Any = results.get(self.part)
        for name in self.path:
            found = found.get(name) if isinstance(found, dict) else None
        return float(found) if isinstance(found, int | float) else None

    def verdict(self, value: float) -> str:
        """`goal`, `bar` or `missed`."""
        if self._reached(value, self.goal):
            return "goal"
        return "bar" if self.bar is None or self._reached(value, self.bar) else "missed"

    def _reached(self, value: float, wanted: float) -> bool:
        return value >= wanted if self.least else value <= wanted


BARS = (
    Bar("BANKING77 full, accuracy %", "banking77", ("accuracy",), 94.4, 95.0),
    Bar("BANKING77 10-shot, accuracy %, mean of three seeds", "banking77_10_shot", ("accuracy",), 87.0, 89.0),
    Bar("CLINC150 in-scope accuracy % before rejection", "clinc150", ("in_scope_accuracy",), 96.5, 97.3),
    Bar(
        "CLINC150 with rejection: in-scope accuracy %", "clinc150", ("with_rejection", "in_scope"), 94.0, 95.5
    ),
    Bar(
        "CLINC150 with rejection: out-of-scope recall %", "clinc150", ("with_rejection", "recall"), 75.0, 85.0
    ),
    Bar("BANKING77-OOS in-domain AUROC", "banking77_oos", ("auroc", "in_domain"), None, 0.90),
    Bar("BANKING77-OOS out-of-domain AUROC", "banking77_oos", ("auroc", "out_of_domain"), None, 0.97),
    Bar("Restaurant8k span F1", "restaurant8k", ("test", "all", "f1"), 0.93, 0.96),
    Bar("own held-out intents, accuracy %", "bundled", ("intent_accuracy",), 95.0, 98.0),
    Bar("own held-out sentiment, macro F1 %", "bundled", ("sentiment_macro_f1",), 85.0, 90.0),
    Bar("int8 against float32, points lost", "bundled", ("int8_points_lost",), 0.5, 0.2, least=False),
    Bar("one message, one thread, p95 ms", "bundled", ("milliseconds", "p95"), 3.0, 2.0, least=False),
    Bar("spaCy part, p95 ms", "bundled", ("entities_milliseconds", "p95"), 5.0, 3.0, least=False),
    Bar("training of our own data, seconds", "bundled", ("training_seconds",), 240.0, 240.0, least=False),
    Bar("times faster than stock Rasa's DIET, intents alone, p50", "diet", ("times_faster",), 5.0, 10.0),
    Bar("points of accuracy above stock Rasa's DIET", "diet", ("points_above",), 0.0, 0.0),
)
