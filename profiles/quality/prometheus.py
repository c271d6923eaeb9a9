"""Figures in the text format of Prometheus, https://prometheus.io/docs/instrumenting/exposition_formats/."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from profiles.quality.report import Report

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True)
class Metric:
    """One gauge: its name, what it says, and its values by their labels."""

    name: str
    about: str
    samples: list[tuple[Mapping[str, str], float]]


def as_text(metrics: Iterable[Metric]) -> str:
    """The metrics that have values."""
    lines = []
    for metric in metrics:
        if metric.samples:
            lines += [f"# HELP {metric.name} {metric.about}", f"# TYPE {metric.name} gauge"]
        for labels, value in metric.samples:
            inner = ",".join(f'{name}="{said.translate(_ESCAPED)}"' for name, said in labels.items())
            lines.append(f"{metric.name}{f'{{{inner}}}' if inner else ''} {float(value)!r}")
    return "".join(f"{line}\n" for line in lines)


def metrics_of(report: Report) -> list[Metric]:
    """What the newest run found."""
    scores = [({"source": one.source, "attribute": one.attribute}, one) for one in report.scores]
    return [
        Metric(
            "rapport_quality_run_timestamp_seconds", "When this was measured.", [({}, report.at.timestamp())]
        ),
        Metric("rapport_quality_customers", "Customers there are.", [({}, report.customers)]),
        Metric(
            "rapport_quality_source_score",
            "How good the word of a source is, 0 to 1.",
            [({"source": source}, score) for source, score in report.sources.items()],
        ),
        Metric(
            "rapport_quality_score",
            "How good the word of a source about an attribute is, 0 to 1.",
            [(labels, one.score) for labels, one in scores],
        ),
        Metric(
            "rapport_quality_measure",
            "What the score of a source and attribute is made of, 0 to 1.",
            [
                ({**labels, "measure": name}, value)
                for labels, one in scores
                for name, value in asdict(one.measures).items()
                if value is not None
            ],
        ),
        Metric(
            "rapport_quality_events_today",
            "Events of a source that were received on the day of the run, until then (UTC).",
            [({"source": one.source}, one.counts[-1]) for one in report.volumes if one.counts],
        ),
        Metric(
            "rapport_quality_events_usual",
            "Median of the events of a source by day.",
            [({"source": one.source}, one.usual) for one in report.volumes if one.usual is not None],
        ),
        Metric(
            "rapport_quality_last_event_timestamp_seconds",
            "When the last event of a source was received.",
            [({"source": one.source}, one.last.timestamp()) for one in report.volumes],
        ),
        Metric(
            "rapport_quality_events_laid_aside",
            "Events of a source that could not be applied and wait to be replayed.",
            [({"source": source}, count) for source, count in report.laid_aside.items()],
        ),
        Metric(
            "rapport_quality_imputed_values",
            "Values that nobody said and that were filled in.",
            [({"attribute": one.attribute, "method": one.method}, one.values) for one in report.imputed],
        ),
        Metric(
            "rapport_quality_alarm",
            "1 for each thing that somebody should look at.",
            [({"kind": one.kind, "source": one.source, "about": one.about}, 1) for one in report.alarms],
        ),
        Metric("rapport_quality_alarms", "How many such things there are.", [({}, len(report.alarms))]),
    ]
