"""The command that shows what would have been mailed."""

import base64

import httpx
import pytest

from demo.__main__ import main

from .conftest import DATA_KEY


async def test_it_shows_the_messages_to_an_address_with_their_links(
    shop: httpx.AsyncClient,
    shop_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for number, email in enumerate(("a@example.com", "b@example.com")):
        body = {"kind": "invitation", "email": email}
        await shop.post("/letters", json=body, headers={"Idempotency-Key": str(number)})
    monkeypatch.setenv("DATABASE_URL", shop_url)
    monkeypatch.setenv("RAPPORT_DATA_KEY", base64.b64encode(DATA_KEY).decode())
    assert main(["outbox", "--to", "a@example.com"]) == 0
    shown = capsys.readouterr().out
    assert "to a@example.com: Open your account" in shown
    assert "/links/" in shown
    assert "b@example.com" not in shown
