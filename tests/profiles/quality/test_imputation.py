"""What nobody said is filled in by what is known, or left open when that is not sure enough."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from profiles.quality.imputation import Filled, How, Imputer, Known, Plan, read_plan
from profiles.traits.versions import of_files

PLAN = Plan(version=1, least_known=4, least_agreement=0.5, neighbours=3, attributes={})


def filled(method: str, values: list[Any], plan: Plan = PLAN) -> Filled | None:
    how = How.model_validate({"method": method})
    [found] = Imputer(how, plan, [Known(value, {}) for value in values]).fill([{}])
    return found


def test_the_plan_of_this_shop_fills_in_only_what_may_be_imputed() -> None:
    declared = of_files().by_name
    assert all(declared[name].may_come_from("imputed") for name in read_plan().attributes)


def test_the_commonest_text_is_filled_in() -> None:
    assert filled("mode", ["en", "en", "en", "cy"]) == Filled("en", known=4, agreement=0.75)


def test_numbers_are_filled_in_by_their_mean_or_median_and_whole_ones_stay_whole() -> None:
    assert filled("mean", [1.0, 2.0, 2.0, 3.0]) == Filled(2.0, known=4, agreement=0.5)
    assert filled("median", [1, 2, 2, 2, 3, 40]) == Filled(2, known=6, agreement=0.833)
    assert filled("median", [2, 2, 3, 3]) == Filled(2, known=4, agreement=0.5)


def test_what_is_not_sure_enough_is_left_open() -> None:
    assert filled("mode", ["en", "cy", "fr", "de"]) is None
    assert filled("mode", ["en", "en", "en"]) is None


def test_customers_who_are_alike_decide() -> None:
    how = How(method="neighbours", by=("orders", "logins"))
    young = [Known("app", {"orders": 1.0 + n / 10, "logins": 30.0}) for n in range(5)]
    old = [Known("phone", {"orders": 9.0 + n / 10, "logins": 1.0}) for n in range(5)]
    imputer = Imputer(how, PLAN, young + old)
    assert imputer.fill([{"orders": 1.0, "logins": 28.0}, {"orders": 9.5}]) == [
        Filled("app", known=3, agreement=1.0),
        Filled("phone", known=3, agreement=1.0),
    ]
    assert imputer.fill([]) == []


def test_neighbours_need_numbers_in_which_they_are_alike() -> None:
    with pytest.raises(ValidationError, match="need `by`"):
        How(method="neighbours")


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.integers(-50, 50), st.floats(-50, 50)), min_size=4, max_size=20),
    st.sampled_from(["mean", "median"]),
)
def test_a_number_that_is_filled_in_lies_among_the_known_ones(values: list[float], method: str) -> None:
    found = filled(method, values, PLAN.model_copy(update={"least_agreement": 0.0}))
    assert found is not None
    assert min(values) - 1e-9 <= found.value <= max(values) + 1e-9
