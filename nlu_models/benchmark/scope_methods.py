"""Ways to tell messages out of scope, side by side."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from nlu_models.runtime import Encoder
from nlu_models.runtime.scope import features
from nlu_models.runtime.wishes import OUT_OF_SCOPE
from nlu_models.training.calibration import fit_signs
from nlu_models.training.scored import ScoredRows

Array = np.ndarray[Any, Any]

#: For the table: the threshold serves this share of the validation messages that were understood.
_SERVED = 0.988


@dataclass(frozen=True)
class Signs:
    """A score by each method, the higher the more in scope, and the signs that the runtime weighs (rows, signs)."""

    by_method: dict[str, Array]
    weighed: Array


def signs_of(encoder: Encoder, scored: ScoredRows, known: ScoredRows) -> Signs:
    """The scores of all methods; `known` are the training messages in scope.

    Methods: largest soft-max probability (Hendrycks & Gimpel, 2017), largest score, energy (Liu et al., 2020), the
    trained class against the others, cosine to the third nearest training message (Sun et al., 2022), Mahalanobis
    distance to the nearest class (Lee et al., 2018).
    """
    names = encoder.folder.intents
    rejected = names.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in names else -1
    lengths = np.linalg.norm(known.vectors, axis=1, keepdims=True)
    weighed = features(scored.logits, scored.vectors, known.vectors / lengths, rejected)
    inside = np.delete(scored.logits, rejected, axis=1) if rejected >= 0 else scored.logits
    confidence, energy, rejection, familiarity = weighed.T
    methods = {
        "largest probability": confidence,
        "largest score": inside.max(axis=1),
        "energy": energy,
        "third nearest neighbour": familiarity,
        "Mahalanobis distance": -_mahalanobis(scored, known),
    }
    if rejected >= 0:
        methods["trained class"] = -rejection
    return Signs(methods, weighed)


def compare_methods(
    validation: tuple[Signs, Signs], test: tuple[Signs, Signs], right_validation: Array, right_test: Array
) -> dict[str, dict[str, float]]:
    """AUROC on the test messages, and in-scope accuracy and out-of-scope recall (%) at one validated threshold.

    Args:
        validation, test: messages in scope and out of scope.
        right_validation, right_test: which of those in scope are understood.
    """
    inside = np.r_[np.ones(len(validation[0].weighed)), np.zeros(len(validation[1].weighed))].astype(bool)
    weights, _ = fit_signs(np.concatenate([part.weighed for part in validation]), inside)
    columns = {
        name: (*(part.by_method[name] for part in validation), *(part.by_method[name] for part in test))
        for name in test[0].by_method
    }
    columns["all signs"] = tuple(part.weighed @ weights for part in (*validation, *test))
    table = {}
    for name, (known, _, served, strange) in columns.items():
        threshold = np.quantile(known[right_validation], 1 - _SERVED)
        truth = np.r_[np.ones(len(served)), np.zeros(len(strange))]
        table[name] = {
            "auroc": round(float(roc_auc_score(truth, np.r_[served, strange])), 4),
            "in_scope": round(100 * float((right_test & (served >= threshold)).mean()), 2),
            "recall": round(100 * float((strange < threshold).mean()), 2),
        }
    return table


def _mahalanobis(scored: ScoredRows, known: ScoredRows) -> Array:
    labels = np.array([row.label for row in known.rows])
    names, places = np.unique(labels, return_inverse=True)
    means = np.stack([known.vectors[places == place].mean(axis=0) for place in range(len(names))])
    # A little on the diagonal: directions in which no vector varies have no inverse.
    covariance = np.cov((known.vectors - means[places]).T) + 1e-3 * np.eye(means.shape[1])
    precision = np.linalg.inv(covariance)
    own = np.einsum("ij,jk,ik->i", scored.vectors, precision, scored.vectors)
    of_means = np.einsum("ij,jk,ik->i", means, precision, means)
    distances = own[:, None] - 2 * scored.vectors @ precision @ means.T + of_means[None]
    return np.asarray(distances.min(axis=1))
