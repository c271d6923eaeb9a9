"""The public contract: paths, fields and refusals as they are promised."""

import asyncio
from uuid import uuid4

import pytest

from tests.web.conftest import Settings, Web, started
from tests.web.servers import FakeBot, answer_to
from tests.web.talk import begin


async def test_a_message_is_answered_in_the_same_call_when_one_waits(web: Web) -> None:
    talk = await begin(web.http, "C000001")
    answer = (await talk.post("hello")).json()
    assert answer["status"] == "answered"
    assert [(reply["role"], reply["text"]) for reply in answer["replies"]] == [("bot", "hello!")]
    assert answer["replies"][0]["seq"] == answer["seq"] + 1


async def test_without_waiting_the_place_of_the_message_is_told(web: Web) -> None:
    talk = await begin(web.http)
    answer = await talk.post("hello", wait=False)
    assert answer.status_code == 202
    assert answer.json()["replies"] == []
    assert answer.json()["seq"] >= 1


async def test_the_bot_greets_first_and_learns_who_is_there(web: Web, bot: FakeBot) -> None:
    talk = await begin(web.http, "C000001")
    async with talk.socket() as live:
        greeting = await live.event()
    assert (greeting["seq"], greeting["role"], greeting["text"]) == (1, "bot", "Hello!")
    opening = bot.turns[0]
    assert opening["command"] == {"intent": "open_conversation", "entities": []}
    assert opening["customer"]["customer_id"] == "C000001"
    assert opening["customer"]["profile_version"] == 7
    assert opening["customer"]["consent"]["personalisation"] is True


async def test_an_anonymous_visitor_is_no_customer(web: Web, bot: FakeBot) -> None:
    talk = await begin(web.http)
    await talk.say("hello")
    assert bot.turns[-1]["customer"] is None
    assert (await talk.state())["customer_id"] is None


async def test_the_state_says_who_owns_the_conversation(web: Web) -> None:
    talk = await begin(web.http, "C000001")
    await talk.say("hello")
    state = await talk.state()
    assert (state["owner"], state["state"], state["epoch"], state["last_seq"]) == ("bot", "open", 1, 3)


async def test_events_are_numbered_without_gaps_and_resume_after_any(web: Web) -> None:
    talk = await begin(web.http)
    for text in ("one", "two", "three"):
        await talk.say(text)
    events = await talk.events()
    assert [event["seq"] for event in events] == list(range(1, 8))
    assert await talk.events(after=4) == events[4:]
    assert await talk.events(after=7) == []


async def test_cards_and_buttons_come_with_the_reply_and_commands_stay_on_the_server(
    web: Web, bot: FakeBot
) -> None:
    async def offer(turn: dict) -> dict:  # type: ignore[type-arg]
        command = {"intent": "affirm", "entities": [{"entity": "order_id", "value": "RP-100234"}]}
        reply = {
            "text": "Cancel it?",
            "quick_replies": [{"title": "Yes, cancel it", "command": command}],
            "cards": [{"kind": "order", "order_id": "RP-100234", "status": "packed", "title": "Kettle"}],
        }
        return answer_to(turn, reply)

    bot.on["cancel"] = offer
    talk = await begin(web.http, "C000001")
    (reply,) = await talk.say("cancel")
    assert reply["cards"][0]["order_id"] == "RP-100234"
    (button,) = reply["quick_replies"]
    assert set(button) == {"id", "title"}

    pressed = await talk.press(button["id"])
    assert pressed.json()["replies"][0]["text"] == "command affirm"
    assert bot.turns[-1]["command"]["entities"][0]["value"] == "RP-100234"
    shown = [event["text"] for event in await talk.events() if event["role"] == "customer"]
    assert shown == ["cancel", "Yes, cancel it"]


async def test_a_button_of_another_conversation_is_refused(web: Web, bot: FakeBot) -> None:
    async def offer(turn: dict) -> dict:  # type: ignore[type-arg]
        command = {"intent": "affirm", "entities": []}
        return answer_to(turn, {"text": "?", "quick_replies": [{"title": "Yes", "command": command}]})

    bot.on["offer"] = offer
    mine, other = await begin(web.http, "C000001"), await begin(web.http, "C000002")
    (reply,) = await other.say("offer")
    refused = await mine.press(reply["quick_replies"][0]["id"])
    assert refused.status_code == 422
    assert refused.json()["type"] == "unknown-quick-reply"


async def test_a_token_opens_its_own_conversation_only(web: Web) -> None:
    mine, other = await begin(web.http, "C000001"), await begin(web.http, "C000002")
    mine.token = other.token
    refusals = [
        await mine.post("hello"),
        await web.http.get(mine.path, headers=mine.headers),
        await web.http.get(f"{mine.path}/events", headers=mine.headers),
        await web.http.get(f"{mine.path}/turns/1/why", headers=mine.headers),
    ]
    assert [refusal.status_code for refusal in refusals] == [403] * 4


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
async def test_a_token_that_was_not_given_out_is_refused(web: Web, token: str) -> None:
    talk = await begin(web.http)
    talk.token = token
    refused = await web.http.get(talk.path, headers={"Authorization": f"Bearer {token}".strip()})
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"


async def test_an_expired_token_is_refused(web: Web) -> None:
    talk = await begin(web.http)
    from uuid import UUID  # noqa: PLC0415

    talk.token = web.service.tokens.issue(UUID(talk.conversation_id), lifetime=-1).value
    assert (await talk.post("hello")).status_code == 401


async def test_a_conversation_can_be_opened_without_a_word(web: Web) -> None:
    opened = await web.http.post("/api/conversations")
    assert opened.status_code == 201
    assert opened.json()["owner"] == "bot"


