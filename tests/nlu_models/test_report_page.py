"""The page of a report, and the command that writes it."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from nlu_models.__main__ import main
from nlu_models.registry import Registry
from nlu_models.report.page import (
    HTML_FILE,
    JSON_FILE,
    as_html,
    as_json,
    likely,
    names,
    percent,
    seconds,
    times,
)
from nlu_models.report.part import part_of
from nlu_models.report.report import Report, make_report
from nlu_models.report.statistics import share
from nlu_models.runtime import Encoder
from nlu_models.runtime.model_folder import CARD_FILE
from nlu_models.runtime.wishes import OUT_OF_SCOPE
from nlu_models.training.dataset import read_dataset
from tests.bot.tiny_encoder import write
from tests.browser import ColorScheme, browser, chromium_path  # noqa: F401 - fixtures
from tests.nlu_models.judged import intent, mood

# What is wider than the card that it is in.
_JUTTING_OUT = """
[...document.querySelectorAll('.card table, .card svg')]
  .filter(part => part.getBoundingClientRect().right > part.closest('.card').getBoundingClientRect().right)
  .map(part => part.textContent.trim().slice(0, 80))
"""

INTENTS = ["track_order", "cancel_order", "out_of_scope"]


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """A report with everything that a page can show."""
    write(tmp_path / "model", intents=INTENTS)
    encoder = Encoder.load(tmp_path / "model")
    rows = [
        intent("where is it", "track_order", "track_order", confidence=0.95),
        intent(
            "stop <b>now</b>", "cancel_order", "track_order", alternatives=("track_order", "cancel_order")
        ),
        intent("cancel", "cancel_order", "cancel_order", refused=True, scope_score=0.2),
        intent("my cat is late", OUT_OF_SCOPE, "track_order", scope_score=0.6),
        intent("a poem", OUT_OF_SCOPE, OUT_OF_SCOPE, scope_score=0.1),
        intent("the form says my e-mail is taken", "registration_problems", "track_order"),
    ]
    moods = [mood("grr", "angry", "neutral"), mood("the blue one", "neutral", "neutral")]
    parts = [
        part_of(encoder, rows, moods, key="test", title="Test part", about="Kept out of training."),
        part_of(encoder, rows, [], key="held-out", title="Held-out messages", about="Written for judging."),
        part_of(encoder, [], [], key="empty", title="No messages", about="None."),
    ]
    return make_report(encoder.folder, parts, [], promoted=True, data_hash="of other data")


def test_the_page_asks_nobody_for_anything(report: Report) -> None:
    page = as_html(report)
    assert (
        re.findall(r"<script|<link(?! rel=\"icon\" href=\"data:,\")|<img|<iframe|@import|url\(", page) == []
    )
    assert re.findall(r"https?://\S+", page) == []
    assert "default-src 'none'" in page


def test_what_customers_wrote_is_text_and_no_markup(report: Report) -> None:
    page = as_html(report)
    assert "stop &lt;b&gt;now&lt;/b&gt;" in page
    assert "<b>now" not in page


def test_the_json_holds_the_same_figures(report: Report) -> None:
    data = json.loads(as_json(report))
    first = data["parts"][0]
    assert data["model"]["model_id"] == "tiny-encoder"
    assert first["scope"]["served"]["hits"] == 1
    assert first["intents"][-1]["score"].keys() == {"label", "recall", "precision", "f1"}
    assert data["parts"][2]["speed"] is None
    assert "NaN" not in as_json(report)


def test_a_model_of_other_data_is_marked(report: Report) -> None:
    assert "trained on other data than the present ones" in as_html(report)


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
async def test_the_page_is_accessible_and_fits(
    report: Report,
    tmp_path: Path,
    browser: Browser,  # noqa: F811
    width: int,
    scheme: ColorScheme,
) -> None:
    file = tmp_path / HTML_FILE
    file.write_text(as_html(report), encoding="utf-8")
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
    )
    page = await context.new_page()
    wrong: list[str] = []
    page.on("console", lambda line: wrong.append(line.text))
    await page.goto(file.as_uri())
    await page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    results: dict[str, Any] = (await Axe().run(page)).response
    assert [f"{item['id']}: {item['nodes'][0]['html']}" for item in results["violations"]] == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.evaluate(_JUTTING_OUT) == []
    assert wrong == []
    await context.close()


def test_shares_are_written_without_lying() -> None:
    assert [percent(value) for value in (None, 0.0, 0.934, 0.999, 1.0)] == ["–", "0%", "93%", "99%", "100%"]
    assert percent(0.9999, 1) == "99.9%"
    assert likely(share(9, 10)) == "60–98%"
    assert names("write to `out_of_scope` <b>") == ("write to <code>out_<wbr>of_<wbr>scope</code> &lt;b&gt;")
    assert [times(count) for count in (1, 2, 3)] == ["once", "twice", "3 times"]
    assert [seconds(value) for value in (None, 74.2, 185.0)] == ["–", "74 s", "3 min 5 s"]


@pytest.fixture
def evaluate(
    tmp_path: Path, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """Runs `evaluate` on this test's data; the model `served` is promoted, and was trained on these data."""
    monkeypatch.setenv("RAPPORT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RAPPORT_ENCODER_REGISTRY", str(tmp_path / "state" / "encoder.json"))
    registry = Registry.of_environment()
    for name, data_hash in (("served", read_dataset(*folders).content_hash()), ("old", "of older data")):
        write(registry.models / name, name, INTENTS)
        card = json.loads((registry.models / name / CARD_FILE).read_text())
        more = {"data_hash": data_hash, "metrics": {"int8": {"agreement": 1.0, "points_lost": 0.1}}}
        (registry.models / name / CARD_FILE).write_text(json.dumps(card | more))
    registry.promote("served", None)
    kept = tmp_path / "held_out"
    kept.mkdir()
    (kept / "one.yml").write_text(
        "nlu:\n- intent: track_order\n  examples: |-\n    - any sign of my parcel\n"
    )
    monkeypatch.setattr("nlu_models.report.held_out.HELD_OUT", kept)
    domain = tmp_path / "domain.yml"
    domain.write_text("intents: [track_order, cancel_order, out_of_scope]\n")
    options = ["--nlu", str(folders[0]), "--sentiment", str(folders[1]), "--domain", str(domain)]
    return lambda *words: main([*options, "evaluate", *map(str, words)])


