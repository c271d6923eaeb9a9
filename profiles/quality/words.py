"""Reports and profiles as text for a terminal."""

from collections.abc import Sequence

from profiles.quality.profiling import Column
from profiles.quality.report import Report
from profiles.quality.scores import Measures

_MEASURES = ("completeness", "validity", "uniqueness", "timeliness", "consistency")


def report_text(report: Report) -> str:
    """The scores and the alarms."""
    lines = [f"{report.customers} customers, {report.looked_at} of them looked at", ""]
    head = "".join(f"{name[:12]:>14}" for name in _MEASURES)
    lines.append(f"{'source':<16}{'attribute':<22}{'values':>8}{'score':>8}{head}")
    for one in report.scores:
        measures = "".join(f"{_share(value):>14}" for value in measures_of(one.measures))
        lines.append(f"{one.source:<16}{one.attribute:<22}{one.values:>8}{one.score:>8.2f}{measures}")
    lines.append("")
    lines += [f"{source}: {score:.2f}" for source, score in report.sources.items()]
    lines.append("")
    for alarm in report.alarms:
        lines.append(f"! {alarm.source}, {alarm.about}: {alarm.text} (since {alarm.since:%Y-%m-%d %H:%M})")
    return "\n".join([*lines, f"{len(report.alarms)} alarms"])


def measures_of(measures: Measures) -> list[float | None]:
    """In the order in which they are shown."""
    return [getattr(measures, name) for name in _MEASURES]


def profile_text(columns: Sequence[Column]) -> str:
    """One line a column, and its commonest values."""
    lines = [f"{columns[0].rows if columns else 0} rows"]
    for column in columns:
        types = ", ".join(f"{name} {count}" for name, count in column.types.items()) or "nothing"
        lines.append(f"{column.name}: {types}; missing {column.missing}; distinct {column.distinct}")
        if column.least is not None:
            lines.append(f"    from {column.least} to {column.greatest}")
        if column.quantiles:
            lines.append(f"    5, 25, 50, 75, 95 %: {', '.join(f'{value:g}' for value in column.quantiles)}")
        if column.common:
            lines.append(f"    {', '.join(f'{text} ({count})' for text, count in column.common)}")
        if column.hidden:
            lines.append("    values are not shown")
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"
