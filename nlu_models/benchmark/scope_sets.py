"""CLINC150 (Larson et al., 2019) and BANKING77-OOS (Zhang et al., 2022): messages that no intent fits.

Every threshold, and what a sign is worth, is chosen on validation messages.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from nlu_models.benchmark.files import read_clinc, read_parallel
from nlu_models.benchmark.scope_methods import compare_methods, signs_of
from nlu_models.runtime import Encoder
from nlu_models.runtime.wishes import OUT_OF_SCOPE
from nlu_models.training.base_model import BaseModel
from nlu_models.training.dataset import Row
from nlu_models.training.fit import Progress
from nlu_models.training.fit_rows import fit_rows
from nlu_models.training.scored import ScoredRows, score_rows

Array = np.ndarray[Any, Any]
Report = Callable[[Progress], None]

#: The share of rightly understood validation messages in scope that the one threshold lets pass.
SERVED = 0.988


def clinc150(data: Path, folder: Path, base: BaseModel, report: Report) -> dict[str, Any]:
    """CLINC150 full: in-scope accuracy before rejection, and with rejection at one threshold."""
    file = data / "clinc150" / "data_full.json"
    train, validation, test = (
        (read_clinc(file, part), read_clinc(file, f"oos_{part}")) for part in ("train", "val", "test")
    )
    fitted = fit_rows([*train[0], *train[1]], [*validation[0], *validation[1]], base, folder, report=report)
    encoder = fitted.encoder
    known = score_rows(encoder, train[0])
    on_validation = (score_rows(encoder, validation[0]), score_rows(encoder, validation[1]))
    on_test = (score_rows(encoder, test[0]), score_rows(encoder, test[1]))
    right = _right(encoder, on_test[0])
    scores = [_scope_scores(encoder, rows) for rows in (*on_validation, *on_test)]
    threshold = float(np.quantile(scores[0][_right(encoder, on_validation[0])], 1 - SERVED))
    return {
        "in_scope_accuracy": round(100 * float(right.mean()), 2),
        "with_rejection": {
            "in_scope": round(100 * float((right & (scores[2] >= threshold)).mean()), 2),
            "recall": round(100 * float((scores[3] < threshold).mean()), 2),
            "threshold": round(threshold, 4),
        },
        "auroc": _auroc(scores[2], scores[3]),
        "methods": compare_methods(
            (signs_of(encoder, on_validation[0], known), signs_of(encoder, on_validation[1], known)),
            (signs_of(encoder, on_test[0], known), signs_of(encoder, on_test[1], known)),
            _right(encoder, on_validation[0]),
            right,
        ),
        "runs": 1,
        "epochs": fitted.epochs,
        "seconds": round(fitted.seconds, 1),
        "test_rows": {"in_scope": len(test[0]), "out_of_scope": len(test[1])},
    }


def banking77_oos(data: Path, folder: Path, base: BaseModel, report: Report) -> dict[str, Any]:
    """Fifty intents of BANKING77; messages of the other intents, and of no bank at all. No message out of scope is
    trained on; those for validation teach what the signs are worth."""
    root = data / "banking77-oos"
    strangers = [
        Row(row.text, OUT_OF_SCOPE, row.file, row.line)
        for kind in ("id-oos", "ood-oos")
        for row in read_parallel(root / kind / "valid")
    ]
    train, validation = read_parallel(root / "train"), read_parallel(root / "valid")
    fitted = fit_rows(train, validation, base, folder, report=report)
    encoder = fitted.encoder
    known = score_rows(encoder, train)
    inside, on_strangers = score_rows(encoder, validation), score_rows(encoder, strangers)
    test = score_rows(encoder, read_parallel(root / "test"))
    outside = {
        "in_domain": score_rows(encoder, read_parallel(root / "id-oos" / "test")),
        "out_of_domain": score_rows(encoder, read_parallel(root / "ood-oos" / "test")),
    }
    validated = (signs_of(encoder, inside, known), signs_of(encoder, on_strangers, known))
    right = _right(encoder, inside), _right(encoder, test)
    on_test = signs_of(encoder, test, known)
    methods = {
        name: compare_methods(validated, (on_test, signs_of(encoder, scored, known)), *right)
        for name, scored in outside.items()
    }
    return {
        "in_scope_accuracy": round(100 * float(right[1].mean()), 2),
        "auroc": {name: table["all signs"]["auroc"] for name, table in methods.items()},
        "methods": methods,
        "runs": 1,
        "epochs": fitted.epochs,
        "seconds": round(fitted.seconds, 1),
    }


def _right(encoder: Encoder, scored: ScoredRows) -> Array:
    """Which rows are understood when an intent in scope must be chosen."""
    logits = scored.logits.copy()
    names = encoder.folder.intents
    if OUT_OF_SCOPE in names:
        logits[:, names.index(OUT_OF_SCOPE)] = -np.inf
    truth = np.array([row.label for row in scored.rows])
    return np.asarray(np.array(names)[logits.argmax(axis=1)] == truth)


def _scope_scores(encoder: Encoder, scored: ScoredRows) -> Array:
    return np.array(
        [
            encoder.scope.score(logits, vector)
            for logits, vector in zip(scored.logits, scored.vectors, strict=True)
        ]
    )


def _auroc(inside: Array, outside: Array) -> float:
    truth = np.r_[np.ones(len(inside)), np.zeros(len(outside))]
    return round(float(roc_auc_score(truth, np.r_[inside, outside])), 4)
