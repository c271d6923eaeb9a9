"""Trainings run one at a time, outlive the console that began them, tell how far they are, and can be ended."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import pytest_asyncio

from tests.web.training.conftest import TRAINER
from web.training import jobs as jobs_module
from web.training import runner
from web.training.commands import Commands
from web.training.jobs import Jobs
from web.training.settings import TrainingSettings
from web.training.shapes import Job, Refused, TrainingUnderWay

#: Says the lines that a training says, and goes on when the file `go` is there.
SCRIPT = """
import json, pathlib, sys, time
here = pathlib.Path(sys.argv[1])
def say(**line): print(json.dumps(line), flush=True)
print("encoder: reading", flush=True)
say(percent=12.5, words="Learning intents and moods, round 2")
print("a warning", file=sys.stderr, flush=True)
while not (here / "go").exists(): time.sleep(0.01)
code = int((here / "go").read_text())
if code: sys.exit("nlu_models: no base model")
say(percent=100.0, words="Trained", model_id="ab" * 12)
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "script.py").write_text(SCRIPT)
    return tmp_path


@pytest.fixture
def make(here: Path) -> Callable[[], Jobs]:
    """A console's view of the trainings; each call is another console."""
    settings = cast(
        TrainingSettings,
        SimpleNamespace(python=Path(sys.executable), state=here / "state", repository=here),
    )
    command = [sys.executable, str(here / "script.py"), str(here)]
    return lambda: Jobs(here / "jobs", Commands(settings), command)


@pytest_asyncio.fixture(loop_scope="session")
async def trainings(make: Callable[[], Jobs], here: Path) -> AsyncIterator[Jobs]:
    made = make()
    yield made
    newest = await made.newest()
    if newest and newest[0].state == "running":
        await made.cancel()


async def until(jobs: Jobs, fits: Callable[[Job], bool]) -> Job:
    async with asyncio.timeout(30):
        while True:
            [job] = await jobs.newest()
            if fits(job):
                return job
            await asyncio.sleep(0.02)


async def test_a_training_tells_how_far_it_is_and_what_it_made(trainings: Jobs, here: Path) -> None:
    assert await trainings.newest() == ()
    begun = await trainings.start(TRAINER)
    assert (begun.state, begun.started_by, begun.model_id) == ("running", TRAINER, None)
    job = await until(trainings, lambda job: job.percent > 0 and bool(job.log))
    assert (job.job_id, job.state, job.percent) == (begun.job_id, "running", 12.5)
    assert (job.words, job.log) == ("Learning intents and moods, round 2", ("a warning",))
    (here / "go").write_text("0")
    job = await until(trainings, lambda job: job.state != "running")
    assert (job.state, job.percent, job.words, job.model_id) == ("done", 100.0, "Trained", "ab" * 12)
    assert job.ended_at is not None and job.ended_at >= job.started_at


async def test_what_fails_says_why(trainings: Jobs, here: Path) -> None:
    (here / "go").write_text("1")
    await trainings.start(TRAINER)
    job = await until(trainings, lambda job: job.state != "running")
    assert (job.state, job.words, job.model_id) == ("failed", "nlu_models: no base model", None)
    (here / "go").write_text("0")
    await trainings.start(TRAINER)
    await until(trainings, lambda job: job.state == "done")
    assert [job.state for job in await trainings.newest(5)] == ["done", "failed"]


async def test_one_at_a_time_whichever_console_asks(
    trainings: Jobs, make: Callable[[], Jobs], here: Path
) -> None:
    begun = await trainings.start(TRAINER)
    other = make()
    with pytest.raises(TrainingUnderWay):
        await other.start("another")
    assert [job.job_id for job in await other.newest(5)] == [begun.job_id]
    (here / "go").write_text("0")
    await until(other, lambda job: job.state == "done")


async def test_cancelled_it_ends_and_another_may_begin(
    trainings: Jobs, make: Callable[[], Jobs], here: Path
) -> None:
    await trainings.start(TRAINER)
    job = await make().cancel()
    assert (job.state, job.words) == ("cancelled", "Cancelled; nothing of it was kept")
    with pytest.raises(Refused, match="no training is under way"):
        await trainings.cancel()
    (here / "go").write_text("0")
    await trainings.start(TRAINER)
    await until(trainings, lambda job: job.state == "done")


async def test_one_that_does_not_listen_is_killed(
    trainings: Jobs, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs_module, "GRACE", 1.0)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    (here / "script.py").write_text(deaf + SCRIPT)
    await trainings.start(TRAINER)
    await until(trainings, lambda job: job.percent > 0)
    assert (await trainings.cancel()).state == "cancelled"


async def test_it_outlives_the_console_that_began_it(make: Callable[[], Jobs], here: Path) -> None:
    console = f"""
import asyncio, sys, types
from pathlib import Path
from web.training.commands import Commands
from web.training.jobs import Jobs
here = Path({str(here)!r})
settings = types.SimpleNamespace(python=Path(sys.executable), state=here / "state", repository=here)
jobs = Jobs(here / "jobs", Commands(settings), [sys.executable, str(here / "script.py"), str(here)])
print(asyncio.run(jobs.start("sam")).job_id)
"""
    ended = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", console], capture_output=True, text=True, check=True
    )
    jobs = make()
    job = await until(jobs, lambda job: job.percent > 0)
    assert (job.job_id, job.state, job.started_by) == (ended.stdout.strip(), "running", "sam")
    (here / "go").write_text("0")
    assert (await until(jobs, lambda job: job.state != "running")).state == "done"


async def test_one_that_went_away_without_a_word_is_lost_and_bars_no_other(
    trainings: Jobs, here: Path
) -> None:
    job = await trainings.start(TRAINER)
    await until(trainings, lambda job: job.percent > 0)
    process = int((here / "jobs" / job.job_id / runner.PID).read_text())
    os.killpg(process, signal.SIGKILL)
    assert (await until(trainings, lambda job: job.state != "running")).state == "lost"
    (here / "go").write_text("0")
    await trainings.start(TRAINER)
    await until(trainings, lambda job: job.state == "done")


async def test_a_command_sees_what_is_trained_from_and_no_secrets(
    trainings: Jobs, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:hunter2@host/name")
    monkeypatch.setenv("RAPPORT_PROFILES_KEY", "hunter2")
    monkeypatch.setenv("RAPPORT_BASE_MODEL", "/models/another")
    (here / "script.py").write_text(
        "import json, os; print(json.dumps({'percent': 1, 'words': str(dict(os.environ))}))"
    )
    await trainings.start(TRAINER)
    job = await until(trainings, lambda job: job.state == "done")
    assert "/models/another" in job.words
    assert "hunter2" not in job.words
    about: dict[str, Any] = json.loads((here / "jobs" / job.job_id / runner.ABOUT).read_text())
    assert about["started_by"] == TRAINER
