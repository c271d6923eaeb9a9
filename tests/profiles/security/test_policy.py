"""Who may do what, as a table: each role and each route of the service."""

from typing import get_args

import pytest

from profiles.keys import Role
from profiles.security.policy import Policy
from tests.profiles.conftest import unserved_app

#: Routes that need no key.
OPEN = {("/health", "GET"), ("/oauth/token", "POST")}

#: Initials of the roles that may: Read, Write, Collect, Service, Agent, aDmin, cUstomer (own record only),
#: Trainer, aNalyst.
INITIALS: dict[str, Role] = {
    "R": "read",
    "W": "write",
    "C": "collect",
    "S": "service",
    "A": "agent",
    "D": "admin",
    "U": "customer",
    "T": "trainer",
    "N": "analyst",
}
TABLE = {
    ("/api/customer/{customer_id}", "GET"): "R W . S A D U . .",
    ("/api/customer/{customer_id}", "PUT"): ". W . S . . . . .",
    ("/api/customer/{customer_id}/consent", "PUT"): ". W . S . . U . .",
    ("/api/customer/{customer_id}/details", "GET"): ". . . . A D . . .",
    ("/api/customer/{customer_id}/at-a-glance", "GET"): ". . . . A D . . .",
    ("/api/customer/{customer_id}/history", "GET"): ". . . . A D . . .",
    ("/api/customer/{customer_id}/interactions", "GET"): "R W . S A D U . .",
    ("/api/customers/views", "POST"): "R W . S . . . . .",
    ("/api/customer/{customer_id}/merges", "GET"): ". . . . A D . . .",
    ("/api/identity/candidates", "GET"): ". . . . A D . . .",
    ("/api/identity/candidates/{candidate_id}/accept", "POST"): ". . . . A D . . .",
    ("/api/identity/candidates/{candidate_id}/reject", "POST"): ". . . . A D . . .",
    ("/api/identity/candidates/{candidate_id}/reconsider", "POST"): ". . . . A D . . .",
    ("/api/identity/merges/{merge_id}/undo", "POST"): ". . . . A D . . .",
    ("/api/customer/{customer_id}/exports", "POST"): ". . . . . D U . .",
    ("/api/customer/{customer_id}/exports/{job_id}", "GET"): ". . . . . D U . .",
    ("/api/customer/{customer_id}/exports/{job_id}/document", "GET"): ". . . . . D U . .",
    ("/api/customer/{customer_id}/erasures", "POST"): ". . . . . D U . .",
    ("/api/customer/{customer_id}/erasures/{job_id}", "GET"): ". . . . . D U . .",
    ("/api/customer/{customer_id}/preferences", "GET"): ". W . S . . U . .",
    ("/api/customer/{customer_id}/preferences/consents/{purpose}", "PUT"): ". W . S . . U . .",
    ("/api/customer/{customer_id}/preferences/{attribute}", "PUT"): ". W . S . . U . .",
    ("/api/customer/{customer_id}/surveys/{survey_id}/answers", "POST"): ". W . S . . U . .",
    ("/api/interactions", "POST"): ". W . S . . . . .",
    ("/api/lookup", "POST"): "R W . S . . . . .",
    ("/quality", "GET"): ". . . . . D . . N",
    ("/metrics", "GET"): ". . . . . D . . N",
    ("/v1/identify", "POST"): ". W C S . . . . .",
    ("/v1/track", "POST"): ". W C S . . . . .",
    ("/v1/page", "POST"): ". W C S . . . . .",
    ("/v1/group", "POST"): ". W C S . . . . .",
    ("/v1/alias", "POST"): ". W C S . . . . .",
    ("/v1/batch", "POST"): ". W C S . . . . .",
}
POLICY = Policy()


def routes() -> set[tuple[str, str]]:
    """All routes of the app that need a key."""
    paths = unserved_app().openapi()["paths"]
    return {(path, method.upper()) for path, methods in paths.items() for method in methods} - OPEN


def test_the_table_speaks_of_every_role() -> None:
    assert set(INITIALS.values()) == set(get_args(Role))


def test_the_table_and_the_policy_speak_of_every_route() -> None:
    assert routes() == set(TABLE)
    assert {route for route in routes() if not POLICY.knows(*route)} == set()


@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize(("path", "method"), TABLE)
def test_each_role_may_what_the_table_says(role: Role, path: str, method: str) -> None:
    allowed = {INITIALS[initial] for initial in TABLE[path, method].split() if initial != "."}
    assert POLICY.allows(role, path, method, True) is (role in allowed)
    # Of others' records customers see nothing at all.
    assert POLICY.allows(role, path, method, False) is (role in allowed and role != "customer")


@pytest.mark.parametrize("role", get_args(Role))
def test_a_route_that_stands_nowhere_is_closed(role: Role) -> None:
    assert not POLICY.allows(role, "/api/customers", "DELETE", True)
