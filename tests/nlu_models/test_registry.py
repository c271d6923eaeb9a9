"""One model serves; every change of it is kept, checked before it counts, and can be taken back."""

import itertools
import json
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu_models.registry import Content, Registry, RegistryError
from nlu_models.runtime import ModelFolderError
from nlu_models.runtime.model_folder import CARD_FILE, MODEL_FILE
from tests.bot.tiny_encoder import write

KNOWN = frozenset({"greet", "thank", "out_of_scope"})
IDS = ("aa11", "aa22", "bb33")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """An empty registry, with three models to promote."""
    return with_models(tmp_path)


def with_models(root: Path) -> Registry:
    for number, model_id in enumerate(IDS):
        folder = root / "models" / model_id
        write(folder, model_id)
        edit_card(folder, made_at=f"2026-11-2{number}T10:00:00+00:00")
    return Registry(root / "state" / "encoder.json", root / "models")


def edit_card(folder: Path, **changes: object) -> None:
    card = json.loads((folder / CARD_FILE).read_text())
    (folder / CARD_FILE).write_text(json.dumps({**card, **changes}))


def test_before_the_first_promotion_it_says_what_to_do(registry: Registry) -> None:
    assert registry.read() == Content()
    with pytest.raises(RegistryError, match="no model is promoted yet: run `python -m nlu_models train`"):
        registry.promoted_folder()


def test_what_is_promoted_serves_and_is_kept_with_time_and_command(registry: Registry) -> None:
    assert registry.promote("aa11", KNOWN, by="train")
    assert registry.promote("bb33", KNOWN)
    content = registry.read()
    assert registry.promoted_folder() == registry.models / "bb33"
    assert [(change.model_id, change.by) for change in content.history] == [
        ("aa11", "train"),
        ("bb33", "promote"),
    ]
    assert all(change.at.endswith("+00:00") for change in content.history)


def test_promoting_the_serving_one_changes_the_file_alone(registry: Registry) -> None:
    registry.promote("aa11", KNOWN)
    before, content = registry.file.stat().st_ino, registry.read()
    assert not registry.promote("aa11", KNOWN)
    assert registry.read() == content
    assert registry.file.stat().st_ino != before  # a bot that refused it looks again


def test_rolling_back_goes_through_the_promotions_to_the_first(registry: Registry) -> None:
    for model_id in IDS:
        registry.promote(model_id, KNOWN)
    assert [registry.rollback(KNOWN), registry.rollback(KNOWN)] == ["aa22", "aa11"]
    with pytest.raises(RegistryError, match="nothing to go back to"):
        registry.rollback(KNOWN)
    assert registry.read().promoted == "aa11"
    assert [change.by for change in registry.read().history] == ["promote"] * 3 + ["rollback"] * 2
    assert all(registry.read().ever_promoted(model_id) for model_id in IDS)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from([*IDS, "back"]), max_size=12))
def test_promotions_are_a_stack(steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as root:
        registry = with_models(Path(root))
        stack: list[str] = []
        for step in steps:
            if step != "back":
                registry.promote(step, KNOWN)
                if stack[-1:] != [step]:
                    stack.append(step)
            elif len(stack) < 2:
                with pytest.raises(RegistryError):
                    registry.rollback(KNOWN)
            else:
                assert registry.rollback(KNOWN) == stack[-2]
                # Back on the one that served before, whose own promotion stands.
                del stack[-1]
            assert registry.read().line == tuple(stack)
            assert registry.read().promoted == (stack[-1] if stack else None)


def test_after_an_edit_by_hand_a_rollback_goes_to_the_last_promotion(registry: Registry) -> None:
    registry.promote("aa11", KNOWN)
    content = json.loads(registry.file.read_text())
    registry.file.write_text(json.dumps({**content, "promoted": "bb33"}))
    assert registry.rollback(KNOWN) == "aa11"


def _cut(folder: Path) -> None:
    with (folder / MODEL_FILE).open("r+b") as file:
        file.truncate(100)


def _rewrite_with_other_intents(folder: Path) -> None:
    write(folder, folder.name, ["greet", "juggle", "out_of_scope"])


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (_cut, "damaged or changed"),
        (lambda folder: (folder / MODEL_FILE).unlink(), "is missing"),
        (lambda folder: (folder / CARD_FILE).write_text("{"), "not JSON"),
        (lambda folder: edit_card(folder, model_id="cc44"), "holds the model cc44"),
        (lambda folder: edit_card(folder, format=0), "format 0"),
        (_rewrite_with_other_intents, "intents that the domain lacks: juggle"),
        (shutil.rmtree, "no such folder"),
    ],
)
def test_a_model_that_can_not_serve_is_refused_and_the_old_one_stays(
    registry: Registry, harm: Callable[[Path], None], reason: str
) -> None:
    registry.promote("aa11", KNOWN)
    before = registry.file.read_bytes()
    harm(registry.models / "bb33")
    with pytest.raises(ModelFolderError, match=reason) as caught:
        registry.promote("bb33", KNOWN)
    assert "\n" not in str(caught.value)
    assert registry.file.read_bytes() == before


