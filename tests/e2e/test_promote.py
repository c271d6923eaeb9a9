"""A trainer promotes an encoder while customers talk, and takes it back."""

import asyncio
import json
import os
import shutil
import uuid
from collections.abc import Iterator

import httpx
import pytest

from bench.client import RapportClient
from nlu_models.registry import Registry
from nlu_models.runtime.model_folder import CARD_FILE
from ops.layout import APP_PYTHON, CHECKOUT, cache_folder
from ops.stack import Stack
from tests.e2e.talk import Talk

PRIYA = "C000003"
#: Bound of the way from the command to the first turn with the other encoder.
SECONDS_TO_TAKE = 20


@pytest.fixture
def registry(stack: Stack) -> Registry:
    return Registry(stack.encoder_registry, cache_folder() / "encoder")


@pytest.fixture
def second_model(registry: Registry) -> Iterator[str]:
    """The promoted encoder under another name."""
    name = f"copy-{uuid.uuid4().hex}"
    folder = shutil.copytree(registry.promoted_folder(), registry.models / name)
    card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    (folder / CARD_FILE).write_text(json.dumps({**card, "model_id": name}), encoding="utf-8")
    yield name
    shutil.rmtree(folder)


async def _command(stack: Stack, *words: str) -> None:
    environment = {**os.environ, "RAPPORT_ENCODER_REGISTRY": str(stack.encoder_registry)}
    process = await asyncio.create_subprocess_exec(
        str(APP_PYTHON), "-m", "nlu_models", *words, cwd=CHECKOUT, env=environment
    )
    assert await process.wait() == 0


async def _ask_until_understood_by(talk: Talk, model_id: str) -> None:
    """Ask again and again, with an answer to each, until this encoder understands the question."""
    async with asyncio.timeout(SECONDS_TO_TAKE):
        while True:
            await talk.say("where is my order?")
            assert [card["order_id"] for card in talk.cards] == ["RP-100301"], talk.heard
            if (await talk.why())["models"]["encoder"] == model_id:
                return


async def test_a_conversation_goes_on_with_the_promoted_encoder_and_with_the_one_rolled_back_to(
    stack: Stack, client: RapportClient, registry: Registry, second_model: str
) -> None:
    first_model = registry.promoted_folder().name
    talk = await Talk.begin(client, PRIYA)
    await _ask_until_understood_by(talk, first_model)
    pid = stack.pid("bot")
    await _command(stack, "promote", second_model)
    try:
        await _ask_until_understood_by(talk, second_model)
    finally:
        await _command(stack, "rollback")
    await _ask_until_understood_by(talk, first_model)
    assert stack.pid("bot") == pid


async def test_what_can_not_be_used_is_named_by_health_and_customers_notice_nothing(
    stack: Stack, client: RapportClient, registry: Registry
) -> None:
    first_model = registry.promoted_folder().name
    kept = registry.file.read_bytes()
    registry.file.write_text(json.dumps({**json.loads(kept), "promoted": "nowhere"}))
    talk = await Talk.begin(client, PRIYA)
    try:
        async with asyncio.timeout(SECONDS_TO_TAKE), httpx.AsyncClient() as http:
            while (health := (await http.get(f"{stack.url('bot')}/health")).json())["encoder"][
                "refused"
            ] is None:
                await _ask_until_understood_by(talk, first_model)
        assert health["status"] == "ready"
        assert health["encoder"]["refused"]["model_id"] == "nowhere"
        await _ask_until_understood_by(talk, first_model)
    finally:
        registry.file.write_bytes(kept)
