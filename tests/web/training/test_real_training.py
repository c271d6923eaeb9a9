"""The real command of the models' room: what trainers decided is learnt in the background, and becomes a candidate."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.training.conftest import TRAINER, Said
from tests.web.training.test_decisions import correct, decide
from web.training.service import Training
from web.training.shapes import Job


@pytest.mark.e2e
@pytest.mark.timeout(600)
async def test_what_was_decided_is_written_learnt_and_a_candidate(
    training: Training, said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAPPORT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RAPPORT_ENCODER_REGISTRY", str(tmp_path / "encoder.json"))
    said("coins back pronto", "track_order")
    await decide(training, "coins back pronto", correct("get_refund"))
    await training.write(await training.plan_write(), TRAINER)
    await training.start_training(TRAINER)
    seen = [job async for job in looks_at(training)]
    job = seen[-1]
    assert (job.state, job.percent, job.words) == ("done", 100.0, "Trained"), job.log
    percents = [job.percent for job in seen]
    assert percents == sorted(percents)
    models = await training.models()
    assert models.live is None
    assert [model.model_id for model in models.models] == [job.model_id]
    # The same data again is the same model, at once.
    await training.start_training(TRAINER)
    again = [job async for job in looks_at(training)][-1]
    assert (again.model_id, again.words) == (job.model_id, "Nothing new to learn: this data has a model")


async def looks_at(training: Training) -> AsyncIterator[Job]:
    """The newest training, as a page that looks now and then sees it, to its end."""
    while True:
        job = await training.job()
        assert job is not None
        yield job
        if job.state != "running":
            return
        await asyncio.sleep(0.2)
