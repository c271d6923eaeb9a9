"""Trained models, kept by the content that made them: unchanged data, code and settings never train twice."""

import fcntl
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.errors import OpsError
from ops.jobs import Jobs
from ops.layout import APP_PYTHON, CHECKOUT, RASA_PYTHON
from ops.progress import Board

#: What goes into a Rasa model: its configuration, its data, the components that are trained and what runs them.
_RASA_INPUTS = ("config.yml", "domain.yml", "data/rasa/**/*.yml", "bot/**/*.py", "requirements/rasa.txt")
#: Variables that keep TensorFlow and Rasa quiet, on the processor and at home.
RASA_VARIABLES = {
    "CUDA_VISIBLE_DEVICES": "",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}


@dataclass(frozen=True)
class Trained:
    """What the bot runs on.

    Attributes:
        encoder_registry: file that says which encoder is promoted.
        archive: Rasa's dialogue model.
    """

    encoder_registry: Path
    archive: Path


def content_hash(root: Path, patterns: tuple[str, ...]) -> str:
    """A hash of the names and contents of the files under `root` that match the patterns.

    Raises:
        OpsError: when a pattern matches nothing: a model without part of its input is no model.
    """
    digest = hashlib.sha256()
    for pattern in patterns:
        files = sorted(path for path in root.glob(pattern) if path.is_file())
        if not files:
            raise OpsError(f"Nothing matches {pattern} in {root}: the checkout is not complete.")
        for file in files:
            content = file.read_bytes()
            digest.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()[:16]


def train_encoder(
    board: Board, jobs: Jobs, environment: Mapping[str, str], registry: Path, log: Path
) -> None:
    """Train the encoder unless a trained one of the same content is in the cache, and promote it if it is new.

    Args:
        registry: file that says which encoder is promoted.
    """
    log.unlink(missing_ok=True)
    with board.step("train encoder", 290) as step:
        command = [str(APP_PYTHON), "-m", "nlu_models", "train"]
        # Threads that spin while they wait make training many times slower beside an install on few cores.
        variables = {**environment, "RAPPORT_ENCODER_REGISTRY": str(registry), "OMP_WAIT_POLICY": "PASSIVE"}
        output = jobs.run("Training the encoder", command, log, variables, on_line=step.say)
        if any(line.startswith("encoder: up to date") for line in output):
            step.skip(f"unchanged, {output[-1].removeprefix('encoder: ')}")


def export_sentences(board: Board, jobs: Jobs, environment: Mapping[str, str], log: Path) -> Path:
    """Export the model that help pages are searched with, unless it is in the cache; return its folder."""
    log.unlink(missing_ok=True)
    with board.step("prepare help pages", 5):
        command = [str(APP_PYTHON), "-m", "nlu_models", "export-sentences"]
        return Path(jobs.run("Preparing help pages", command, log, environment)[-1])


def train_rasa(cache: Path, *, board: Board, jobs: Jobs, environment: Mapping[str, str], log: Path) -> Path:
    """Train Rasa's dialogue model unless a trained one of the same content is in the cache; return its archive."""
    name = content_hash(CHECKOUT, _RASA_INPUTS)
    archive = cache / "rasa" / f"{name}.tar.gz"
    with board.step("train dialogue model", 60) as step, _only_one(archive):
        if archive.exists():
            step.skip(f"unchanged ({name})")
            return archive
        log.unlink(missing_ok=True)
        # In the cache's own folder: from elsewhere the move might not be one step.
        with tempfile.TemporaryDirectory(dir=archive.parent, prefix="training-") as out:
            jobs.run(
                "Training the dialogue model",
                [
                    *(str(RASA_PYTHON), "-W", "ignore", "-m", "rasa", "train"),
                    *("--config", "config.yml", "--domain", "domain.yml", "--data", "data/rasa"),
                    *("--out", out, "--fixed-model-name", name),
                ],
                log,
                {**environment, **RASA_VARIABLES},
                on_line=lambda line: step.say(line.rpartition(" - ")[2]) if "rasa.engine" in line else None,
            )
            trained = Path(out) / archive.name
            if not trained.exists():
                raise OpsError(
                    f"Rasa ended without a model: its data or its settings are wrong (log: {log})."
                )
            trained.replace(archive)
    return archive


@contextmanager
def _only_one(archive: Path) -> Iterator[None]:
    """Hold a lock on this model: whoever wants the same one at the same time waits and finds it trained."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with archive.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
