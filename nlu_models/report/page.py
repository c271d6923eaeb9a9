"""The report as one self-contained HTML page and as JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from nlu_models.report import charts
from nlu_models.report.report import Report
from nlu_models.report.statistics import Share

HTML_FILE = "report.html"
JSON_FILE = "report.json"

_TEMPLATES = Path(__file__).with_name("templates")

#: An interval as wide as this says little.
UNSURE = 0.25


def write_report(report: Report, folder: Path) -> tuple[Path, Path]:
    """Write the page and the JSON into `folder`, which is made if need be; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    page, data = folder / HTML_FILE, folder / JSON_FILE
    page.write_text(as_html(report), encoding="utf-8")
    data.write_text(as_json(report), encoding="utf-8")
    return page, data


def as_json(report: Report) -> str:
    """All that the page shows, as JSON."""
    return json.dumps(asdict(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_html(report: Report) -> str:
    """The page. It needs no script, and asks nobody for anything."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": percent,
        "likely": likely,
        "label": label,
        "seconds": seconds,
        "names": names,
        "times": times,
    }
    environment.tests["unsure"] = lambda share: share.width > UNSURE
    return environment.get_template("report.html").render(report=report, charts=charts)


def percent(value: float | None, digits: int = 0) -> str:
    """`0.934` as `93%`; a dash for none. What is not all is never rounded up to 100%."""
    if value is None:
        return "–"
    text = f"{100 * value:.{digits}f}"
    if value < 1 and float(text) == 100:
        text = f"{100 - 10**-digits:.{digits}f}"
    return f"{text}%"


def likely(share: Share) -> str:
    """The interval of a share, as `84–97%`."""
    return f"{100 * share.low:.0f}–{100 * share.high:.0f}%"


def label(name: str) -> Markup:
    """A label that may be broken after each underscore."""
    return Markup("<wbr>").join(_with_underscores(name.split("_")))


def times(count: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def names(text: str) -> Markup:
    """A text whose names are in backticks, with these as code."""
    pieces = (
        Markup("<code>{}</code>").format(label(piece)) if place % 2 else escape(piece)
        for place, piece in enumerate(text.split("`"))
    )
    return Markup("").join(pieces)


def seconds(value: float | None) -> str:
    """A time as a person says it: `74 s`, `3 min 5 s`."""
    if value is None:
        return "–"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes > 1 else f"{round(value)} s"


def _with_underscores(words: list[str]) -> Iterable[str]:
    return [f"{word}_" for word in words[:-1]] + words[-1:]
