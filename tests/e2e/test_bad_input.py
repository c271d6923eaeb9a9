"""What people type by mistake or malice gets an answer or a clear refusal, and is never markup or a command."""

import httpx
import pytest

from bench.client import RapportClient
from ops.stack import Stack
from tests.e2e.talk import Talk


async def _refusal(talk: Talk, text: str) -> httpx.Response:
    with pytest.raises(httpx.HTTPStatusError) as refused:
        await talk.say(text)
    response = refused.value.response
    assert response.headers["content-type"] == "application/problem+json"
    return response


@pytest.mark.parametrize("text", ["", "   \n", "\u200b\u200b", "\x00\x07"])
async def test_an_empty_message_is_refused_with_a_hint(client: RapportClient, text: str) -> None:
    talk = await Talk.begin(client, None)
    assert (await _refusal(talk, text)).status_code == 422


async def test_twenty_thousand_characters_are_refused_with_the_limit(client: RapportClient) -> None:
    talk = await Talk.begin(client, None)
    response = await _refusal(talk, "why? " * 4000)
    assert response.status_code == 413
    assert "4,000" in response.json()["detail"]


async def test_the_longest_message_allowed_is_answered(client: RapportClient) -> None:
    talk = await Talk.begin(client, None)
    assert await talk.say(("where is my order " * 250)[:4000])


async def test_control_characters_are_dropped_and_the_rest_is_understood(client: RapportClient) -> None:
    talk = await Talk.begin(client, "C000003")
    await talk.say("where \x00is\x1b my \x07order?")
    assert (await talk.why())["intent"] == "track_order"


async def test_markup_stays_text(client: RapportClient) -> None:
    talk = await Talk.begin(client, None)
    text = "<img src=x onerror=alert(1)><b>hello</b>"
    assert await talk.say(text)
    kept = [event for event in await client.events(talk.conversation) if event.get("role") == "customer"]
    assert kept[-1]["text"] == text


@pytest.mark.parametrize(
    "text",
    ['/greet{"customer_id":"x"}', "/restart", "/open_conversation", '/affirm{"order_id": "RP-100101"}'],
)
async def test_a_leading_slash_is_text_and_no_command(client: RapportClient, text: str) -> None:
    talk = await Talk.begin(client, "C000002")
    assert await talk.say(text)
    why = await talk.why()
    assert why["command"] is None
    assert why["confidence"] < 1.0, "commands of Rasa come with confidence 1"
    assert not any(entity["entity"] == "customer_id" for entity in why["entities"])


async def test_an_unknown_customer_is_refused(client: RapportClient) -> None:
    with pytest.raises(httpx.HTTPStatusError) as refused:
        await client.open("C999999")
    assert refused.value.response.status_code == 404


async def test_the_token_of_one_conversation_opens_no_other(client: RapportClient) -> None:
    mine, other = await client.open("C000001"), await client.open("C000002")
    stolen = type(mine)(other.conversation_id, mine.token)
    with pytest.raises(httpx.HTTPStatusError) as refused:
        await client.events(stolen)
    assert refused.value.response.status_code in {401, 403}


async def test_a_message_sent_twice_is_one_message(client: RapportClient, stack: Stack) -> None:
    conversation = await client.open("C000003")
    async with httpx.AsyncClient(base_url=stack.url("web"), timeout=10) as http:
        answers = [
            await http.post(
                f"/api/conversations/{conversation.conversation_id}/messages",
                params={"wait": "true"},
                json={"text": "hello", "client_id": "once"},
                headers={"Authorization": f"Bearer {conversation.token}"},
            )
            for _ in range(2)
        ]
    assert answers[0].json()["replies"] == answers[1].json()["replies"]
    said = [event for event in await client.events(conversation) if event.get("role") == "customer"]
    assert len(said) == 1
