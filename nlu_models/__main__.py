"""`python -m nlu_models train | path | predict | evaluate`."""

import argparse
import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nlu_models import settings
from nlu_models.runtime import CatalogueError, Encoder, Entities, ModelFolderError
from nlu_models.runtime.model_folder import CARD_FILE
from nlu_models.training.base_model import BaseModel, BaseModelError, find_base_model
from nlu_models.training.dataset import DataError, Dataset, read_dataset
from nlu_models.training.recipe import Recipe
from nlu_models.training.store import cache_folder, model_id, write_card


def main(arguments: list[str] | None = None) -> int:
    """Run one command; problems that a person can mend are one line each on stderr, and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m nlu_models", description="The encoder of the assistant.")
    parser.add_argument("--nlu", type=Path, default=settings.NLU, help="folder of Rasa NLU files")
    parser.add_argument(
        "--sentiment", type=Path, default=settings.SENTIMENT, help="folder of sentiment files"
    )
    parser.add_argument("--domain", type=Path, default=settings.DOMAIN, help="Rasa domain: the known intents")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("train", help="train, unless the model of this data, code and settings exists")
    commands.add_parser("path", help="print the folder of that model; exit code 1 if it is not trained")
    predict = commands.add_parser("predict", help="intent, sentiment and entities of messages, as JSON")
    predict.add_argument("text", nargs="?", help="one message")
    predict.add_argument("--input", type=Path, help="file with one message a line")
    predict.add_argument("--output", type=Path, help="JSON Lines file to write; standard output without it")
    commands.add_parser("evaluate", help="measure the model on the held-out part and note it on its card")
    options = parser.parse_args(arguments)
    if options.command == "predict" and (options.text is None) == (options.input is None):
        predict.error("give either a text or --input FILE")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a training cleans up behind it
    try:
        return _run(options)
    except DataError as error:
        print(
            f"{len(error.problems)} problems in the training data:",
            *error.problems,
            sep="\n",
            file=sys.stderr,
        )
    except (BaseModelError, CatalogueError, ModelFolderError, OSError) as error:
        print(f"nlu_models: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("nlu_models: interrupted; nothing was kept", file=sys.stderr)
        return 130
    return 1


def _run(options: argparse.Namespace) -> int:
    domain = options.domain if options.domain.is_file() else None
    data = read_dataset(options.nlu, options.sentiment, domain)
    recipe = Recipe()
    base = find_base_model()
    folder = cache_folder() / model_id(data, recipe, base)
    trained = (folder / CARD_FILE).is_file()
    if options.command == "train":
        if trained:
            print(f"encoder: up to date, {folder}")
        else:
            _train(data, recipe, base)
        return 0
    if not trained:
        print("nlu_models: not trained yet; run `python -m nlu_models train`", file=sys.stderr)
        return 1
    if options.command == "path":
        print(folder)
    elif options.command == "predict":
        _predict(folder, options)
    else:
        _evaluate(folder, data, recipe)
    return 0


def _train(data: Dataset, recipe: Recipe, base: BaseModel) -> None:
    # On a busy machine threads that wait by spinning take the time of those that work (five times slower).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Training's libraries take seconds to import: only who trains waits for them.
    from nlu_models.progress import training_progress  # noqa: PLC0415
    from nlu_models.training.build import build  # noqa: PLC0415

    with training_progress() as report:
        folder = build(data, recipe, base, cache_folder(), report=report)
    card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    print(
        f"encoder: trained in {card['training_seconds']:.0f} s,"
        f" intent accuracy {card['metrics']['intents']['accuracy']:.1%},"
        f" sentiment macro F1 {card['metrics']['sentiments']['macro_f1']:.1%} on the held-out part, {folder}"
    )


def _predict(folder: Path, options: argparse.Namespace) -> None:
    encoder = Encoder.load(folder)
    entities = Entities.load(settings.CATALOGUE)
    texts = (
        [options.text] if options.input is None else options.input.read_text(encoding="utf-8").splitlines()
    )
    output = options.output.open("w", encoding="utf-8") if options.output else sys.stdout
    try:
        for text in texts:
            print(json.dumps(_prediction(encoder, entities, text), ensure_ascii=False), file=output)
    finally:
        if options.output:
            output.close()


def _prediction(encoder: Encoder, entities: Entities, text: str) -> dict[str, Any]:
    understood = encoder.understand(text)
    return {
        "text": text,
        "intent": understood.intent,
        "confidence": round(understood.confidence, 4),
        "in_scope": understood.in_scope,
        "alternatives": [[name, round(confidence, 4)] for name, confidence in understood.ranking[1:4]],
        "sentiment": understood.sentiment,
        "sentiment_scores": {name: round(score, 4) for name, score in understood.sentiment_scores.items()},
        "entities": [asdict(entity) for entity in entities.extract(text)],
        "milliseconds": round(understood.milliseconds, 2),
    }


def _evaluate(folder: Path, data: Dataset, recipe: Recipe) -> None:
    from nlu_models.evaluation import measure  # noqa: PLC0415 - scikit-learn takes a second
    from nlu_models.progress import metrics_table  # noqa: PLC0415
    from nlu_models.training.split import split  # noqa: PLC0415

    encoder = Encoder.load(folder)
    intents = split(data.intents, recipe.validation, recipe.test).test
    sentiments = split(data.sentiments, recipe.validation, recipe.test).test
    card = dict(encoder.folder.card)
    card["metrics"] = {**card.get("metrics", {}), **measure(encoder, intents, sentiments)}
    write_card(folder, card)
    metrics_table(card["metrics"])


if __name__ == "__main__":
    raise SystemExit(main())
