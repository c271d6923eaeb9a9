"""The running action server: health, its key, `/nlg`, Rasa's webhook, and texts that change without a restart."""

import base64
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from actions.profile import Profiles
from actions.server import UnregisteredActions, make_executor
from actions.services import Services
from actions.settings import DOMAIN
from nlu_models.sentence_model import ensure_sentence_model

KEY = "the-key-of-the-actions"
ROOT = DOMAIN.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what publishing and serving read, so that a test may edit it."""
    for name in ("actions", "common", "nlu_models", "profiles"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("rasa", "demo"))
    shutil.copy(DOMAIN, tmp_path)
    return tmp_path


@pytest.fixture
def environment(redis_url: str) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nowhere = "http://127.0.0.1:9"
    return {
        "PATH": os.environ["PATH"],
        "REDIS_URL": redis_url,
        "RAPPORT_ACTIONS_PORT": str(port),
        "RAPPORT_ACTIONS_KEY": KEY,
        "RAPPORT_PROFILES_URL": nowhere,
        "RAPPORT_PROFILES_KEY": "reading-key",
        "RAPPORT_SHOP_URL": nowhere,
        "RAPPORT_SHOP_KEY": "shop-key-1",
        "RAPPORT_SENTENCE_MODEL": str(ensure_sentence_model()),
        "RAPPORT_DATA_KEY": base64.b64encode(b"d" * 32).decode(),
    }


@pytest.fixture
def server(checkout: Path, environment: dict[str, str]) -> Iterator[str]:
    """`python -m actions serve`, ready."""
    process = subprocess.Popen([sys.executable, "-m", "actions", "serve"], cwd=checkout, env=environment)
    url = f"http://127.0.0.1:{environment['RAPPORT_ACTIONS_PORT']}"
    until = time.monotonic() + 60
    while True:
        try:
            if requests.get(f"{url}/health", timeout=1).status_code == 200:
                break
        except requests.ConnectionError:
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < until, "not ready in time"
            time.sleep(0.1)
    yield url
    process.terminate()
    assert process.wait(20) == 0


def say(url: str, reply: str) -> requests.Response:
    body = {"reply": reply, "slots": {}, "message": {"text": "bye"}, "conversation_id": "c1"}
    return requests.post(f"{url}/nlg", json=body, headers={"Authorization": f"Bearer {KEY}"}, timeout=5)


def publish(checkout: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "actions", "publish"]
    return subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_serves_and_changes_a_text_without_a_restart(
    server: str, checkout: Path, environment: dict[str, str]
) -> None:
    assert requests.get(f"{server}/health", timeout=5).json()["service"] == "actions"
    for path in ("/nlg", "/webhook", "/actions", "/other"):
        refused = requests.post(f"{server}{path}", json={}, timeout=5)
        assert refused.status_code == 401
        assert refused.json()["type"] == "wrong-key"

    before = say(server, "utter_goodbye").json()
    assert before["custom"]["variant"] == "default"
    assert say(server, "utter_unheard_of").status_code == 404
    assert say(server, "utter_order_status").status_code == 404  # it needs values that /nlg has not

    file = checkout / "data" / "variants" / "greeting.yml"
    text = file.read_text("utf-8")
    file.write_text(text.replace(before["text"], "Farewell from the test."), "utf-8")
    assert say(server, "utter_goodbye").json()["text"] == before["text"]  # not published yet
    assert publish(checkout, environment).returncode == 0
    after = say(server, "utter_goodbye").json()
    assert after["text"] == "Farewell from the test."
    assert after["custom"]["variant_set"] != before["custom"]["variant_set"]

    # A broken edit is refused, told with its place, and changes nothing.
    file.write_text(text.replace("{{ answer }}", "{{ answre }}"), "utf-8")
    refusal = publish(checkout, environment)
    assert refusal.returncode == 1
    assert "greeting.yml:" in refusal.stderr
    assert "replies.utter_faq.default" in refusal.stderr
    assert say(server, "utter_goodbye").json()["text"] == "Farewell from the test."

    call = {
        "next_action": "action_greet",
        "version": "3.6.21",
        "domain_digest": "not sent",
        "tracker": {"sender_id": "c1", "slots": {}, "latest_message": {"text": "hi"}, "events": []},
    }
    answer = requests.post(
        f"{server}/webhook", json=call, headers={"Authorization": f"Bearer {KEY}"}, timeout=5
    )
    assert answer.json()["responses"][0]["custom"]["reply"] == "utter_greet"


async def test_refuses_to_start_when_the_domain_names_an_action_that_is_not_there(
    services: Services, tmp_path: Path
) -> None:
    domain = tmp_path / "domain.yml"
    domain.write_text(DOMAIN.read_text("utf-8").replace("- action_greet", "- action_greet_warmly"), "utf-8")
    with pytest.raises(UnregisteredActions, match="action_greet_warmly"):
        make_executor(services, Profiles(), domain)
