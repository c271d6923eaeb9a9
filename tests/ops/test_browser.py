"""A browser for the end-to-end tests is found, installed, or said to be missing; it is never skipped."""

from pathlib import Path

import pytest

from ops import browser
from ops.errors import OpsError
from ops.jobs import Jobs
from ops.progress import Board


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH; no browser of Playwright's own is there either."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "browsers"))
    return folder


def program(folder: Path, name: str, body: str) -> Path:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file


def test_a_browser_that_starts_is_taken(programs: Path) -> None:
    assert browser.find() is None
    installed = program(programs, "chromium", "echo Chromium 150.0")
    assert browser.find() == installed


def test_a_stub_that_only_asks_for_a_snap_is_not(programs: Path) -> None:
    program(programs, "chromium-browser", "echo 'install the snap' >&2; exit 1")
    assert browser.find() is None


def test_as_root_it_is_installed_by_apt_after_an_update(
    programs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    install = f"""
case "$1" in
  update) : > {tmp_path}/updated ;;
  install) [ -e {tmp_path}/updated ] && printf '#!/bin/sh\\n' > {programs}/chromium && /bin/chmod +x {programs}/chromium ;;
esac"""
    program(programs, "apt-get", install)
    found = browser.ensure(Board(tmp_path / "timings.json", quiet=True), Jobs(), tmp_path / "log")
    assert found == programs / "chromium"


def test_when_none_can_be_had_it_says_so(
    programs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    program(programs, "apt-get", "echo 'E: no network' >&2; exit 100")
    monkeypatch.setattr(browser, "APP_PYTHON", program(programs, "python", "echo 'no network'; exit 1"))
    with pytest.raises(OpsError, match="No Chromium for the browser tests, and none could be installed"):
        browser.ensure(Board(tmp_path / "timings.json", quiet=True), Jobs(), tmp_path / "log")
