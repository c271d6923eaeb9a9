"""The browser SDK in a real browser, before the real relay: nothing without consent, nothing lost, nothing twice."""

import asyncio
from typing import Any

import pytest_asyncio
from fastapi.responses import JSONResponse
from playwright.async_api import Browser, BrowserContext, Page

from tests.web.conftest import Web
from tests.web.servers import FakeProfiles

STORED = """() => Object.fromEntries(Object.entries(localStorage)
    .filter(([name]) => name.startsWith("rapport:events:"))
    .map(([name, text]) => [name.slice(15).split(":")[0], JSON.parse(text)]))"""


async def arrived(profiles: FakeProfiles, events: int) -> list[dict[str, Any]]:
    """The events at the profile service, once so many came."""
    async with asyncio.timeout(30):
        while len(profiles.events()) < events:
            profiles.batch_came.clear()
            await profiles.batch_came.wait()
    return profiles.events()


class Shop:
    """A page of a shop that uses the SDK."""

    def __init__(self, page: Page, url: str, profiles: FakeProfiles) -> None:
        self.page = page
        self.posts = 0
        self._url = url
        self._profiles = profiles
        page.on("request", self._count)

    def _count(self, request: Any) -> None:
        self.posts += request.url.endswith("/v1/batch")

    async def open(self, path: str = "/help/") -> None:
        await self.page.goto(self._url + path)
        await self.do('window.rapport = new (await import("/sdk/rapport.js")).Rapport()')

    async def do(self, script: str) -> None:
        await self.page.evaluate(f"async () => {{ {script} }}")

    async def view(self, *skus: str) -> None:
        await self.do(f"for (const sku of {list(skus)}) rapport.productViewed({{ sku }})")

    async def leave(self) -> None:
        """What a browser does when the page is closed or left."""
        await self.do('dispatchEvent(new Event("pagehide"))')

    async def arrive(self, events: int) -> list[dict[str, Any]]:
        return await arrived(self._profiles, events)

    async def stored(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.page.evaluate(STORED)
        return found

    async def settled(self) -> None:
        """Once the queue is empty."""
        await self.until("!Object.keys(localStorage).some((key) => key.startsWith('rapport:events:queue:'))")

    async def until(self, condition: str) -> None:
        """Asked from here, for a page of ours may not evaluate texts."""
        async with asyncio.timeout(30):
            while not await self.page.evaluate(condition):
                pass


async def shop_in(context: BrowserContext, web: Web, profiles: FakeProfiles) -> Shop:
    shop = Shop(await context.new_page(), web.url, profiles)
    await shop.open()
    return shop


@pytest_asyncio.fixture(loop_scope="session")
async def shop(browser: Browser, web: Web, profiles: FakeProfiles) -> Shop:
    return await shop_in(await browser.new_context(), web, profiles)


def skus(events: list[dict[str, Any]]) -> list[str]:
    return [event["properties"]["sku"] for event in events if event.get("event") == "Product Viewed"]


async def decided(shop: Shop) -> Any:
    return await shop.page.evaluate("rapport.allowed")


async def test_before_the_visitor_decides_nothing_is_stored_and_nothing_leaves(
    shop: Shop, profiles: FakeProfiles
) -> None:
    await shop.page.clock.install()
    await shop.do('rapport.page("Kettles")')
    await shop.view("HV-KT-01")
    await shop.page.clock.run_for(120_000)
    await shop.leave()
    assert await decided(shop) is None
    assert await shop.stored() == {}
    assert await shop.page.context.cookies() == []
    assert (shop.posts, profiles.batches) == (0, [])


async def test_what_was_looked_at_before_a_yes_is_sent_after_it(shop: Shop) -> None:
    await shop.do('rapport.page("Kettles", { category: "kitchen" })')
    await shop.view("HV-KT-01")
    await shop.do("rapport.allow()")
    page, view = await shop.arrive(2)
    assert (page["type"], page["name"]) == ("page", "Kettles")
    assert page["properties"].items() >= {"category": "kitchen", "path": "/help/"}.items()
    assert (view["type"], view["event"], view["properties"]) == (
        "track",
        "Product Viewed",
        {"sku": "HV-KT-01"},
    )
    assert page["anonymousId"] == view["anonymousId"] == (await shop.stored())["visitor"]
    for event in (page, view):
        assert event["context"]["consent"] == {"categoryPreferences": {"analytics": True}}
        assert "userId" not in event
    await shop.settled()


async def test_a_no_drops_everything_and_holds_on_the_next_page(shop: Shop, profiles: FakeProfiles) -> None:
    await shop.view("HV-KT-01")
    await shop.do("rapport.refuse()")
    await shop.open("/help/")
    await shop.view("HV-KT-02")
    await shop.leave()
    assert await decided(shop) is False
    assert set(await shop.stored()) == {"decision"}
    assert (shop.posts, profiles.batches) == (0, [])


async def test_who_takes_a_yes_back_is_forgotten(shop: Shop, profiles: FakeProfiles) -> None:
    await shop.do("rapport.allow()")
    await shop.view("HV-KT-01")
    [first] = await shop.arrive(1)
    await shop.settled()
    await shop.page.context.set_offline(True)
    await shop.do('rapport.signedIn("a token", "C000001")')
    await shop.view("HV-KT-02")
    assert set(await shop.stored()) == {"decision", "queue", "visitor", "person"}
    await shop.do("rapport.refuse()")
    assert set(await shop.stored()) == {"decision"}
    await shop.page.context.set_offline(False)
    await shop.do("rapport.signedOut()")
    await shop.do("rapport.allow()")
    await shop.view("HV-KT-03")
    events = await shop.arrive(2)
    assert skus(events) == ["HV-KT-01", "HV-KT-03"]
    assert events[1]["anonymousId"] != first["anonymousId"]


async def test_a_decision_is_asked_for_again_after_half_a_year(shop: Shop) -> None:
    await shop.do("rapport.allow()")
    await shop.page.clock.install()
    await shop.page.clock.fast_forward(183 * 86_400_000)
    assert await decided(shop) is None


async def test_what_the_server_does_not_have_yet_survives_a_reload(
    shop: Shop, profiles: FakeProfiles
) -> None:
    profiles.batch_answers.extend(JSONResponse({}, 503, headers={"Retry-After": "1"}) for _ in range(2))
    await shop.do("rapport.allow()")
    await shop.view("HV-KT-01", "HV-KT-02")
    await shop.leave()
    await shop.arrive(2)
    await shop.open()
    await shop.view("HV-KT-03")
    await shop.arrive(4)
    await shop.do('dispatchEvent(new Event("online"))')
    await shop.settled()
    refused, refused_again, *taken = (batch["batch"] for batch in profiles.batches)
    assert [sku for batch in taken for sku in skus(batch)] == ["HV-KT-01", "HV-KT-02", "HV-KT-03"]
    assert refused == refused_again[:2] == taken[0][:2]


async def test_what_may_pass_is_sent_again_under_the_same_id_but_not_sooner_than_asked(
    shop: Shop, profiles: FakeProfiles
) -> None:
    await shop.page.clock.install()
    profiles.batch_answers.append(JSONResponse({}, 503, headers={"Retry-After": "40"}))
    await shop.do("rapport.allow()")
    await shop.view("HV-KT-01")
    async with shop.page.expect_response("**/v1/batch") as refused:
        await shop.page.clock.run_for(1_000)
    await (await refused.value).finished()
    await shop.page.clock.run_for(39_000)
    assert len(profiles.batches) == 1
    await shop.page.clock.run_for(2_000)
    first, second = await shop.arrive(2)
    assert first["messageId"] == second["messageId"]
    await shop.settled()


async def test_pauses_between_tries_grow(shop: Shop, profiles: FakeProfiles) -> None:
    await shop.page.clock.install()
    profiles.batch_answers.extend(JSONResponse({}, 500) for _ in range(4))
    # The relay would ask for a longer pause than the first ones.
    await shop.page.route("**/v1/batch", _without_retry_after)
    await shop.do("Math.random = () => 0.5; rapport.allow()")
    await shop.view("HV-KT-01")
    seconds = []
    for tries in range(1, 6):
        waited = 0
        while len(profiles.batches) < tries:
            async with asyncio.timeout(30):
                waited += 1
                await shop.page.clock.run_for(1_000)
                await shop.page.evaluate(
                    "new Promise((done) => navigator.locks.request('rapport:sending', done))"
                )
        seconds.append(waited)
    assert seconds == [1, 1, 2, 4, 8]


async def _without_retry_after(route: Any) -> None:
    response = await route.fetch()
    headers = {name: value for name, value in response.headers.items() if name != "retry-after"}
    await route.fulfill(response=response, headers=headers)


async def test_what_the_server_refuses_for_good_does_not_hold_up_the_rest(
    shop: Shop, profiles: FakeProfiles
) -> None:
    profiles.batch_answers.append(JSONResponse({"status": 400, "detail": "no"}, 400))
    await shop.do("rapport.allow()")
    await shop.view("HV-KT-01")
    await shop.arrive(1)
    await shop.settled()
    await shop.view("HV-KT-02")
    assert skus(await shop.arrive(2)) == ["HV-KT-01", "HV-KT-02"]


async def test_what_is_done_just_before_leaving_arrives(shop: Shop) -> None:
    await shop.do("rapport.allow()")
    await shop.page.clock.install()  # no timer of the page runs from now on
    await shop.view("HV-KT-01")
    await shop.page.goto("about:blank")
    assert skus(await shop.arrive(1)) == ["HV-KT-01"]


async def test_only_the_newest_events_wait_and_go_in_small_batches(
    shop: Shop, profiles: FakeProfiles
) -> None:
    await shop.do("rapport.allow()")
    await shop.page.context.set_offline(True)
    await shop.do("for (let n = 0; n < 620; n += 1) rapport.productViewed({ sku: `S${n}` })")
    await shop.page.context.set_offline(False)
    await shop.do('dispatchEvent(new Event("online"))')
    await shop.settled()
    assert skus(profiles.events()) == [f"S{number}" for number in range(120, 620)]
    assert max(len(str(batch)) for batch in profiles.batches) < 64 * 1024


async def test_two_tabs_lose_nothing_and_are_one_visitor(
    browser: Browser, web: Web, profiles: FakeProfiles
) -> None:
    context = await browser.new_context()
    first, second = await shop_in(context, web, profiles), await shop_in(context, web, profiles)
    await first.do("rapport.allow()")
    assert await decided(second) is True
    for number in range(5):
        await first.view(f"A{number}")
        await second.view(f"B{number}")
    await first.settled()
    await second.settled()
    sent = list({event["messageId"]: event for event in profiles.events()}.values())
    assert sorted(skus(sent)) == [f"{tab}{number}" for tab in "AB" for number in range(5)]
    assert len({event["anonymousId"] for event in sent}) == 1


async def test_a_no_in_one_tab_holds_in_all(browser: Browser, web: Web, profiles: FakeProfiles) -> None:
    context = await browser.new_context()
    first, second = await shop_in(context, web, profiles), await shop_in(context, web, profiles)
    await first.view("HV-KT-01")
    await second.do("rapport.refuse()")
    await first.until("rapport.allowed === false")
    await first.leave()
    await first.do("rapport.allow()")
    await first.view("HV-KT-02")
    assert skus(await first.arrive(1)) == ["HV-KT-02"]


async def test_a_browser_that_stores_nothing_still_sends(shop: Shop) -> None:
    await shop.do(
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"
    )
    await shop.do("rapport.allow()")
    await shop.view("HV-KT-01", "HV-KT-02")
    assert skus(await shop.arrive(2)) == ["HV-KT-01", "HV-KT-02"]


async def test_the_basket_is_told_in_the_words_of_the_specification(shop: Shop) -> None:
    await shop.do("rapport.allow()")
    await shop.do(
        """const kettle = { sku: "HV-KT-01", price: 49, currency: "GBP" };
        rapport.productAdded(kettle, 2); rapport.cartViewed([{ ...kettle, quantity: 2 }]);
        rapport.productRemoved(kettle, 1)"""
    )
    kettle = {"sku": "HV-KT-01", "price": 49, "currency": "GBP"}
    assert [(event["event"], event["properties"]) for event in await shop.arrive(3)] == [
        ("Product Added", {**kettle, "quantity": 2}),
        ("Cart Viewed", {"products": [{**kettle, "quantity": 2}]}),
        ("Product Removed", {**kettle, "quantity": 1}),
    ]


async def test_addresses_are_sent_without_what_may_be_personal_in_them(shop: Shop) -> None:
    await shop.open("/help/?email=me@example.org#token")
    await shop.do("rapport.allow(); rapport.page()")
    [event] = await shop.arrive(1)
    assert "example.org" not in str(event)
    assert "token" not in str(event)


async def test_an_event_that_is_too_long_is_left_out(shop: Shop) -> None:
    await shop.do("rapport.allow(); rapport.productViewed({ sku: 'long', text: 'x'.repeat(20_000) })")
    await shop.view("HV-KT-01")
    assert skus(await shop.arrive(1)) == ["HV-KT-01"]


async def token_of(web: Web, customer_id: str) -> str:
    opened = await web.http.post("/api/conversations", json={"customer_id": customer_id})
    token: str = opened.json()["token"]
    return token


async def test_who_signs_in_is_named_by_the_session_and_another_one_is_another_visitor(
    shop: Shop, web: Web
) -> None:
    maria, jonas = await token_of(web, "C000001"), await token_of(web, "C000002")
    await shop.do("rapport.allow()")
    await shop.view("before")
    await shop.do(f"rapport.signedIn('{maria}', 'C000001')")
    await shop.view("as Maria")
    await shop.do(f"rapport.signedIn('{jonas}', 'C000002')")
    await shop.view("as Jonas")
    await shop.do("rapport.signedOut()")
    await shop.view("nobody")
    events = await shop.arrive(6)
    assert [(event["type"], event.get("userId"), event["properties"].get("sku")) for event in events] == [
        ("track", None, "before"),
        ("identify", "C000001", None),
        ("track", "C000001", "as Maria"),
        ("identify", "C000002", None),
        ("track", "C000002", "as Jonas"),
        ("track", None, "nobody"),
    ]
    visitors = [event["anonymousId"] for event in events]
    assert visitors[0] == visitors[1] == visitors[2]
    assert visitors[3] == visitors[4]
    assert len(set(visitors)) == 3


async def test_who_signed_in_before_the_decision_is_named_after_it(shop: Shop, web: Web) -> None:
    await shop.do(f"rapport.signedIn('{await token_of(web, 'C000001')}', 'C000001')")
    await shop.view("HV-KT-01")
    assert await shop.stored() == {}
    await shop.do("rapport.allow()")
    assert [event["userId"] for event in await shop.arrive(2)] == ["C000001", "C000001"]


async def test_the_same_customer_stays_the_same_visitor_on_the_next_page(shop: Shop, web: Web) -> None:
    await shop.do("rapport.allow()")
    visitors = []
    for _ in range(2):
        await shop.do(f"rapport.signedIn('{await token_of(web, 'C000001')}', 'C000001')")
        visitors.append((await shop.stored())["visitor"])
        await shop.settled()
        await shop.open()
    assert visitors[0] == visitors[1]


async def test_when_the_session_is_over_the_visitor_is_still_heard(shop: Shop) -> None:
    await shop.do("rapport.allow(); rapport.signedIn('an old token', 'C000001')")
    await shop.view("HV-KT-01")
    events = await shop.arrive(1)
    assert [("userId" in event, event["type"]) for event in events] == [(False, "track")]
    await shop.settled()
