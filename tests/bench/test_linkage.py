"""The goal for linkage: duplicates of a public data set, found without labels."""

import pytest

from bench import linkage


@pytest.mark.datasets
@pytest.mark.timeout(600)
def test_duplicates_of_febrl_are_found_without_labels() -> None:
    file = linkage.DATASETS / "dataset3.csv"
    if not file.exists():
        pytest.skip(f"no {file}")
    measured = linkage.measure(linkage.Case("dataset3", [file]))
    assert measured["pairs"] == 6538
    assert measured["f1"] >= 0.99


def test_scores() -> None:
    found = {("a", "b"), ("a", "c")}
    truth = {("a", "b"), ("b", "c"), ("d", "e")}
    assert linkage.scores(found, truth) == {"f1": 0.4, "precision": 0.5, "recall": 0.33333}
