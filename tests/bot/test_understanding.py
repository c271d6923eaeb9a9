"""The encoder in use is the one promoted last that can be used."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import turn as turns
from bot import understanding
from bot.understanding import LiveModels, Refusal
from nlu_models.registry import Registry, RegistryError
from nlu_models.runtime import ModelFolderError
from tests.bot.encoder_copies import add_recogniser, copy, damage

KNOWN = frozenset({"greet", "thank", "out_of_scope", "more"})


@pytest.fixture
def registry(encoder_folder: Path, tmp_path: Path) -> Registry:
    """Of four encoders: two good ones, a damaged one and one that knows an intent too many."""
    models = tmp_path / "models"
    copy(encoder_folder, models / "first")
    copy(encoder_folder, models / "second")
    add_recogniser(models / "second")
    copy(encoder_folder, models / "damaged")
    damage(models / "damaged")
    copy(encoder_folder, models / "stranger", intents=["greet", "juggle", "out_of_scope"])
    return Registry(tmp_path / "state" / "encoder.json", models)


@pytest.fixture
def live(registry: Registry) -> Iterator[LiveModels]:
    """The encoder in use: the first."""
    registry.promote("first", KNOWN)
    started = LiveModels.promoted(registry, KNOWN)
    yield started
    started.close()


def point_at(registry: Registry, model_id: str) -> None:
    """Promote without a check, as by hand."""
    content = json.loads(registry.file.read_text())
    registry.file.write_text(json.dumps({**content, "promoted": model_id}))


def test_a_promoted_encoder_is_taken_and_so_is_the_old_one_rolled_back_to(
    registry: Registry, live: LiveModels
) -> None:
    old = live.current
    registry.promote("second", KNOWN)
    live.look()
    assert (live.current.model_id, live.refused) == ("second", None)
    assert [found.value for found in live.current.entities.extract("hello")] == ["hello"]
    # Whoever still has the old ones can use them.
    assert old.encoder.understand("hello").intent == "greet"
    assert old.entities.extract("hello") == []
    registry.rollback(KNOWN)
    live.look()
    assert live.current.model_id == "first"


def test_a_turn_ends_with_the_models_that_it_began_with(
    registry: Registry, live: LiveModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(understanding, "_live", live)
    with turns.under_way(turns.Turn("t", "c")):
        began_with = understanding.models()
        registry.promote("second", KNOWN)
        live.look()
        assert understanding.models() is began_with
    assert understanding.models().model_id == "second"


def test_nothing_is_loaded_while_nothing_is_promoted(registry: Registry, live: LiveModels) -> None:
    before = live.current
    live.look()
    registry.promote("first", KNOWN)
    live.look()
    assert live.current is before


@pytest.mark.parametrize(
    ("model_id", "reason"),
    [
        ("damaged", "damaged or changed"),
        ("stranger", "intents that the domain lacks: juggle"),
        ("missing", "no such folder"),
    ],
)
def test_what_can_not_be_used_is_refused_with_a_reason_and_the_old_one_stays(
    registry: Registry,
    live: LiveModels,
    caplog: pytest.LogCaptureFixture,
    model_id: str,
    reason: str,
) -> None:
    before = live.current
    point_at(registry, model_id)
    live.look()
    assert live.current is before
    assert live.refused is not None
    assert live.refused.model_id == model_id
    assert reason in live.refused.reason
    assert [record.getMessage().count("\n") for record in caplog.records] == [0]
    live.look()
    assert len(caplog.records) == 1  # said once

    registry.promote("second", KNOWN)
    live.look()
    assert (live.current.model_id, live.refused) == ("second", None)


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (lambda file: file.write_text("{"), "damaged"),
        (lambda file: file.unlink(), "no model is promoted"),
    ],
)
def test_a_broken_registry_is_no_reason_to_stop(
    registry: Registry, live: LiveModels, harm: Callable[[Path], None], reason: str
) -> None:
    harm(registry.file)
    live.look()
    assert live.current.model_id == "first"
    assert live.refused is not None
    assert live.refused.model_id is None
    assert reason in live.refused.reason


class Heard(logging.Handler):
    """Hears of an encoder that was taken."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.taken = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == "encoder second taken":
            self.taken.set()


def test_the_watch_takes_what_is_promoted(
    registry: Registry, live: LiveModels, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard()
    understanding.logger.addHandler(heard)
    caplog.set_level(logging.INFO, understanding.logger.name)
    try:
        live.watch()
        registry.promote("second", KNOWN)
        assert heard.taken.wait(10)
    finally:
        understanding.logger.removeHandler(heard)
    assert live.current.model_id == "second"


def test_a_start_with_a_promoted_one_that_can_not_be_used_takes_the_one_before(registry: Registry) -> None:
    registry.promote("first", KNOWN)
    registry.promote("second", KNOWN)
    point_at(registry, "damaged")
    live = LiveModels.promoted(registry, KNOWN)
    assert live.current.model_id == "second"
    assert isinstance(live.refused, Refusal)
    assert live.refused.model_id == "damaged"


def test_a_start_without_any_that_can_be_used_says_why_the_promoted_one_can_not(registry: Registry) -> None:
    with pytest.raises(RegistryError, match="no model is promoted yet"):
        LiveModels.promoted(registry, KNOWN)
    registry.promote("first", KNOWN)
    damage(registry.models / "first")
    point_at(registry, "missing")
    with pytest.raises(ModelFolderError, match="missing: no such folder"):
        LiveModels.promoted(registry, KNOWN)


def test_a_fixed_folder_goes_before_the_registry(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_ENCODER_REGISTRY", str(registry.file))
    monkeypatch.setenv("RAPPORT_CACHE", str(registry.models.parent))
    monkeypatch.setenv("RAPPORT_ENCODER_DIR", str(registry.models / "second"))
    assert understanding.start(KNOWN).current.model_id == "second"
    assert understanding.models().model_id == "second"
    monkeypatch.setenv("RAPPORT_ENCODER_DIR", str(registry.models / "stranger"))
    with pytest.raises(ModelFolderError, match="juggle"):
        understanding.start(KNOWN)
