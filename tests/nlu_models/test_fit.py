"""Fine-tuning: which epoch is kept, and when it ends."""

from dataclasses import replace
from pathlib import Path

from nlu_models.training.base_model import find_base_model
from nlu_models.training.dataset import Row
from nlu_models.training.fit import Progress, fit
from nlu_models.training.recipe import Recipe
from nlu_models.training.split import Parts, Split


def rows(*texts: str) -> list[Row]:
    return [Row(text, label, Path("rows"), 1) for text in texts for label in [text.split()[0]]]


TRAIN = rows("cancel my order", "cancel the last one", "hello there", "hello you", "cancel it", "hello again")
VALIDATION = rows("cancel that", "hello hello")
#: Nothing is learnt, so no epoch is better than the first.
IDLE = replace(Recipe(), epochs=6, learning_rate=0.0, head_learning_rate=0.0, batch_size=8)


def trained(recipe: Recipe, validation: list[Row]) -> tuple[int, int, list[Progress]]:
    seen: list[Progress] = []
    parts = Parts(Split(TRAIN, validation, []), Split([], [], []), ("cancel", "hello"), ())
    fitted = fit(parts, find_base_model(), recipe, report=seen.append)
    return fitted.epochs, fitted.best_epoch, seen


def test_it_ends_after_so_many_epochs_that_were_no_better() -> None:
    for patience in (1, 2):
        epochs, best, seen = trained(replace(IDLE, patience=patience), VALIDATION)
        assert (epochs, best) == (1 + patience, 1)
        judged = [progress.epoch for progress in seen if progress.intent_accuracy is not None]
        assert judged == list(range(1, 2 + patience))


def test_without_validation_rows_the_last_epoch_is_kept() -> None:
    epochs, best, seen = trained(replace(IDLE, epochs=3, patience=1), [])
    assert (epochs, best) == (3, 3)
    assert all(progress.intent_accuracy is None for progress in seen)
