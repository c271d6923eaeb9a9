"""The page of a report: for analysts, without barriers, asks nobody for anything."""

import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from profiles.keys import parse_keys, replace_keys
from profiles.quality.page import as_html, grade
from profiles.quality.rules import read_rules
from profiles.quality.run import keep
from profiles.store import Store
from tests.browser import ColorScheme, browser, chromium_path  # noqa: F401 - fixtures
from tests.profiles.conftest import key
from tests.profiles.quality.reports import a_history, a_report

RULES = read_rules()

# What is wider than the card that it is in, unless it can be scrolled there.
_JUTTING_OUT = """
[...document.querySelectorAll('.card:not(.scroll) > *, .card.scroll')]
  .filter(part => part.getBoundingClientRect().right > document.documentElement.clientWidth)
  .map(part => part.textContent.trim().slice(0, 80))
"""


@pytest.fixture
async def analyst(store: Store, api: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    await replace_keys(store.engine, parse_keys("ana:analyst:analysts-key,reader:read:reading-key"))
    yield api


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


async def test_analysts_see_the_page_with_a_key_or_a_password(
    analyst: httpx.AsyncClient, store: Store
) -> None:
    await keep(store.engine, a_report())
    for headers in ({"Authorization": "Bearer analysts-key"}, basic("ana", "analysts-key")):
        answer = await analyst.get("/quality", headers=headers)
        assert answer.status_code == 200
        assert "120,345 customers" in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/quality", "/metrics"])
async def test_nobody_else_does(analyst: httpx.AsyncClient, path: str) -> None:
    assert (await analyst.get(path, headers=key("read"))).status_code == 403
    for headers in ({}, basic("ana", "wrong"), basic("ana", ""), {"Authorization": "Basic ?"}):
        answer = await analyst.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_before_the_first_run_the_page_says_so_and_the_metrics_are_empty(
    analyst: httpx.AsyncClient,
) -> None:
    headers = {"Authorization": "Bearer analysts-key"}
    assert "Nothing has been measured yet" in (await analyst.get("/quality", headers=headers)).text
    assert (await analyst.get("/metrics", headers=headers)).text == ""


def test_the_page_asks_nobody_for_anything_and_names_are_no_markup() -> None:
    page = as_html(a_report(), a_history(), RULES)
    assert (
        re.findall(r"<script|<link(?! rel=\"icon\" href=\"data:,\")|<img|<iframe|@import|url\(", page) == []
    )
    assert re.findall(r"https?://\S+", page) == []
    assert "<b>web" not in page
    assert "&lt;b&gt;web" in page


def test_every_chart_says_in_words_what_it_shows() -> None:
    page = as_html(a_report(), a_history(), RULES)
    charts = re.findall(r"<svg[^>]*role=\"img\" aria-labelledby=\"([^\"]+)\"", page)
    titles = dict(re.findall(r"<title id=\"([^\"]+)\">([^<]+)</title>", page))
    assert len(charts) == len(re.findall("<svg", page)) == len(set(charts)) == 4
    assert set(charts) == set(titles)
    words = " ".join(titles.values())
    assert (
        "at most 310, on 18 October; 140 so far on the last day. Usual are 212. Odd: 12 on 21 November."
        in words
    )
    assert "Score of pos from 9 November to 22 November: began at 90%" in words


def test_what_says_who_somebody_is_is_not_shown() -> None:
    assert "Ann" not in as_html(a_report(), [], RULES)


def test_scores_are_graded_in_words() -> None:
    assert [grade(score, RULES) for score in (1.0, 0.9, 0.89, 0.7, 0.1)] == [
        "good",
        "good",
        "fair",
        "fair",
        "poor",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
async def test_the_page_has_no_barriers_and_fits(
    browser: Browser,  # noqa: F811
    tmp_path: Path,
    width: int,
    scheme: ColorScheme,
) -> None:
    file = tmp_path / "quality.html"
    file.write_text(as_html(a_report(), a_history(), RULES), "utf-8")
    context = await browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = await context.new_page()
    await page.goto(file.as_uri())
    results: dict[str, Any] = (await Axe().run(page)).response
    assert [f"{item['id']}: {item['nodes'][0]['html']}" for item in results["violations"]] == []
    assert await page.evaluate(_JUTTING_OUT) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
