"""What customers say in the preference centre is kept as their word, counts at once, and can be taken back."""

from typing import Any

import httpx
import pytest

from profiles.events.stream import RedisEventStream
from profiles.preferences.answers import events_of
from profiles.preferences.declared import load_surveys
from profiles.store import Store
from profiles.traits.versions import of_files
from profiles.worker.apply import apply_events
from tests.profiles.conftest import days_ago, key, record

WRITE = key("write")
HOME = "/api/customer/C000001"


@pytest.fixture(autouse=True)
async def maria(store: Store) -> None:
    await store.write([record()])


async def page(api: httpx.AsyncClient, **query: str) -> dict[str, Any]:
    response = await api.get(f"{HOME}/preferences", headers=WRITE, params=query)
    assert response.status_code == 200, response.text
    shown: dict[str, Any] = response.json()
    return shown


async def shown(api: httpx.AsyncClient, part: str, name: str) -> dict[str, Any]:
    found = (await page(api))[part]
    return next(one for one in found if name in {one.get("name"), one.get("purpose")})


async def put(api: httpx.AsyncClient, what: str, **body: Any) -> httpx.Response:
    return await api.put(f"{HOME}/preferences/{what}", headers=WRITE, json=body)


async def test_a_consent_is_shown_with_since_when_and_from_where(api: httpx.AsyncClient) -> None:
    consent = await shown(api, "consents", "personalisation")
    assert (consent["granted"], consent["source"]) == (True, "sign-up form")
    assert consent["since"].startswith(days_ago(900).date().isoformat())


async def test_a_refusal_counts_at_once_and_is_noted_as_said_here(api: httpx.AsyncClient) -> None:
    assert (await put(api, "consents/personalisation", granted=False)).status_code == 204
    consent = await shown(api, "consents", "personalisation")
    assert (consent["granted"], consent["source"]) == (False, "preference centre")
    view = (await api.get(f"{HOME}?purpose=personalisation", headers=WRITE)).json()
    assert view["attributes"] == {}
    await put(api, "consents/personalisation", granted=True)
    assert (await shown(api, "consents", "personalisation"))["granted"] is True


async def test_what_is_stated_wins_and_what_is_taken_back_leaves_the_shops_word(
    api: httpx.AsyncClient,
) -> None:
    before = await shown(api, "stated", "preferred_channel")
    assert (before["value"], before["source"], before["stated"]) == ("chat", "your account in the shop", None)
    assert (await put(api, "preferred_channel", value="phone")).status_code == 204
    now = await shown(api, "stated", "preferred_channel")
    assert (now["value"], now["source"], now["stated"]) == ("phone", "you told us here", "phone")
    assert (await api.get(HOME, headers=WRITE)).json()["attributes"]["preferred_channel"] == "phone"
    await put(api, "preferred_channel", value=None)
    assert (await shown(api, "stated", "preferred_channel"))["value"] == "chat"


async def test_several_interests_can_be_chosen(api: httpx.AsyncClient) -> None:
    await put(api, "interests", value=["coffee", "sound"])
    assert (await shown(api, "stated", "interests"))["value"] == ["coffee", "sound"]


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("preferred_channel", {"value": "pigeon"}, 422),
        ("preferred_channel", {"value": ["phone"]}, 422),
        ("interests", {"value": "coffee"}, 422),
        ("interests", {"value": ["coffee", "weapons"]}, 422),
        ("tier", {"value": "gold"}, 404),
        ("language", {"value": "en", "customer_id": "C000002"}, 422),
        ("consents/telepathy", {"granted": True}, 422),
        ("consents/marketing", {"granted": "yes"}, 422),
    ],
)
async def test_only_what_is_offered_can_be_said(
    api: httpx.AsyncClient, what: str, body: dict[str, Any], status: int
) -> None:
    before = await page(api)
    assert (await put(api, what, **body)).status_code == status
    assert await page(api) == before


async def test_of_a_customer_whom_nobody_knows_nothing_is_kept(api: httpx.AsyncClient) -> None:
    nobody = "/api/customer/C999999"
    said = [
        await api.get(f"{nobody}/preferences", headers=WRITE),
        await api.put(f"{nobody}/preferences/language", headers=WRITE, json={"value": "en"}),
        await api.put(f"{nobody}/preferences/consents/marketing", headers=WRITE, json={"granted": True}),
        await api.post(
            f"{nobody}/surveys/home/answers", headers=WRITE, json={"answers": {"home_type": "flat"}}
        ),
    ]
    assert [response.status_code for response in said] == [404] * 4


async def applied(store: Store, survey_id: str, conversation_id: str | None, **answers: int | str) -> None:
    """The worker's part."""
    survey = load_surveys(of_files())[survey_id]
    events = events_of(survey, answers, "C000001", conversation_id, days_ago(0))
    async with store.engine.begin() as connection:
        outcome = await apply_events(connection, store.vault, events)
    assert outcome.dead == ()


async def test_a_survey_is_answered_once_for_a_conversation(api: httpx.AsyncClient, store: Store) -> None:
    assert [survey["survey_id"] for survey in (await page(api, conversation_id="c1"))["surveys"]] == [
        "conversation",
        "home",
    ]
    body = {"answers": {"satisfaction": 4, "missing": "Nothing, thanks"}, "conversation_id": "c1"}
    response = await api.post(f"{HOME}/surveys/conversation/answers", headers=WRITE, json=body)
    assert (response.status_code, response.json()) == (202, {"events": 3})
    await applied(store, "conversation", "c1", satisfaction=4, missing="Nothing, thanks")
    assert (await api.get(HOME, headers=WRITE)).json()["attributes"]["satisfaction"] == 7.5
    assert [survey["survey_id"] for survey in (await page(api, conversation_id="c1"))["surveys"]] == ["home"]
    assert "conversation" in [s["survey_id"] for s in (await page(api, conversation_id="c2"))["surveys"]]
    again = await api.post(f"{HOME}/surveys/conversation/answers", headers=WRITE, json=body)
    assert again.status_code == 409


async def test_a_survey_of_a_refused_purpose_is_not_asked(api: httpx.AsyncClient) -> None:
    await put(api, "consents/personalisation", granted=False)
    assert (await page(api))["surveys"] == []


@pytest.mark.parametrize(
    "answers",
    [{}, {"satisfaction": 6}, {"satisfaction": "4"}, {"satisfaction": 4, "age": 3}, {"missing": "all"}],
)
async def test_answers_that_are_not_offered_are_refused(
    api: httpx.AsyncClient, answers: dict[str, Any]
) -> None:
    body = {"answers": answers, "conversation_id": "c1"}
    response = await api.post(f"{HOME}/surveys/conversation/answers", headers=WRITE, json=body)
    assert response.status_code == 422


async def test_the_stream_gets_the_events_of_the_source_survey(
    api: httpx.AsyncClient, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[Any] = []

    async def publish(_stream: RedisEventStream, events: list[Any]) -> None:
        published.extend(events)

    monkeypatch.setattr(RedisEventStream, "publish", publish)
    await api.post(f"{HOME}/surveys/home/answers", headers=WRITE, json={"answers": {"home_type": "flat"}})
    track, identify = published
    assert (track.event, track.properties["answer"], track.source) == ("Survey Answered", "flat", "survey")
    assert (identify.traits, identify.user_id) == ({"home_type": "flat"}, "C000001")
