"""Accounts: address book, contact details with their links, closing, newsletters, help by e-mail."""

import re
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from demo.shop import create_app
from demo.shop.sealing import Sealer, Unreadable

from .conftest import DATA_KEY, NOW, SHOP_KEY, shop_settings
from .outbox import mails

MARIA, DEREK, PRIYA, AOIFE = "C000001", "C000002", "C000003", "C000007"
MILL = {"line1": "9 Mill Lane", "city": "Bath", "postcode": "BA1 2LR"}


async def get(shop: httpx.AsyncClient, path: str, who: str = MARIA) -> dict[str, Any]:
    found: dict[str, Any] = (await shop.get(path, params={"customer_id": who})).json()
    return found


async def post(
    shop: httpx.AsyncClient, path: str, key: str = "k1", who: str | None = MARIA, **body: Any
) -> httpx.Response:
    whole = {"customer_id": who, **body} if who else body
    return await shop.post(path, json=whole, headers={"Idempotency-Key": key})


async def undo(shop: httpx.AsyncClient, answer: dict[str, Any], who: str = MARIA) -> httpx.Response:
    return await post(shop, f"/acts/{answer['act']['act_id']}/undo", key="undo", who=who)


async def follow(shop: httpx.AsyncClient, mail: dict[str, Any], number: int = 0) -> httpx.Response:
    """Follow a link of a message."""
    token = re.findall(r"/links/(\S+)", mail["body"])[number]
    return await shop.post(f"/links/{token}")


class TestAccount:
    async def test_contact_details_are_masked(self, shop: httpx.AsyncClient) -> None:
        seen = await get(shop, "/account")
        assert (seen["name"], seen["email"], seen["phone"]) == (
            "Maria Hartley",
            "m•••@example.com",
            "•••• 001",
        )

    async def test_a_visitor_needs_an_order_with_the_address(self, shop: httpx.AsyncClient) -> None:
        who = {"email": "maria.hartley@example.com"}
        assert (await shop.get("/account", params=who)).status_code == 422
        seen = await shop.get("/account", params={**who, "order_id": "RP-100104"})
        assert seen.json()["customer_id"] == MARIA
        foreign = await shop.get("/account", params={**who, "order_id": "RP-100201"})
        assert foreign.json()["type"] == "not-your-order"

    def test_a_sealed_value_opens_in_its_own_place_only(self) -> None:
        sealed = Sealer(DATA_KEY).seal("email:C000001", "a@example.com")
        assert Sealer(DATA_KEY).open("email:C000001", sealed) == "a@example.com"
        with pytest.raises(Unreadable):
            Sealer(DATA_KEY).open("email:C000002", sealed)


class TestAddressBook:
    async def test_an_address_is_added_beside_the_first(self, shop: httpx.AsyncClient) -> None:
        answer = (await post(shop, "/account/addresses", address=MILL)).json()
        assert answer["message"] == "9 Mill Lane, BA1 2LR is saved."
        book = (await get(shop, "/account/addresses"))["addresses"]
        assert [saved["line1"] for saved in book] == ["14 Orchard Terrace", "9 Mill Lane"]
        assert [saved["is_default"] for saved in book] == [True, False]

    async def test_as_default_it_takes_the_place_and_undoing_gives_it_back(
        self, shop: httpx.AsyncClient
    ) -> None:
        before = await get(shop, "/account/addresses")
        answer = (await post(shop, "/account/addresses", address=MILL, default=True)).json()
        book = (await get(shop, "/account/addresses"))["addresses"]
        assert [(saved["line1"], saved["is_default"]) for saved in book] == [
            ("9 Mill Lane", True),
            ("14 Orchard Terrace", False),
        ]
        await undo(shop, answer)
        assert await get(shop, "/account/addresses") == before

    async def test_the_same_address_is_saved_once(self, shop: httpx.AsyncClient) -> None:
        await post(shop, "/account/addresses", address=MILL)
        shouted = {**MILL, "line1": "9 MILL LANE", "postcode": "ba12lr"}
        again = (await post(shop, "/account/addresses", key="k2", address=shouted)).json()
        assert again["act"] is None
        assert "already" in again["message"]

    async def test_a_saved_one_becomes_the_default(self, shop: httpx.AsyncClient) -> None:
        added = (await post(shop, "/account/addresses", address=MILL)).json()["address"]["address_id"]
        path = f"/account/addresses/{added}/default"
        answer = (await post(shop, path, key="k2")).json()
        assert answer["address"]["is_default"] is True
        await undo(shop, answer)
        assert (await get(shop, "/account/addresses"))["addresses"][0]["line1"] == "14 Orchard Terrace"
        assert (await post(shop, path, key="k3", who=DEREK)).json()["type"] == "unknown-address"


