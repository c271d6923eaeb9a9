"""No key, secret, token or personal value is in the service's log, even at its most talkative."""

import subprocess
import sys

import httpx

from tests.profiles.conftest import DATA_KEY, KEYS, environment, key, record
from tests.profiles.service import Service

GRANT = {"grant_type": "client_credentials"}


def test_secrets_never_stand_in_the_log(customers_url: str, redis_url: str) -> None:
    service = Service(customers_url, redis_url)
    service._environment["RAPPORT_LOG_LEVEL"] = "DEBUG"
    service.start()
    command = [sys.executable, "-m", "profiles", "clients", "add", "billing", "--role", "service"]
    added = subprocess.run(
        command, env=environment(customers_url, redis_url), capture_output=True, text=True, check=True
    )
    secret = added.stdout.strip()
    with httpx.Client(base_url=service.url, trust_env=False) as client:
        put = client.put("/api/customer/C000001", json=record().model_dump(mode="json"), headers=key("write"))
        assert put.status_code == 200, put.text
        token = client.post("/oauth/token", data=GRANT, auth=("billing", secret)).json()["access_token"]
        assert client.post("/oauth/token", data=GRANT, auth=("billing", "guessed-secret")).status_code == 401
        for credential in (token, token[:-4] + "AAAA", "guessed-key"):
            client.get("/api/customer/C000001", headers={"Authorization": f"Bearer {credential}"})
        person = {**key("agent"), "Rapport-Actor": "agent-7", "Rapport-Reason": "calls back"}
        assert client.get("/api/customer/C000001/details", headers=person).status_code == 200
        assert (
            client.post("/api/lookup", json={"phone": "07700 900123"}, headers=key("read")).status_code == 200
        )
    log = service.stop()
    assert "Application startup complete" in log
    signature = token.rpartition(".")[2]
    secrets = [secret, token, signature, "guessed-secret", "guessed-key", *KEYS.values(), DATA_KEY.decode()]
    personal = ["Okafor", "Maria.Okafor@example.org", "900123", "Kiln Lane", "1984-03-09"]
    assert [word for word in (*secrets, *personal) if word in log] == []
