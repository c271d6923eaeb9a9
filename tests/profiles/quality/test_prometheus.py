"""The metrics are in the text format of Prometheus, and say what the report says."""

import re

from profiles.quality.prometheus import Metric, as_text, metrics_of
from tests.profiles.quality.reports import AT, a_report

_SAMPLE = re.compile(r'[a-z_]+(\{[a-z_]+="(?:[^"\\\n]|\\.)*"(,[a-z_]+="(?:[^"\\\n]|\\.)*")*\})? [0-9.e+-]+')


def test_each_line_is_a_comment_or_a_sample() -> None:
    for line in as_text(metrics_of(a_report())).splitlines():
        assert line.startswith(("# HELP rapport_quality_", "# TYPE rapport_quality_")) or _SAMPLE.fullmatch(
            line
        )


def test_what_the_report_says_is_there() -> None:
    lines = as_text(metrics_of(a_report())).splitlines()
    assert 'rapport_quality_score{source="shop",attribute="email"} 0.97' in lines
    assert 'rapport_quality_measure{source="shop",attribute="email",measure="uniqueness"} 1.0' in lines
    assert 'rapport_quality_events_laid_aside{source="pos"} 7.0' in lines
    assert 'rapport_quality_imputed_values{attribute="language",method="mode"} 431.0' in lines
    assert "rapport_quality_alarms 3.0" in lines
    assert f"rapport_quality_run_timestamp_seconds {AT.timestamp()!r}" in lines


def test_a_measure_that_does_not_apply_is_left_out() -> None:
    assert 'measure="consistency"' not in as_text(metrics_of(a_report()))


def test_labels_are_escaped() -> None:
    assert as_text([Metric("m", "A test.", [({"a": 'x"\\\n'}, 1)])]).splitlines()[-1] == r'm{a="x\"\\\n"} 1.0'
