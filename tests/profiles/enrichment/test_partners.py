"""Partners are declared as data; what can't be used is said before anybody is asked."""

from pathlib import Path

import pytest
import yaml

from profiles.enrichment.partners import PARTNERS_FILE, Partner, UnusablePartner, access_to, read_partner
from profiles.traits.versions import of_files

SET = {
    "RAPPORT_PARTNER_HOMEVIEW_URL": "https://homeview.example/api/",
    "RAPPORT_PARTNER_HOMEVIEW_CLIENT_ID": "rapport",
    "RAPPORT_PARTNER_HOMEVIEW_CLIENT_SECRET": "top secret",
}


def test_the_address_and_the_secret_come_from_the_environment(declared: Partner) -> None:
    access = access_to(declared, SET)
    assert (access.url, access.client_secret) == ("https://homeview.example/api", "top secret")
    assert "top secret" not in repr(access)


@pytest.mark.parametrize("name", SET)
def test_a_variable_that_is_missing_is_named(declared: Partner, name: str) -> None:
    with pytest.raises(UnusablePartner, match=name):
        access_to(declared, {**SET, name: ""})


@pytest.mark.parametrize(
    "url",
    ["http://homeview.example", "ftp://homeview.example", "homeview.example", "http://127.0.0.1.example"],
)
def test_the_secret_is_never_sent_in_the_open(declared: Partner, url: str) -> None:
    with pytest.raises(UnusablePartner, match="https"):
        access_to(declared, {**SET, "RAPPORT_PARTNER_HOMEVIEW_URL": url})


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"])
def test_on_this_machine_it_may_be(declared: Partner, url: str) -> None:
    assert access_to(declared, {**SET, "RAPPORT_PARTNER_HOMEVIEW_URL": url}).url == url


def test_a_partner_that_is_not_declared_is_answered_with_those_that_are() -> None:
    with pytest.raises(UnusablePartner, match="homeview"):
        read_partner("acme", of_files())


@pytest.mark.parametrize("attribute", ["tier", "no_such_thing", "email"])
def test_a_partner_may_only_tell_what_partners_may_say(tmp_path: Path, attribute: str) -> None:
    content = yaml.safe_load(PARTNERS_FILE.read_text(encoding="utf-8"))
    content["partners"][0]["fields"]["persons"] = {"attribute": attribute}
    file = tmp_path / "partners.yml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(UnusablePartner, match=attribute):
        read_partner("homeview", of_files(), file)
