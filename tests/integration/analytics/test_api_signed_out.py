"""No market data without a signed-in user: every address below /api/v1/, found by looking, not by listing."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

# Open to everybody by intent: signing in and up, what a link in a mail leads to, and the description of the API.
OPEN = {
    "auth-token",
    "auth-refresh",
    "auth-logout",
    "auth-sign-up",
    "auth-sign-up-address",
    "auth-password-forgotten",
    "auth-password-reset",
    "auth-me-email-confirm",
    "schema",
    "docs",
}
ARGUMENTS = {"symbol": "AAPL", "month": "2025-11"}


def addresses(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith("api/"):
            yield pattern.name or "", path


def market_addresses() -> list[str]:
    found = []
    for name, path in addresses(get_resolver().url_patterns):
        if name in OPEN:
            continue
        found.append("/" + re.sub(r"<str:(\w+)>", lambda match: ARGUMENTS.get(match[1], "none-such"), path))
    return found


def test_the_search_for_addresses_finds_them() -> None:
    assert len(market_addresses()) >= 10
    assert "/api/v1/tiles/bars/AAPL/2025-11/" in market_addresses()
    assert not [address for address in market_addresses() if "<" in address]


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("address", market_addresses())
@pytest.mark.parametrize("authorization", [None, "Bearer not.a.token", "Bearer ", "Basic YWRhOmFkYQ=="])
def test_a_signed_out_client_is_refused(visitor: APIClient, address: str, authorization: str | None) -> None:
    response = visitor.get(address, headers={"Authorization": authorization} if authorization else {})

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    body = response.json()
    assert body["detail"].endswith(".")
    assert body["code"]


@pytest.mark.usefixtures("market")
@pytest.mark.parametrize("address", market_addresses())
def test_the_answer_does_not_depend_on_what_there_is(visitor: APIClient, address: str) -> None:
    there, not_there = visitor.get(address), visitor.get(address.replace("AAPL", "NVDA"))

    assert there.content == not_there.content