async def test_an_unknown_customer_is_refused(web: Web) -> None:
    for customer_id in ("X999", "../../api", "C0\u0000", "no body"):
        refused = await web.http.post("/api/conversations", json={"customer_id": customer_id})
        assert refused.status_code == 404, customer_id
        assert refused.json()["type"] == "unknown-customer"


async def test_a_conversation_that_is_not_there_is_refused(web: Web) -> None:
    nowhere = uuid4()
    token = web.service.tokens.issue(nowhere).value
    path, headers = f"/api/conversations/{nowhere}", {"Authorization": f"Bearer {token}"}
    assert (await web.http.get(path, headers=headers)).status_code == 404
    posted = await web.http.post(f"{path}/messages", json={"text": "hello"}, headers=headers)
    assert posted.status_code == 404


async def test_why_explains_a_turn_from_its_message_and_from_its_reply(web: Web, bot: FakeBot) -> None:
    async def personal(turn: dict) -> dict:  # type: ignore[type-arg]
        read = {"name": "customer.segment", "value": "loyal", "purpose": "personalisation"}
        decision = {
            "customer": {"customer_id": "C000001", "profile_version": 7, "source": "cache", "consent": {}},
            "attributes_read": [read],
            "conditions": [{"variant": "loyal", "condition": "customer.segment == loyal", "holds": True}],
            "milliseconds": {"profile": 0.4},
        }
        return answer_to(turn, {"text": "Hi", "reply": "utter_greet", "variant": "loyal"}, decision=decision)

    bot.on["hi"] = personal
    talk = await begin(web.http, "C000001")
    (reply,) = await talk.say("hi")
    document = await talk.why(reply["seq"])
    assert document == await talk.why(reply["seq"] - 1)
    assert (document["intent"], document["confidence"]) == ("track_order", 0.97)
    assert document["sentiment"]["label"] == "neutral"
    assert document["entities"] == [{"entity": "order_id", "value": "RP-100234"}]
    assert document["attributes_read"][0]["purpose"] == "personalisation"
    assert document["variant"] == "loyal"
    assert document["models"] == {"encoder": "abc", "rasa": "model.tar.gz"}
    assert {"wait", "customer", "bot", "understand", "profile", "total"} <= set(document["milliseconds"])
    for part in ("sure (97%)", "track order", "neutral", "loyal", "personalisation"):
        assert part in document["plain"]


async def test_why_of_an_event_without_a_turn_is_not_found(web: Web) -> None:
    talk = await begin(web.http)
    assert (await web.http.get(f"{talk.path}/turns/99/why", headers=talk.headers)).status_code == 404


async def test_outside_demo_mode_nobody_is_believed_and_nothing_explained(settings: Settings) -> None:
    async with started(settings(demo=False)) as web:
        refused = await web.http.post("/api/conversations", json={"customer_id": "C000001"})
        assert refused.status_code == 403
        talk = await begin(web.http)
        (reply,) = await talk.say("hello")
        why = await web.http.get(f"{talk.path}/turns/{reply['seq']}/why", headers=talk.headers)
        assert why.status_code == 403
        assert (await web.http.get("/api/demo/personas")).status_code == 404


async def test_too_many_messages_are_refused_with_when_to_come_back(settings: Settings) -> None:
    async with started(settings(demo=False)) as web:
        talk = await begin(web.http)
        answers = await asyncio.gather(*(talk.post(f"m{n}", wait=False) for n in range(31)))
    refused = [answer for answer in answers if answer.status_code == 429]
    # One more than the limit of a minute; a minute that ends just now gives room again.
    assert len(refused) <= 1
    assert all(1 <= int(answer.headers["Retry-After"]) <= 61 for answer in refused)


async def test_health_names_each_service(web: Web) -> None:
    answer = await web.http.get("/health")
    assert answer.status_code == 200, answer.text
    assert set(answer.json()["services"]) == {"postgres", "redis", "profiles", "bot"}


async def test_health_fails_and_says_what_is_missing(settings: Settings) -> None:
    async with started(settings(bot_url="http://127.0.0.1:9")) as web:
        answer = await web.http.get("/health")
    assert answer.status_code == 503
    assert "bot" in answer.json()["reason"]
    assert answer.json()["services"]["postgres"]["status"] == "ready"


async def test_the_api_describes_itself_with_examples(web: Web) -> None:
    api = (await web.http.get("/openapi.json")).json()
    public = {path for path in api["paths"] if not path.startswith("/api/agent/")}
    assert public == {
        "/health",
        "/api/conversations",
        "/api/conversations/{conversation_id}",
        "/api/conversations/{conversation_id}/messages",
        "/api/conversations/{conversation_id}/events",
        "/api/conversations/{conversation_id}/turns/{seq}/why",
        "/api/demo/personas",
        "/api/demo/products",
        "/api/preferences",
        "/api/preferences/consents/{purpose}",
        "/api/preferences/stated/{attribute}",
        "/api/preferences/surveys/{survey_id}",
        "/v1/batch",
    }
    described = ("NewMessage", "Posted", "ConversationOpened", "ConversationState", "Events", "BrowserBatch")
    for name in described:
        assert api["components"]["schemas"][name]["examples"]


async def test_a_few_products_of_the_catalogue_are_on_the_demos_shelf(web: Web) -> None:
    products = (await web.http.get("/api/demo/products")).json()["products"]
    assert len({product["category"] for product in products}) == 6
    assert products[0]["name"] == "Thrumm Drift 5 Wireless Headphones"


async def test_personas_are_offered_in_demo_mode(web: Web) -> None:
    personas = (await web.http.get("/api/demo/personas")).json()["personas"]
    assert len(personas) == 8
    assert all(set(persona) == {"customer_id", "name", "special"} for persona in personas)
