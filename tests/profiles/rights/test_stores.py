"""The declared stores are the places that there are."""

from pathlib import Path

import psycopg
import pytest

from profiles.rights import stores
from profiles.rights.stores import UnusableStores


@pytest.fixture
def catalogue(migrated_url: str) -> dict[str, set[str]]:
    """Columns by table of the migrated database, all schemas."""
    found: dict[str, set[str]] = {}
    with psycopg.connect(migrated_url) as connection:
        for table, column in connection.execute(
            """
            SELECT c.table_schema || '.' || c.table_name, c.column_name
            FROM information_schema.columns AS c JOIN information_schema.tables AS t
                USING (table_schema, table_name)
            WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
            """
        ).fetchall():
            found.setdefault(table, set()).add(column)
    return found


def test_every_table_is_declared_with_what_becomes_of_its_rows_or_why_it_holds_nobodys(
    catalogue: dict[str, set[str]],
) -> None:
    assert catalogue.keys() - stores.declared().tables() == set()


def test_no_table_is_declared_that_is_not_there(catalogue: dict[str, set[str]]) -> None:
    assert stores.declared().tables() - catalogue.keys() == set()


def test_tables_that_are_said_to_hold_nobodys_data_have_no_key_of_a_customer(
    catalogue: dict[str, set[str]],
) -> None:
    keys = {"customer_id", "conversation_id", "anonymous_id", "email", "phone", "email_index", "email_hash"}
    for table in stores.declared().not_personal:
        assert not catalogue[table] & keys, table


def test_the_columns_that_the_declarations_name_are_there(catalogue: dict[str, set[str]]) -> None:
    for store in stores.declared().stores:
        named = {*store.set, *store.sealed, *store.hide}
        named |= {store.retention.column} if store.retention else set()
        assert named <= catalogue[store.table], store.title


def test_what_is_sealed_or_a_hash_is_opened_or_hidden_in_exports(migrated_url: str) -> None:
    opened = {"customers", "traits"}
    with psycopg.connect(migrated_url) as connection:
        rows = connection.execute(
            """
            SELECT table_schema || '.' || table_name, column_name FROM information_schema.columns
            WHERE data_type = 'bytea' AND table_schema NOT IN ('pg_catalog', 'information_schema')
            """
        ).fetchall()
    declared = {store.table: store for store in stores.declared().stores}
    for table, column in rows:
        store = declared.get(table)
        if store is not None and column not in {*store.sealed, *store.hide}:
            assert store.opened and table.split(".")[1] in opened, f"{table}.{column}"


def test_what_is_kept_has_a_reason() -> None:
    for store in stores.declared().stores:
        if store.erase == "keep":
            assert store.because and store.until, store.title


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("erase: delete\n    hide: [decided_by", "erase: keep\n    hide: [decided_by"), "because"),
        (("{review_ids}", "{reviews}"), "no identifiers are called reviews"),
        (("table: chat.notes", "table: chat.turns"), "twice: chat.turns"),
    ],
)
def test_a_file_with_a_mistake_is_refused_with_its_place(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    file = tmp_path / "stores.yml"
    file.write_text(stores.STORES_FILE.read_text().replace(*change))
    with pytest.raises(UnusableStores, match=said):
        stores.load(file)
