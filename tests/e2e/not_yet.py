"""What is known not to go right yet: such tests may fail, and one that passes is named at the end of the run.

It does not fail the run, for a training on another machine differs a little, and with it what is understood just so.
"""

import pytest


def not_yet(why: str) -> pytest.MarkDecorator:
    """Marks a test whose assertion does not hold yet; any other error is still one."""
    return pytest.mark.xfail(reason=why, raises=AssertionError, strict=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed = terminalreporter.stats.get("xpassed", [])
    if not passed:
        return
    terminalreporter.section("marked as NOT_YET, but passed: take the mark away", yellow=True, bold=True)
    for report in passed:
        terminalreporter.line(f"{report.nodeid}: {report.wasxfail.removeprefix('reason: ')}", yellow=True)
