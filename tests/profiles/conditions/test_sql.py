"""Python and PostgreSQL give the same verdict for any condition on any row."""

from typing import Any

import ibis
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiles.conditions import Condition, ConditionError, Kind, evaluate, parse, to_ibis

COLUMNS: dict[str, tuple[Kind, str, str]] = {
    "customer.orders": ("number", "bigint", "int64"),
    "customer.spend": ("number", "double precision", "float64"),
    "customer.tier": ("text", "text", "string"),
    "customer.city": ("text", "text", "string"),
    "customer.subscribed": ("boolean", "boolean", "boolean"),
    "customer.segments": ("texts", "text[]", "array<string>"),
}
NAMES = list(COLUMNS)
TABLE = ibis.table({"row": "int64", **{name: column[2] for name, column in COLUMNS.items()}}, name="people")

# Few values, so that rows and constants meet; odd ones, so that quoting is put to the test.
whole = st.sampled_from([-1, 0, 1, 2, 3, 2**53]) | st.integers(-(2**53), 2**53)
fraction = st.sampled_from([-0.0, 0.5, 1.0, 3.0]) | st.floats(allow_nan=False, allow_infinity=False)
words = st.sampled_from(["", "gold", "silver", "old", "O'Neil", "100%", "a\\b", ":x", "é", '"', "{}", "%s"])
texts = words | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=5)

values: dict[str, st.SearchStrategy[Any]] = {
    "customer.orders": whole,
    "customer.spend": fraction,
    "customer.tier": texts,
    "customer.city": texts,
    "customer.subscribed": st.booleans(),
    "customer.segments": st.lists(texts, max_size=3),
}
rows = st.lists(
    st.fixed_dictionaries({name: st.none() | value for name, value in values.items()}), min_size=6, max_size=6
)

number = whole | fraction
scalar = number | texts | st.booleans()
comparisons = (
    st.fixed_dictionaries(
        {"attribute": st.sampled_from(NAMES), "op": st.sampled_from(["==", "!="]), "value": scalar}
    )
    | st.fixed_dictionaries(
        {
            "attribute": st.sampled_from(NAMES),
            "op": st.sampled_from(["in", "not_in"]),
            "value": st.one_of(
                *(st.lists(one, min_size=1, max_size=3) for one in (number, texts, st.booleans()))
            ),
        }
    )
    | st.fixed_dictionaries(
        {
            "attribute": st.sampled_from(NAMES),
            "op": st.sampled_from(["<", "<=", ">", ">="]),
            "value": number,
        }
    )
    | st.fixed_dictionaries({"attribute": st.sampled_from(NAMES), "op": st.just("contains"), "value": texts})
)
trees = st.recursive(
    comparisons | st.fixed_dictionaries({"missing": st.sampled_from(NAMES)}),
    lambda part: (
        st.fixed_dictionaries({"not": part})
        | st.fixed_dictionaries({"all": st.lists(part, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"any": st.lists(part, min_size=1, max_size=3)})
    ),
    max_leaves=6,
)


def verdicts_in_sql(
    url: str, people: list[dict[str, Any]], conditions: list[Condition]
) -> list[list[bool | None]]:
    verdicts = TABLE.order_by("row").select(
        **{f"c{i}": to_ibis(condition, TABLE) for i, condition in enumerate(conditions)}
    )
    columns = ", ".join(f'"{name}" {column[1]}' for name, column in COLUMNS.items())
    with psycopg.connect(url) as connection:
        connection.execute(f"CREATE TEMPORARY TABLE people (row bigint, {columns})")
        connection.cursor().executemany(
            "INSERT INTO people VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [(i, *(person[name] for name in NAMES)) for i, person in enumerate(people)],
        )
        found = [
            list(row) for row in connection.execute(ibis.to_sql(verdicts, dialect="postgres")).fetchall()
        ]
        connection.rollback()
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(people=rows, sources=st.lists(trees, min_size=8, max_size=8))
def test_both_evaluators_agree_on_every_row(
    postgres_url: str, people: list[dict[str, Any]], sources: list[dict[str, Any]]
) -> None:
    conditions = [parse(source) for source in sources]
    in_python = [[evaluate(condition, person.get) for condition in conditions] for person in people]
    assert verdicts_in_sql(postgres_url, people, conditions) == in_python


def test_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConditionError, match=r"'customer\.shoe_size' is not a column"):
        to_ibis(parse({"not": {"missing": "customer.shoe_size"}}), TABLE)