def test_the_promoted_model_is_judged_and_the_report_is_in_the_folder_of_state(
    evaluate: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate() == 0
    folder = tmp_path / "state" / "reports" / "served"
    output = capsys.readouterr()
    assert f"report: {folder / HTML_FILE}" in output.out
    assert f"as JSON: {folder / JSON_FILE}" in output.out
    assert "other data" not in output.err
    data = json.loads((folder / JSON_FILE).read_text())
    assert [part["key"] for part in data["parts"]] == ["test", "held-out"]
    assert [part["figures"]["rows"] for part in data["parts"]] == [3, 1]
    assert data["model"]["promoted"]
    assert data["model"]["points_lost"] == 0.1
    metrics = json.loads((Registry.of_environment().models / "served" / CARD_FILE).read_text())["metrics"]
    assert metrics["intents"]["rows"] == 3
    assert metrics["int8"]["agreement"] == 1.0, "what else was measured stays"


def test_a_model_of_other_data_is_judged_but_its_card_is_not_changed(
    evaluate: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = Registry.of_environment().models / "old" / CARD_FILE
    before = card.read_text()
    assert evaluate("--model", "ol", "--out", tmp_path / "here") == 0
    assert "old was trained on other data than these" in capsys.readouterr().err
    assert card.read_text() == before
    assert not json.loads((tmp_path / "here" / JSON_FILE).read_text())["model"]["promoted"]
    assert evaluate("--model", "nobody") == 1
