"""Rows of other systems become events, or problems by line that repeat nothing of the row."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from profiles.events.envelope import Event
from profiles.imports.building import Builder
from profiles.imports.mapping import BadMapping, Mapping, faults, read_mapping
from profiles.imports.reading import BadFile, rows
from profiles.traits.declared import read

FILES = Path(__file__).parent / "files"
MAPPINGS = Path("data/profiles/mappings")
SCHEMA = read()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def mapping(name: str) -> Mapping:
    return read_mapping(MAPPINGS / f"{name}.yml")


def built(name: str, file: str) -> tuple[list[Event], list[str], int]:
    """The events, the problems, and how many rows were left out."""
    builder = Builder(mapping(name), SCHEMA, NOW, NOW)
    made = [builder.build(row) for row in rows(FILES / file, mapping(name))]
    problems = [str(problem) for one in made if isinstance(one, list) for problem in one]
    return [one for one in made if isinstance(one, Event)], problems, made.count(None)


def test_customers_of_a_shop() -> None:
    events, problems, _ = built("shop_customers", "shop_customers.csv")
    assert events[0].traits == {
        "first_name": "Priya",
        "last_name": "Raman",
        "email": "priya.raman@example.org",
        "phone": "+447700900111",
        "address": {"line1": "12 Mill Lane, Flat 3", "city": "Leeds", "postcode": "LS1 4XX", "country": "GB"},
        "signed_up_at": "2021-04-02T09:30:00Z",
        "preferred_channel": "email",
        "invoice_customer": False,
    }
    assert (events[0].type, events[0].user_id, events[0].source) == ("identify", "S-1001", "shop")
    assert "last_name" not in events[1].traits and "address" not in events[1].traits
    assert problems == [
        "line 4: email: can't be read as email (aaaaa@@aaaaaaa)",
        "line 4: contact_by: can't be read as channel (aaaaaa)",
        "line 4: pays_by_invoice: can't be read as boolean (aaaaa)",
        "line 5: can't be read: not as many cells as columns, or no JSON object",
        "line 6: customer_id: must have a value",
        "line 6: customer_id: names no row: empty",
        "line 7: updated_at: is in the future",
    ]


def test_sales_at_a_till_in_local_time() -> None:
    events, problems, left_out = built("pos_sales", "pos_sales.csv")
    assert left_out == 1
    assert [event.timestamp.isoformat() for event in events] == [
        "2026-09-12T13:05:00+00:00",
        "2026-09-14T09:30:00+00:00",
    ]
    assert [event.properties["total"] for event in events] == [149.0, 1249.0]
    assert events[0].anonymous_id == events[1].anonymous_id == "card-7000123"
    assert len({event.message_id for event in events}) == 2
    assert problems == ["line 5: gross: can't be read as pounds (€99.99)"]


def test_orders_whose_state_says_which_event_they_are() -> None:
    events, problems, _ = built("shop_orders", "shop_orders.jsonl")
    assert [(event.event, event.user_id) for event in events] == [
        ("Order Completed", "S-1001"),
        ("Order Refunded", "S-1001"),
        ("Order Completed", "S-1002"),
    ]
    assert problems == [
        "line 3: status: stands for nothing in `values` (aaaaaaa)",
        "line 4: can't be read: not as many cells as columns, or no JSON object",
    ]


def test_accounts_of_the_invoicing_system() -> None:
    events, problems, _ = built("billing_accounts", "billing_accounts.csv")
    assert problems == []
    assert events[0].traits["invoice_customer"] is True
    assert "address" not in events[1].traits  # its country is a constant, and says nothing alone


def test_tickets_and_events() -> None:
    tickets, _, _ = built("helpdesk_tickets", "helpdesk_tickets.csv")
    assert [event.event for event in tickets] == ["Ticket Opened", "Ticket Closed", "Ticket Opened"]
    assert tickets[2].properties == {"ticket_id": "T-78", "channel": "phone", "issue": "order"}
    views, _, _ = built("web_events", "web_events.jsonl")
    assert views[0].properties == {"product_id": "HV-KT-01", "name": "Kettle", "price": 39.0}


def test_the_same_row_has_the_same_id_in_every_file() -> None:
    first, again = (built("shop_orders", "shop_orders.jsonl")[0] for _ in range(2))
    assert [event.message_id for event in first] == [event.message_id for event in again]


@pytest.mark.parametrize("file", sorted(MAPPINGS.glob("*.yml")), ids=lambda file: file.stem)
def test_every_mapping_of_the_project_fits_the_declared_attributes(file: Path) -> None:
    assert list(faults(read_mapping(file), SCHEMA)) == []


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"user_id": None}, "m.yml: say whose the rows are"),
        ({"fields": {"email": {"column": "e", "as": "mail"}}}, "m.yml: fields: email: `as` is one of"),
        ({"fields": {"email": {}}}, "m.yml: fields: email: give either `column` or `constant`"),
        ({"timezone": "Mars/Olympus"}, "m.yml: timezone: no time zone"),
        ({"event": {"constant": "X"}}, "m.yml: rows of customers have no `event`"),
        ({"kind": "events"}, "m.yml: say which `event` a row is"),
    ],
)
def test_a_mistake_in_a_mapping_is_named(tmp_path: Path, changes: dict[str, Any], line: str) -> None:
    content: dict[str, Any] = {
        "version": 1,
        "kind": "customers",
        "source": "shop",
        "user_id": {"column": "id"},
        "row_key": ["id"],
        "fields": {},
    }
    file = tmp_path / "m.yml"
    file.write_text(str({name: value for name, value in (content | changes).items() if value is not None}))
    with pytest.raises(BadMapping) as refusal:
        read_mapping(file)
    assert str(refusal.value).startswith(line)


def test_a_file_without_the_columns_of_the_mapping_is_refused_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("customer_id,mail\n1,a@example.org\n")
    with pytest.raises(BadFile, match=r"has no column .*; its columns are customer_id, mail"):
        list(rows(file, mapping("shop_customers")))


def test_a_file_in_another_encoding_says_so(tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    file.write_bytes(
        "debtor,name,invoice_email,street,town,post_code,vat_id,terms,changed_on\nÄ,,,,,,,,\n".encode(
            "latin-1"
        )
    )
    with pytest.raises(BadFile, match="not utf-8-sig"):
        list(rows(file, mapping("billing_accounts")))
