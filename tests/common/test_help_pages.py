"""Help pages are read whole, with the shop's policy in them, or refused with the reason."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.settings import DATA
from common.help_pages import PageFault, anchor_of, read_help_pages

GOOD = "---\ntitle: Kettles\nupdated: 2026-11-22\n---\nBack within {{ policy.returns.window_days }} days.\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "decisions").mkdir()
    (tmp_path / "knowledge" / "pages").mkdir(parents=True)
    shutil.copy(DATA / "decisions" / "policy.yml", tmp_path / "decisions")
    return tmp_path


def write(data: Path, text: str) -> None:
    (data / "knowledge" / "pages" / "kettles.md").write_text(text, "utf-8")


def test_a_page_has_its_title_day_and_text_with_the_policy_filled_in(data: Path) -> None:
    write(data, GOOD)
    page = read_help_pages(data)["kettles"]
    assert (page.slug, page.title, page.updated) == ("kettles", "Kettles", date(2026, 11, 22))
    assert page.text == "Back within 30 days."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Just text.", "two lines of ---"),
        ("---\ntitle: Kettles\n---\nText.", "updated"),
        ("---\ntitle: Kettles\nupdated: soon\n---\nText.", "2026-11-22"),
        ("---\ntitle: Kettles\nupdated: 2026-11-22\nowner: me\n---\nText.", "nothing else"),
        ("---\ntitle: [\n---\nText.", "title or updated"),
        (GOOD.replace("window_days", "window_weeks"), "window_weeks"),
        (GOOD.replace("}}", ""), "kettles.md"),
        ("---\ntitle: Kettles\nupdated: 2026-11-22\n---\n\n", "no text"),
    ],
)
def test_a_page_that_is_not_usable_is_refused_with_its_name_and_the_reason(
    data: Path, text: str, reason: str
) -> None:
    write(data, text)
    with pytest.raises(PageFault, match=r"kettles\.md") as fault:
        read_help_pages(data)
    assert reason in str(fault.value)


@given(st.text(max_size=80))
def test_an_anchor_can_stand_in_any_address(heading: str) -> None:
    anchor = anchor_of(heading)
    assert set(anchor) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert anchor_of(anchor) == anchor