class TestContactDetails:
    async def test_a_new_address_counts_when_its_own_link_is_followed(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        asked = await post(shop, "/account/changes", field="email", value="maria@new.example.org")
        answer = asked.json()
        assert answer["sent_to"] == ["m•••@new.example.org", "m•••@example.com"]
        assert (await get(shop, "/account"))["email"] == "m•••@example.com"
        new, old = mails(shop_url)
        assert (new["to"], old["to"]) == ("maria@new.example.org", "maria.hartley@example.com")
        assert (await follow(shop, new)).json()["message"] == "Your e-mail address is changed."
        assert (await get(shop, "/account"))["email"] == "m•••@new.example.org"
        who = {"email": "maria@new.example.org"}
        assert (await shop.get("/orders/RP-100104", params=who)).status_code == 200
        assert (await follow(shop, new)).json()["type"] == "link-over"
        assert (await follow(shop, old)).json()["type"] == "change-over"

    async def test_the_old_address_can_stop_it(self, shop: httpx.AsyncClient, shop_url: str) -> None:
        await post(shop, "/account/changes", field="email", value="thief@new.example.org")
        new, old = mails(shop_url)
        assert "nothing was changed" in (await follow(shop, old)).json()["message"]
        assert (await follow(shop, new)).json()["type"] == "change-over"

    async def test_undoing_stops_it_too(self, shop: httpx.AsyncClient, shop_url: str) -> None:
        answer = (await post(shop, "/account/changes", field="phone", value="020 7946 0999")).json()
        assert answer["value"] == "•••• 999"
        await undo(shop, answer)
        assert (await follow(shop, mails(shop_url)[0])).json()["type"] == "change-over"

    async def test_a_later_wish_takes_the_place_of_one_that_waits(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        await post(shop, "/account/changes", field="name", value="Maria Hartly")
        await post(shop, "/account/changes", key="k2", field="name", value="Maria Hart")
        first, second = mails(shop_url)
        assert (await follow(shop, first)).json()["type"] == "change-over"
        assert (await follow(shop, second)).status_code == 200
        assert (await get(shop, "/account"))["name"] == "Maria Hart"

    async def test_somebody_elses_address_is_not_told_before_the_link(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        taken = await post(shop, "/account/changes", field="email", value="derek.oyelaran@example.org")
        assert taken.status_code == 200
        assert (await follow(shop, mails(shop_url)[0])).json()["type"] == "change-over"

    @pytest.mark.parametrize(
        ("field", "value", "kind"),
        [
            ("email", "maria at example", "not-an-email"),
            ("phone", "12345", "not-a-phone"),
            ("name", " 7 ", "not-a-name"),
        ],
    )
    async def test_what_can_be_none_is_refused(
        self, shop: httpx.AsyncClient, field: str, value: str, kind: str
    ) -> None:
        answer = await post(shop, "/account/changes", field=field, value=value)
        assert (answer.status_code, answer.json()["type"]) == (422, kind)

    async def test_nobodys_inbox_is_filled(self, shop: httpx.AsyncClient) -> None:
        answers = [
            await post(shop, "/account/changes", key=f"k{n}", field="name", value=f"Maria {'x' * n}")
            for n in range(1, 5)
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 409]


class TestClosing:
    async def test_open_orders_are_named(self, shop: httpx.AsyncClient) -> None:
        answer = await post(shop, "/account/close")
        assert answer.json()["type"] == "open-orders"
        assert "RP-100103, RP-100102 and RP-100101 are still open" in answer.json()["detail"]

    async def test_it_is_closed_in_a_fortnight_and_can_be_kept_until_then(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        answer = (await post(shop, "/account/close", who=AOIFE)).json()
        assert answer["closing_on"] == "2026-12-06"
        seen = await get(shop, "/account", AOIFE)
        assert seen["closing_act"] == answer["act"]["act_id"]
        again = await post(shop, "/account/close", key="k2", who=AOIFE)
        assert again.json()["type"] == "closing-already"
        app = create_app(shop_settings(shop_url), clock=lambda: NOW + timedelta(days=13))
        headers = {"Authorization": f"Bearer {SHOP_KEY}"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://s", headers=headers) as later:
            assert (await undo(later, answer, AOIFE)).json()["message"] == "Your account stays open."
        assert (await get(shop, "/account", AOIFE))["closing_on"] is None

    async def test_when_the_days_of_grace_are_over_it_is_gone(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        await post(shop, "/account/close", who=AOIFE)
        app = create_app(shop_settings(shop_url), clock=lambda: NOW + timedelta(days=14))
        headers = {"Authorization": f"Bearer {SHOP_KEY}"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://s", headers=headers) as later:
            assert (await get(later, "/account", AOIFE))["type"] == "unknown-account"


class TestLetters:
    @pytest.mark.parametrize("kind", ["password", "registration", "invitation"])
    async def test_the_answer_is_the_same_with_and_without_an_account(
        self, shop: httpx.AsyncClient, shop_url: str, kind: str
    ) -> None:
        known = await post(shop, "/letters", who=None, kind=kind, email="maria.hartley@example.com")
        unknown = await post(shop, "/letters", "k2", None, kind=kind, email="m.nobody@example.com")
        assert {**known.json(), "message_id": None} == {**unknown.json(), "message_id": None}
        to_known, to_unknown = mails(shop_url)
        assert to_known["body"] != to_unknown["body"]

    async def test_one_who_is_signed_in_gets_it_at_the_address_on_file(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        answer = (await post(shop, "/letters", kind="password")).json()
        assert answer["sent_to"] == "m•••@example.com"
        assert mails(shop_url)[0]["to"] == "maria.hartley@example.com"

    async def test_the_same_key_mails_once_and_the_fourth_in_an_hour_is_not_mailed(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        sent = []
        for key in ("a", "a", "b", "c", "d"):
            answer = await post(shop, "/letters", key, None, kind="password", email="x@example.com")
            sent.append(answer.json()["message_id"] is not None)
        assert sent == [True, True, True, True, False]
        assert len(mails(shop_url)) == 3


class TestNewsletters:
    async def test_a_customer_begins_and_stops_topics_and_takes_it_back(
        self, shop: httpx.AsyncClient
    ) -> None:
        before = await get(shop, "/newsletters")
        assert [t["subscribed"] for t in before["topics"]] == [True, True, False]
        answer = (await post(shop, "/newsletters", topics=["offers", "news"], wanted=False)).json()
        assert not any(t["subscribed"] for t in answer["topics"])
        await undo(shop, answer)
        assert await get(shop, "/newsletters") == before

    async def test_asking_for_what_is_so_changes_nothing(self, shop: httpx.AsyncClient) -> None:
        answer = (await post(shop, "/newsletters", topics=["tips"], wanted=False)).json()
        assert answer["act"] is None

    async def test_by_address_alone_stopping_is_at_once_and_beginning_needs_the_link(
        self, shop: httpx.AsyncClient, shop_url: str
    ) -> None:
        hers = "maria.hartley@example.com"
        await post(shop, "/newsletters", "k1", None, email=hers, topics=["offers", "news"], wanted=False)
        assert not any(t["subscribed"] for t in (await get(shop, "/newsletters"))["topics"])
        asked = (
            await post(shop, "/newsletters", "k2", None, email=hers, topics=["tips"], wanted=True)
        ).json()
        assert (asked["to_confirm"], asked["topics"]) == (True, [])
        assert not any(t["subscribed"] for t in (await get(shop, "/newsletters"))["topics"])
        await follow(shop, mails(shop_url)[0])
        topics = (await get(shop, "/newsletters"))["topics"]
        assert [t["topic"] for t in topics if t["subscribed"]] == ["tips"]

    async def test_a_subscriber_and_a_stranger_hear_the_same(self, shop: httpx.AsyncClient) -> None:
        one = await post(
            shop, "/newsletters", "a", None, email="m@example.com", topics=["news"], wanted=False
        )
        hers = await post(
            shop, "/newsletters", "b", None, email="maria.hartley@example.com", topics=["news"], wanted=False
        )
        assert one.json() == hers.json()


async def test_messages_and_details_are_not_readable_in_the_database(
    shop: httpx.AsyncClient, shop_url: str
) -> None:
    await post(shop, "/account/changes", field="email", value="maria@new.example.org")
    with psycopg.connect(shop_url) as connection:
        rows = connection.execute(
            "SELECT sealed_message FROM shop.outbox UNION ALL SELECT sealed_value FROM shop.account_changes"
            " UNION ALL SELECT sealed_email FROM shop.accounts UNION ALL SELECT sealed_document FROM shop.done_requests"
        ).fetchall()
    assert rows
    assert not any(b"example" in bytes(row[0]) for row in rows)
