"""A partner's service that runs, and what is needed to ask it."""

from collections.abc import AsyncIterator, Callable

import pytest

from profiles.enrichment.client import PartnerClient
from profiles.enrichment.partners import Access, Partner, read_partner
from profiles.traits.versions import of_files
from tests.profiles.enrichment.partner import CLIENT_ID, CLIENT_SECRET, LocalPartner
from tests.web.servers import served

Clients = Callable[..., PartnerClient]


@pytest.fixture
def homeview() -> LocalPartner:
    return LocalPartner()


@pytest.fixture
async def homeview_url(homeview: LocalPartner, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with served(homeview.app) as url:
        yield url


@pytest.fixture
def declared() -> Partner:
    return read_partner("homeview", of_files())


@pytest.fixture
def clients(homeview_url: str, declared: Partner) -> Clients:
    """Clients that do not rest between tries."""

    def made(secret: str = CLIENT_SECRET, patience: float = 5.0) -> PartnerClient:
        access = Access(homeview_url, CLIENT_ID, secret)
        return PartnerClient(declared, access, wait=lambda _: 0.0, patience=patience)

    return made
