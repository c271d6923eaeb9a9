"""The relay passes on what browsers may say, as the customer of the session and nobody else."""

import json
from typing import Any
from uuid import uuid4

import httpx
from fastapi.responses import JSONResponse

from tests.web.collect.browsing import CONSENTED, said
from tests.web.conftest import Settings, Web, started
from tests.web.servers import FakeProfiles
from web.chat.limits import TIGHT


async def post(web: Web, *events: Any, token: str | None = None, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return await web.http.post("/v1/batch", json={"batch": list(events), **more}, headers=headers)


async def token_of(web: Web, customer_id: str | None) -> str:
    body = {"customer_id": customer_id} if customer_id else {}
    token: str = (await web.http.post("/api/conversations", json=body)).json()["token"]
    return token


async def test_events_of_a_visitor_go_on_without_a_customer(web: Web, profiles: FakeProfiles) -> None:
    event = said()
    response = await post(web, event, sentAt=event["timestamp"])
    assert (response.status_code, response.json()) == (200, {"success": True})
    assert profiles.batches == [{"batch": [event], "sentAt": event["timestamp"].replace("Z", "+00:00")}]


async def test_the_customer_is_that_of_the_session(web: Web, profiles: FakeProfiles) -> None:
    await post(web, said(), said(type="identify"), token=await token_of(web, "C000001"))
    assert [event["userId"] for event in profiles.events()] == ["C000001", "C000001"]


async def test_the_body_has_no_say_in_who_somebody_is(web: Web, profiles: FakeProfiles) -> None:
    claims = {
        "userId": "C000002",
        "previousId": "C000003",
        "traits": {"email": "me@example.org"},
        "context": {**CONSENTED, "traits": {"tier": "gold"}, "ip": "192.0.2.1"},
    }
    await post(web, said(**claims))
    await post(web, said(**claims), token=await token_of(web, "C000001"))
    anonymous, known = profiles.events()
    assert "userId" not in anonymous
    assert known["userId"] == "C000001"
    for event in (anonymous, known):
        assert not {"previousId", "traits"} & set(event)
        assert event["context"] == CONSENTED


async def test_ids_of_browsers_are_never_those_of_tills_or_files(web: Web, profiles: FakeProfiles) -> None:
    card = {"anonymousId": "card-0001234", "messageId": "sale-20260101-7"}
    token = await token_of(web, "C000001")
    assert (await post(web, said(type="identify", **card), token=token)).status_code == 200
    [identified] = profiles.events()
    assert identified["anonymousId"] == "web-card-0001234"
    assert identified["messageId"] == "web-sale-20260101-7"


async def test_nobody_is_identified_as_an_anonymous_visitor(web: Web, profiles: FakeProfiles) -> None:
    response = await post(web, said(type="identify"), token=await token_of(web, None))
    assert response.status_code == 200
    assert profiles.batches == []


async def test_a_session_that_is_not_ours_or_over_opens_nothing(web: Web, profiles: FakeProfiles) -> None:
    conversation_that_is_gone = web.service.tokens.issue(uuid4()).value
    for token in ("not a token", "eyJhbGciOiJub25lIn0.e30.", conversation_that_is_gone):
        response = await post(web, said(), token=token)
        assert (response.status_code, response.json()["type"]) == (401, "token-not-valid")
    assert profiles.batches == []


async def test_a_bad_event_is_named_and_does_not_cost_the_good_ones(web: Web, profiles: FakeProfiles) -> None:
    before, after = said(), said()
    response = await post(web, before, said(event="Order Completed"), after)
    assert response.status_code == 400
    problem = response.json()
    assert (problem["type"], problem["accepted"]) == ("bad-events", 2)
    assert [error["index"] for error in problem["errors"]] == [1]
    assert profiles.events() == [before, after]


async def test_what_the_profile_service_refuses_is_named_by_its_place_in_the_browsers_batch(
    web: Web, profiles: FakeProfiles
) -> None:
    refusal = {"status": 400, "errors": [{"index": 1, "detail": "too long"}]}
    profiles.batch_answers.append(JSONResponse(refusal, 400))
    response = await post(web, said(), {"type": "nonsense"}, said())
    assert [error["index"] for error in response.json()["errors"]] == [1, 2]
    assert response.json()["errors"][1]["detail"] == "too long"
    assert response.json()["accepted"] == 1


async def test_what_the_profile_service_refuses_as_a_whole_is_not_sent_again(
    web: Web, profiles: FakeProfiles
) -> None:
    profiles.batch_answers.append(JSONResponse({"status": 413, "detail": "too long"}, 413))
    response = await post(web, said(), said())
    assert response.status_code == 400
    assert [error["detail"] for error in response.json()["errors"]] == ["too long", "too long"]


async def test_what_may_pass_is_to_be_sent_again(web: Web, profiles: FakeProfiles) -> None:
    for status in (401, 429, 500, 503):
        profiles.batch_answers.append(JSONResponse({}, status, headers={"Retry-After": "7"}))
        response = await post(web, said())
        assert (response.status_code, response.headers["Retry-After"]) == (503, "7")
    assert (await post(web, said())).status_code == 200


async def test_without_the_profile_service_events_are_to_be_sent_again(settings: Settings) -> None:
    async with started(settings(profiles_url="http://127.0.0.1:9")) as web:
        response = await post(web, said())
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0


async def test_an_address_that_sends_too_much_is_told_when_to_come_back(settings: Settings) -> None:
    async with started(settings(demo=False)) as web:
        # A minute may begin meanwhile.
        answers = [await post(web) for _ in range(2 * TIGHT.event_batches_per_address + 1)]
    response = next(answer for answer in answers if answer.status_code != 200)
    assert answers.index(response) >= TIGHT.event_batches_per_address
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0


async def test_an_address_is_counted_before_its_body_is_read(settings: Settings) -> None:
    async with started(settings(demo=False)) as web:
        answers = [
            (await web.http.post("/v1/batch", content=b"no JSON")).status_code
            for _ in range(2 * TIGHT.event_batches_per_address + 1)
        ]
    assert set(answers) == {422, 429}


async def test_a_shop_of_another_origin_may_post_when_it_is_known(settings: Settings) -> None:
    async with started(settings(widget_origins="https://shop.example")) as web:
        asked = {
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        allowed = []
        for origin in ("https://shop.example", "https://elsewhere.example"):
            preflight = await web.http.options("/v1/batch", headers={"Origin": origin, **asked})
            module = await web.http.get("/sdk/rapport.js", headers={"Origin": origin})
            allowed.append([preflight.is_success, "access-control-allow-origin" in module.headers])
    assert allowed == [[True, True], [False, False]]


async def test_what_is_no_batch_is_a_problem(web: Web) -> None:
    too_many = json.dumps({"batch": [{}] * 201})
    for body in ("", "{", "[]", '{"batch": {}}', '{"batch": [1]}', '{"sentAt": "now"}', too_many):
        headers = {"Content-Type": "application/json"}
        response = await web.http.post("/v1/batch", content=body, headers=headers)
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"


async def test_the_module_is_served_and_nothing_else_of_its_room(web: Web) -> None:
    response = await web.http.get("/sdk/rapport.js")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/javascript")
    assert (await web.http.get("/sdk/../collect/relay.py")).status_code == 404
