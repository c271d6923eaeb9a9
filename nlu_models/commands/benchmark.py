"""`benchmark`: the recipe on public data sets and on our own, against bars and goals."""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

from nlu_models import settings
from nlu_models.commands.predict import InputError
from nlu_models.commands.present import Present
from nlu_models.registry import Registry, RegistryError
from nlu_models.runtime import Models
from nlu_models.training.base_model import find_base_model

PARTS = (
    "bundled",
    "diet",
    "restaurant8k",
    "banking77_10_shot",
    "banking77_oos",
    "banking77",
    "clinc150",
)
_PUBLIC = settings.ROOT.parent / "shared" / "datasets"


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "benchmark", help="measure the recipe on public data sets and on our own messages (an hour or more)"
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without it")
    parser.add_argument(
        "--data", type=Path, default=_PUBLIC, help="folder of the public data sets (%(default)s)"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Measure each part and keep its result at once, so that an interruption loses one part at most."""
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        raise OSError(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    from nlu_models.benchmark.results import keep, show  # noqa: PLC0415 - slow to import

    results = {}
    for part in options.parts or PARTS:
        print(f"benchmark: {part}", flush=True)
        with tempfile.TemporaryDirectory(prefix="rapport-benchmark-") as folder:
            results[part] = _measure(part, options, Path(folder))
        print(f"benchmark: {part} is in {keep(part, results[part])}", flush=True)
    return 0 if show(results) else 1


def _measure(part: str, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    from nlu_models.benchmark import bundled, diet, intent_sets, restaurant8k, scope_sets  # noqa: PLC0415
    from nlu_models.benchmark.files import check_data  # noqa: PLC0415
    from nlu_models.progress import training_progress  # noqa: PLC0415

    if part == "bundled":
        return bundled.measure_bundled(_bundled(options))
    if part == "diet":
        return diet.measure_diet(_bundled(options), folder)
    check_data(options.data)
    if part == "restaurant8k":
        return restaurant8k.run(options.data / "restaurant8k")
    measure = {
        "banking77": intent_sets.banking77,
        "banking77_10_shot": intent_sets.banking77_10_shot,
        "banking77_oos": scope_sets.banking77_oos,
        "clinc150": scope_sets.clinc150,
    }[part]
    with training_progress() as report:
        return measure(options.data, folder, find_base_model(), report)


def _bundled(options: argparse.Namespace) -> Any:
    """The promoted model with the data around it.

    Raises:
        RegistryError: nothing is promoted, or what serves learnt from other data: then the training part is not what
            the model has seen.
        InputError: a file of held-out messages is unreadable.
        NoDataError: there are none.
    """
    from nlu_models.benchmark.bundled import Bundled  # noqa: PLC0415
    from nlu_models.benchmark.files import NoDataError  # noqa: PLC0415
    from nlu_models.report.held_out import FRESH, HELD_OUT, HeldOutError, read_held_out  # noqa: PLC0415
    from nlu_models.training.split import Parts, label_names, split  # noqa: PLC0415

    present = Present.of(options)
    models = Models.load(Registry.of_environment().promoted_folder(), settings.CATALOGUE)
    if not present.made(models.encoder.folder.card):
        raise RegistryError(
            f"{models.model_id} serves, which was trained on other data than these:"
            " it may have seen some of what is held out now; `train`, and `promote` what it makes, first"
        )
    try:
        held_out, fresh = read_held_out(HELD_OUT), read_held_out(FRESH)
    except HeldOutError as error:
        raise InputError(str(error)) from None
    if held_out is None or fresh is None:
        raise NoDataError(f"no held-out messages at {HELD_OUT} and {FRESH}")
    data, recipe = present.data, present.recipe
    parts = Parts(
        split(data.intents, recipe.validation, recipe.test),
        split(data.sentiments, recipe.validation, recipe.test),
        label_names(data.intents),
        label_names(data.sentiments),
    )
    return Bundled(models, held_out, fresh, parts)
