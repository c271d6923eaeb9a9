"""The catalogue and the policy are whole, and a broken file is refused with its reason."""

from collections import Counter
from pathlib import Path

import pytest
from pydantic import ValidationError

from demo.catalogue import Catalogue, load_catalogue
from demo.content import read
from demo.policy import Policy, load_policy


def test_the_shop_sells_more_than_sixty_products_of_many_kinds() -> None:
    products = load_catalogue().products
    assert len(products) >= 60
    assert len({product.category for product in products}) >= 8


def test_no_two_products_are_called_the_same() -> None:
    names = Counter(
        name.casefold() for product in load_catalogue().products for name in [product.name, *product.aliases]
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_every_product_has_a_short_name() -> None:
    for product in load_catalogue().products:
        assert any(len(alias.split()) <= 3 for alias in product.aliases), product.sku


def test_accessories_and_successors_are_known() -> None:
    catalogue = load_catalogue()
    assert {product.sku for product in catalogue.accessories("HV-AF-01")} == {"HV-AF-04"}
    assert catalogue.by_sku()["HV-HP-01"].replaces == ["HV-HP-02"]


def test_a_relation_to_nothing_is_refused() -> None:
    broken = load_catalogue().model_dump()
    broken["products"][0]["accessory_of"] = ["HV-XX-99"]
    with pytest.raises(ValidationError, match="HV-XX-99"):
        Catalogue.model_validate(broken)


def test_the_policy_promises_thirty_days_and_codes_of_seven() -> None:
    policy = load_policy()
    assert policy.returns.window_days == 30
    assert policy.promotions.code_valid_days == 7
    assert policy.orders.cancellable_while == ["processing", "packed"]


@pytest.mark.parametrize(
    ("spend", "tier"),
    [(0, "standard"), (499.99, "standard"), (500, "silver"), (1500, "gold"), (9999, "gold")],
)
def test_tiers_follow_the_spend_of_a_year(spend: float, tier: str) -> None:
    assert load_policy().tier_for(spend) == tier


def test_an_unknown_setting_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.yml"
    path.write_text("version: 1\nreturnz: {}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"policy\.yml.*") as raised:
        read(path, Policy)
    assert "returnz" in str(raised.value)
