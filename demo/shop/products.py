"""Finding products by what customers call them."""

from collections.abc import Hashable, Sequence

from rapidfuzz import fuzz, process, utils

from demo.catalogue import Catalogue, Product

#: Of 100: below it a likeness is chance ("kettle" and "cattle" stay, "lamp" and "laptop" go).
LIKE_ENOUGH = 74


def search(catalogue: Catalogue, query: str, limit: int = 5) -> list[Product]:
    """The products whose name or alias is most like `query`, best first; what is in stock goes first."""
    names = [
        (name, product)
        for product in catalogue.products
        for name in (product.name, product.sku, *product.aliases)
    ]
    scored = process.extract(
        query,
        [name for name, _ in names],
        scorer=_likeness,
        processor=utils.default_process,
        score_cutoff=LIKE_ENOUGH,
        limit=None,
    )
    best: dict[str, float] = {}
    for _, score, index in scored:
        sku = names[index][1].sku
        best[sku] = max(best.get(sku, 0.0), score)
    known = catalogue.by_sku()
    ranked = sorted(best, key=lambda sku: (-best[sku], known[sku].stock == 0, sku))
    return [known[sku] for sku in ranked[:limit]]


def _likeness(query: Sequence[Hashable], name: Sequence[Hashable], /, *, score_cutoff: float | None) -> float:
    """The whole name counts most; a word of a long name counts a little less than an alias that is it."""
    return max(
        fuzz.ratio(query, name, score_cutoff=score_cutoff),
        0.93 * fuzz.token_set_ratio(str(query), str(name)),
    )