def test_there_is_no_way_back_to_a_damaged_model(registry: Registry) -> None:
    registry.promote("aa11", KNOWN)
    registry.promote("bb33", KNOWN)
    _cut(registry.models / "aa11")
    with pytest.raises(ModelFolderError, match="damaged"):
        registry.rollback(KNOWN)
    assert registry.read().promoted == "bb33"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ('{"promoted": "aa11"}', "damaged"),
        ('{"promoted": "aa11", "history": [{"who": "me"}]}', "damaged"),
        ('{"promoted": "../aa11", "history": []}', "'../aa11' is no model id"),
        ('{"promoted": 7, "history": []}', "7 is no model id"),
    ],
)
def test_a_damaged_file_is_named_and_left(registry: Registry, content: str, reason: str) -> None:
    registry.file.parent.mkdir()
    registry.file.write_text(content)
    for attempt in (registry.read, lambda: registry.promote("aa11", KNOWN)):
        with pytest.raises(RegistryError, match=reason) as caught:
            attempt()
        assert str(registry.file) in str(caught.value)
    assert registry.file.read_text() == content


@pytest.mark.parametrize(("name", "model_id"), [("bb33", "bb33"), ("b", "bb33"), ("latest", "bb33")])
def test_a_model_is_named_by_its_id_its_beginning_or_as_the_latest(
    registry: Registry, name: str, model_id: str
) -> None:
    assert registry.find(name) == model_id


@pytest.mark.parametrize(
    ("name", "reason"), [("aa", "beginning of aa11 and aa22"), ("zz", "no model zz"), ("", "no model")]
)
def test_a_name_of_no_model_or_of_several_is_refused(registry: Registry, name: str, reason: str) -> None:
    with pytest.raises(RegistryError, match=reason):
        registry.find(name)


def test_the_newest_model_is_listed_first_and_an_unfinished_one_not_at_all(registry: Registry) -> None:
    (registry.models / ".partial-1-x").mkdir()
    (registry.models / "half").mkdir()
    assert list(registry.cards()) == ["bb33", "aa22", "aa11"]


def test_writers_at_the_same_time_lose_nothing_and_readers_see_whole_files(registry: Registry) -> None:
    registry.promote("aa11", KNOWN)
    ended = threading.Event()
    seen: list[str | None] = []

    def read() -> None:
        while not ended.is_set():
            seen.append(registry.read().promoted)

    def promote(model_id: str) -> None:
        own = Registry(registry.file, registry.models)
        for _ in range(20):
            own.promote(model_id, KNOWN)

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=promote, args=(model_id,)) for model_id in ("aa22", "bb33")]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    ended.set()
    reader.join()

    assert set(seen) <= set(IDS)
    history = registry.read().history
    # None is written twice in a row, and the last change is the one that serves.
    assert all(one.model_id != next_.model_id for one, next_ in itertools.pairwise(history))
    assert history[-1].model_id == registry.read().promoted
    assert {path.name for path in registry.file.parent.iterdir()} == {"encoder.json", "encoder.lock"}


def test_each_installation_has_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RAPPORT_ENCODER_REGISTRY", raising=False)
    monkeypatch.setenv("RAPPORT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("RAPPORT_CACHE", str(tmp_path / "cache"))
    registry = Registry.of_environment()
    assert registry.file == tmp_path / "state" / "encoder.json"
    assert registry.models == tmp_path / "cache" / "encoder"
    monkeypatch.setenv("RAPPORT_ENCODER_REGISTRY", str(tmp_path / "other.json"))
    assert Registry.of_environment().file == tmp_path / "other.json"
