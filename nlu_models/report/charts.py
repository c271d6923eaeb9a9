"""Charts as inline SVG: coloured by the page's style sheet, each with a title and a description in words."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from nlu_models.report.statistics import Bin, ScopePoint, Speed

# At this width letters have their own size on a phone, and are not smaller elsewhere.
WIDTH, HEIGHT = 360, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 20, 14, 46

#: A column of fewer messages says little, and is pale.
_FEW = 5


@dataclass(frozen=True)
class _Axes:
    """The plotting area; data from 0 to the two highest values."""

    highest_x: float
    highest_y: float

    def x(self, value: float) -> float:
        return round(_LEFT + value / self.highest_x * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - _BOTTOM - value / self.highest_y * (HEIGHT - _TOP - _BOTTOM), 1)


def reliability_chart(bins: Sequence[Bin], name: str, title: str) -> Markup:
    """Accuracy by confidence as columns; the diagonal is where a confidence means what it says.

    Args:
        name: unique on the page.
    """
    axes = _Axes(1.0, 1.0)
    columns = _joined(
        _rect(
            axes,
            item.low + 0.004,
            item.high - 0.004,
            item.accuracy,
            "column" if item.rows >= _FEW else "column pale",
        )
        for item in bins
    )
    gaps = _joined(
        Markup('<line class="gap" x1="{x}" x2="{x}" y1="{y1}" y2="{y2}"/>').format(
            x=axes.x((item.low + item.high) / 2), y1=axes.y(item.accuracy), y2=axes.y(item.confidence)
        )
        for item in bins
    )
    diagonal = Markup('<line class="ideal" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        axes.x(0), axes.y(0), axes.x(1), axes.y(1)
    )
    described = (
        "Columns show how many of 100 messages of a confidence were right. On the dashed diagonal the confidence means"
        " what it says; the short lines show how far off it is. Pale columns have fewer than five messages."
    )
    return _svg(
        name,
        title,
        described,
        _frame(axes, "confidence", "right", (_percent, _percent), (0.25, 0.25)),
        columns,
        gaps,
        diagonal,
    )


def scope_chart(points: Sequence[ScopePoint], threshold: float, name: str, title: str) -> Markup:
    """Two lines over the threshold, and the present threshold."""
    axes = _Axes(1.0, 1.0)
    lines = _joined(
        Markup('<polyline class="line {}" points="{}"/>').format(
            kind, " ".join(f"{axes.x(point.threshold)},{axes.y(value(point))}" for point in points)
        )
        for kind, value in _SCOPE_LINES
    )
    mark = _mark(axes, threshold) + _marked(axes, threshold, f"now {threshold:.2f}", axes.y(0.06))
    described = (
        "The solid line falls: with a higher threshold fewer messages for the assistant are served. The dashed line rises:"
        f" more of the others are refused. The threshold now is {threshold:.2f}."
    )
    return _svg(
        name,
        title,
        described,
        _frame(axes, "threshold of the scope score", "messages", (_decimal, _percent), (0.25, 0.25)),
        lines,
        mark,
    )


def speed_chart(speed: Speed, name: str, title: str) -> Markup:
    """A histogram of times, with the median and the 95th percentile."""
    highest = max(speed.counts)
    axes = _Axes(speed.edges[-1], highest * 1.12)
    gap = speed.edges[-1] * 0.003
    columns = _joined(
        _rect(axes, low + gap, high - gap, count, "column")
        for low, high, count in zip(speed.edges, speed.edges[1:], speed.counts, strict=False)
        if count
    )
    values = (("50% within", speed.p50), ("95% within", speed.p95))
    # The texts above all lines: a text may cross the other line.
    marks = _joined(_mark(axes, value) for _, value in values)
    marks += _joined(
        _marked(axes, value, f"{label} {value:.1f} ms", _TOP + 12 + 15 * place)
        for place, (label, value) in enumerate(values)
    )
    described = (
        f"Half of {speed.rows} messages took {speed.p50:.1f} milliseconds or less,"
        f" 95 of 100 took {speed.p95:.1f} or less."
    )
    return _svg(
        name,
        title,
        described,
        _frame(axes, "milliseconds", "messages", (_decimal, _whole), (_step(axes.highest_x), _step(highest))),
        columns,
        marks,
    )


_SCOPE_LINES: tuple[tuple[str, Callable[[ScopePoint], float]], ...] = (
    ("served", lambda point: point.served),
    ("refused", lambda point: point.refused),
)


def _svg(name: str, title: str, described: str, *content: Markup) -> Markup:
    return Markup(
        '<svg class="chart" role="img" viewBox="0 0 {width} {height}" aria-labelledby="{name}-title {name}-desc">'
        '<title id="{name}-title">{title}</title><desc id="{name}-desc">{described}</desc>{content}</svg>'
    ).format(
        width=WIDTH,
        height=HEIGHT,
        name=name,
        title=title,
        described=described,
        content=Markup("").join(content),
    )


def _frame(
    axes: _Axes,
    x_title: str,
    y_title: str,
    written: tuple[Callable[[float], str], Callable[[float], str]],
    steps: tuple[float, float],
) -> Markup:
    """Grid, numbers and names of the axes."""
    parts = []
    for value in _ticks(axes.highest_x, steps[0]):
        parts.append(
            Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                axes.x(value), HEIGHT - _BOTTOM + 17, written[0](value)
            )
        )
    for value in _ticks(axes.highest_y, steps[1]):
        parts.append(
            Markup(
                '<line class="grid" x1="{}" x2="{}" y1="{y}" y2="{y}"/>'
                '<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>'
            ).format(
                axes.x(0),
                axes.x(axes.highest_x),
                _LEFT - 6,
                axes.y(value) + 4,
                written[1](value),
                y=axes.y(value),
            )
        )
    parts.append(
        Markup('<text class="axis" x="{}" y="{}" text-anchor="middle">{}</text>').format(
            axes.x(axes.highest_x / 2), HEIGHT - 8, escape(x_title)
        )
    )
    parts.append(
        Markup(
            '<text class="axis" transform="translate(11 {}) rotate(-90)" text-anchor="middle">{}</text>'
        ).format(axes.y(axes.highest_y / 2), escape(y_title))
    )
    return Markup("").join(parts)


def _mark(axes: _Axes, value: float) -> Markup:
    """An upright line."""
    return Markup('<line class="mark" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>').format(
        x=axes.x(value), top=axes.y(axes.highest_y), bottom=axes.y(0)
    )


def _marked(axes: _Axes, value: float, text: str, y: float) -> Markup:
    """What an upright line says, on the side where there is room."""
    left = value < 0.55 * axes.highest_x
    return Markup('<text class="marked" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        axes.x(value) + (6 if left else -6), y, "start" if left else "end", text
    )


def _rect(axes: _Axes, low: float, high: float, value: float, kind: str) -> Markup:
    top = axes.y(value)
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        kind, axes.x(low), top, round(axes.x(high) - axes.x(low), 1), round(axes.y(0) - top, 1)
    )


def _ticks(highest: float, step: float) -> list[float]:
    return [place * step for place in range(int(highest / step + 1e-9) + 1)]


def _step(highest: float) -> float:
    """A round step that gives three to six numbers."""
    least = highest / 5
    power = 10.0 ** math.floor(math.log10(least))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= least * (1 - 1e-9))


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _decimal(value: float) -> str:
    return f"{value:.3g}"


def _whole(value: float) -> str:
    return f"{value:.0f}"
