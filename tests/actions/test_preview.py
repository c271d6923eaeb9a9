"""A reply as several readers would get it, from files that need not be published."""

import io
import json
import sys
from pathlib import Path

import pytest

from actions.__main__ import main
from actions.settings import DATA, DOMAIN
from actions.variants.check import DomainNames, load_set
from actions.variants.choose import UnknownReply
from actions.variants.compiled import CompiledSet, compile_set
from actions.variants.names import REPLIES
from actions.variants.preview import PreviewRequest, Reader, preview, read_policy

GOLD = Reader(
    name="Maria",
    customer_id="C000001",
    attributes={"first_name": "Maria", "tier": "gold", "segment": "casual", "orders_total": 31},
)
NOBODY = Reader(name="Anonymous visitor")


@pytest.fixture(scope="module")
def variants() -> CompiledSet:
    return compile_set(load_set(DATA, DomainNames.of(DOMAIN)))


@pytest.mark.parametrize("reply", sorted(REPLIES))
@pytest.mark.parametrize("mood", ["neutral", "angry"])
def test_every_reply_of_the_shop_has_a_text_for_everybody(
    variants: CompiledSet, reply: str, mood: str
) -> None:
    request = PreviewRequest(readers=[GOLD, NOBODY], mood=mood)
    for line in preview(variants, reply, request, read_policy(DATA)):
        assert line["problem"] is None, line
        assert line["text"]
        assert not line["unusable"]


def test_it_says_which_text_and_why(variants: CompiledSet) -> None:
    maria, nobody = preview(variants, "utter_thanks", PreviewRequest(readers=[GOLD, NOBODY]), {})
    assert (maria["reader"], maria["segment"], maria["variant"]) == ("Maria", "casual", "gold")
    assert "Maria" in maria["text"]
    assert maria["conditions"] == [{"variant": "gold", "condition": "customer's tier is gold", "holds": True}]
    assert (nobody["segment"], nobody["variant"]) == (None, "default")
    assert {condition["holds"] for condition in nobody["conditions"]} == {False}


def test_values_may_be_given_and_one_of_the_wrong_kind_is_a_problem_in_words(variants: CompiledSet) -> None:
    request = PreviewRequest(readers=[NOBODY], values={"order_id": "RP-999999"})
    [line] = preview(variants, "utter_confirm_cancel", request, {})
    assert "RP-999999" in line["text"]
    policy = read_policy(DATA)
    policy["delivery"]["express"]["fee"] = "soon"
    [line] = preview(variants, "utter_delivery_options", PreviewRequest(readers=[NOBODY]), policy)
    assert (line["text"], line["variant"]) == ("", None)
    assert "soon" in line["problem"]
    with pytest.raises(UnknownReply):
        preview(variants, "utter_never", request, {})


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: str, *words: str
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["actions", *words])
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    code = main()
    output = capsys.readouterr()
    return code, output.out, output.err


def test_the_command_reads_readers_and_writes_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = json.dumps({"readers": [{"name": "Somebody"}], "mood": "angry"})
    code, output, _ = run(monkeypatch, capsys, given, "preview", "utter_greet")
    content = json.loads(output)
    assert (code, content["faults"]) == (0, [])
    assert [(line["reader"], line["variant"]) for line in content["lines"]] == [("Somebody", "angry")]
    code, _, errors = run(monkeypatch, capsys, given, "preview", "utter_never")
    assert (code, errors) == (1, "there is no reply utter_never\n")
    code, _, errors = run(monkeypatch, capsys, "{}", "preview", "utter_greet")
    assert (code, errors) == (2, "standard input: Field required\n")


def test_a_dry_run_as_json_has_the_faults_with_their_places(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "variants").mkdir()
    (tmp_path / "decisions").mkdir()
    for name in ("paths.yml", "policy.yml"):
        (tmp_path / "decisions" / name).write_text((DATA / "decisions" / name).read_text())
    text = tmp_path / "variants" / "one.yml"
    text.write_text("version: 1\nreplies:\n  utter_thanks:\n    default: {text: '{{ nobody }}'}\n")
    code, output, _ = run(monkeypatch, capsys, "", "publish", "--dry-run", "--json", "--data", str(tmp_path))
    assert code == 1
    assert json.loads(output) == {
        "published": False,
        "faults": [
            {
                "file": str(text),
                "line": 4,
                "path": "replies.utter_thanks.default.text",
                "message": "unknown value nobody; this reply has: none",
            }
        ],
    }
    code, output, _ = run(monkeypatch, capsys, "", "publish", "--dry-run", "--json")
    content = json.loads(output)
    assert (code, content["published"], content["faults"]) == (0, False, [])
    assert content["texts"] > content["replies"] > 50
