"""Clients of the API and of the pages, over the small market."""

import time
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import middleware
from accounts.authentication import BearerUser
from accounts.tokens import Claims, write_access
from tests.market_fixture import write_market

CLAIMS = Claims(username="ada", uid="u1", sid="s1", jti="j1", exp=2**40, role="analyst")


@pytest.fixture(scope="session")
def market_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    write_market(folder)
    return folder


@pytest.fixture
def market(market_folder: Path, settings: Settings) -> None:
    """Point the site at the small market."""
    settings.LAKE_URL = f"file://{market_folder}"


@pytest.fixture
def no_bars(market: None, tmp_path: Path, settings: Settings) -> None:
    """Point the site at a lake that was never written to, instead of at the small market."""
    settings.LAKE_URL = f"file://{tmp_path / 'nothing'}"


@pytest.fixture
def api() -> APIClient:
    """Return a client of a signed-in user. Tokens are signed as they are at sign-in; no user store is asked."""
    token = write_access(username="ada", uid="u1", sid="s1", token_version=0, role="analyst", now=int(time.time()))
    client = APIClient(headers={"Authorization": f"Bearer {token}"})
    client.force_authenticate(user=BearerUser(CLAIMS))  # type: ignore[arg-type]  # not a model, as on tiles
    return client


@pytest.fixture
def visitor() -> APIClient:
    return APIClient()


@pytest.fixture
def member(monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a browser of a signed-in user."""
    monkeypatch.setattr(middleware, "cookie_user", lambda _request: BearerUser(CLAIMS))
    return Client()
