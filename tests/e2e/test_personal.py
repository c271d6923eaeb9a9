"""Who is spoken to decides how; without consent nothing personal does."""

import asyncio
import shutil
import subprocess
from pathlib import Path

import httpx

from bench.client import RapportClient
from ops.layout import APP_PYTHON, CHECKOUT
from ops.stack import Stack
from tests.e2e.talk import Talk

LOYAL, BARGAIN, BILLING_OPEN, NO_CONSENT = "C000001", "C000002", "C000005", "C000006"


async def _greeting(client: RapportClient, customer: str | None) -> Talk:
    talk = await Talk.begin(client, customer)
    await talk.say("hello")
    return talk


async def test_the_same_words_get_different_variants_by_segment(client: RapportClient) -> None:
    loyal, bargain, nobody = [await _greeting(client, who) for who in (LOYAL, BARGAIN, None)]
    variants = [(await talk.why())["variant"] for talk in (loyal, bargain, nobody)]
    assert len({loyal.heard, bargain.heard, nobody.heard}) == 3
    assert variants[0] != variants[1]
    assert variants[2] == "default"


async def test_a_billing_issue_of_last_time_is_taken_up_when_the_conversation_begins(
    client: RapportClient,
) -> None:
    talk = await Talk.begin(client, BILLING_OPEN)
    opening = await talk.opening()
    assert "bill" in opening["text"].lower() or "charge" in opening["text"].lower()
    heard = await talk.say("yes please")
    assert "taken twice" in heard


async def test_without_consent_no_personal_attribute_is_read_but_an_order_is_found(
    client: RapportClient,
) -> None:
    talk = await Talk.begin(client, NO_CONSENT)
    opening = await talk.opening()
    assert "bill" not in opening["text"].lower()  # his last issue was billing, and still open
    await talk.say("hello")
    why = await talk.why()
    assert why["variant"] == "default"
    assert why["attributes_read"] == []
    await talk.say("where is order RP-100601")
    assert [card["order_id"] for card in talk.cards] == ["RP-100601"]
    assert (await talk.why())["attributes_read"] == []


async def test_an_angry_message_changes_the_tone_and_offers_a_person(client: RapportClient) -> None:
    calm, angry = await Talk.begin(client, BARGAIN), await Talk.begin(client, BARGAIN)
    await calm.say("where is order RP-100201")
    await angry.say("WHERE IS ORDER RP-100201?! this is absolutely ridiculous, worst shop ever!!")
    assert (await angry.why())["sentiment"]["label"] == "angry"
    assert angry.heard != calm.heard
    assert any("person" in choice["title"].lower() for choice in angry.choices), angry.choices


async def test_a_reported_billing_issue_is_remembered_in_the_next_conversation(
    client: RapportClient, stack: Stack
) -> None:
    first = await Talk.begin(client, BARGAIN)
    await first.say("i was charged twice for my order")
    # web sends it to the profiles after the reply; the write shows in the profile's version.
    await _until_issue(stack, BARGAIN, "billing")
    second = await Talk.begin(client, BARGAIN)
    opening = await second.opening()
    assert "bill" in opening["text"].lower() or "charge" in opening["text"].lower(), opening


async def _until_issue(stack: Stack, customer: str, issue: str) -> None:
    """Wait until the profile service has the issue as the customer's last one."""
    key = stack.process("web").spec.environment["RAPPORT_PROFILES_KEY"]
    async with httpx.AsyncClient(
        base_url=stack.url("profiles"), headers={"Authorization": f"Bearer {key}"}
    ) as http:
        async with asyncio.timeout(10):
            while True:
                view = await http.get(f"/api/customer/{customer}", params={"purpose": "personalisation"})
                if view.raise_for_status().json()["attributes"].get("last_issue") == issue:
                    return
                await asyncio.sleep(0.05)


async def test_an_edited_reply_is_live_after_one_command(
    client: RapportClient, stack: Stack, tmp_path: Path
) -> None:
    for part in ("actions", "common", "profiles", "data"):
        shutil.copytree(CHECKOUT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "domain.yml", tmp_path)
    before = await _greeting(client, None)
    greeting = tmp_path / "data/variants/greeting.yml"
    edited = greeting.read_text().replace("Hello, and welcome", "Edited just now: hello, and welcome")
    assert edited != greeting.read_text()
    greeting.write_text(edited)
    try:
        _publish(stack, tmp_path)
        assert "Edited just now" in (await _greeting(client, None)).heard
    finally:
        _publish(stack, CHECKOUT)
    assert (await _greeting(client, None)).heard == before.heard


def _publish(stack: Stack, checkout: Path) -> None:
    """The command of a trainer, in a checkout of their own."""
    environment = dict(stack.process("actions").spec.environment)
    subprocess.run([str(APP_PYTHON), "-m", "actions", "publish"], cwd=checkout, env=environment, check=True)
