"""The recogniser is trained in a process of its own, whose progress, result, error and death are noticed."""

import multiprocessing
from concurrent.futures import Future
from pathlib import Path

import pytest

from nlu_models.training.dataset import Row
from nlu_models.training.markup import parse
from nlu_models.training.ner import NerProgress
from nlu_models.training.ner_beside import _listen, recogniser_beside
from nlu_models.training.ner_shop import FEWEST, RECIPE, Recogniser
from nlu_models.training.split import Split

#: Until something is said of a process that loads spaCy on a busy machine.
PATIENCE_SECONDS = 100


def rows(count: int) -> list[Row]:
    made = []
    for number in range(count):
        text, entities = parse(f"where is [teapot](product) number {number}")
        made.append(Row(text, "track_order", Path("nlu.yml"), number, tuple(entities)))
    return made


ENOUGH = Split(rows(FEWEST), rows(2), rows(2))


def test_progress_and_result_come_from_the_process(tmp_path: Path) -> None:
    steps: list[NerProgress] = []
    with recogniser_beside(tmp_path, ENOUGH, 7, steps.append) as beside:
        recogniser = beside.result(PATIENCE_SECONDS)
    assert recogniser.about["trained"]
    assert recogniser.about["epochs"] == steps[-1].epoch <= RECIPE.epochs
    assert all((tmp_path / file).is_file() for file in recogniser.files)
    assert not multiprocessing.active_children()


def test_its_error_is_the_error_of_who_waits(tmp_path: Path) -> None:
    (tmp_path / "ner").write_text("a file where the folder should be")
    with (
        recogniser_beside(tmp_path, ENOUGH, 7, lambda _: None) as beside,
        pytest.raises(OSError, match="ner"),
    ):
        beside.result(PATIENCE_SECONDS)


class PickyError(Exception):
    """Can be sent, but not received: it is made anew from one argument and wants two."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")


def test_an_error_that_cannot_be_received_is_one_all_the_same() -> None:
    receiver, sender = multiprocessing.Pipe(duplex=False)
    result: Future[Recogniser] = Future()
    sender.send(PickyError("the recogniser", "no memory"))
    _listen(receiver, result, lambda _: None)
    assert isinstance(result.exception(timeout=0), TypeError)


def test_who_waits_hears_that_progress_could_not_be_reported() -> None:
    def report(_: NerProgress) -> None:
        raise BrokenPipeError("nobody reads the progress")

    receiver, sender = multiprocessing.Pipe(duplex=False)
    result: Future[Recogniser] = Future()
    sender.send(NerProgress(1, 3, 0.5, 2.0))
    _listen(receiver, result, report)
    assert isinstance(result.exception(timeout=0), BrokenPipeError)


def test_its_death_is_noticed(tmp_path: Path) -> None:
    with recogniser_beside(tmp_path, ENOUGH, 7, lambda _: None) as beside:
        (process,) = multiprocessing.active_children()
        process.kill()
        with pytest.raises(EOFError, match="died"):
            beside.result(PATIENCE_SECONDS)


def test_nobody_waits_for_a_training_that_is_not_wanted_any_more(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        recogniser_beside(tmp_path, ENOUGH, 7, lambda _: None) as beside,
    ):
        raise KeyboardInterrupt
    assert not multiprocessing.active_children()
    assert isinstance(beside.exception(), EOFError)
