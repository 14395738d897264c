"""Hold every web request of these tests against the web process's policy at AWS; sign in to the API and the admin."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pynamodb.connection import Connection

from accounts.dynamo import client
from tests.aws_policies import Permission, allowed_by, needed_for
from tests.token_browser import TokenBrowser
from tests.user_admin import admin_client


@pytest.fixture(autouse=True)
def asked_by_web(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[Permission]]:
    """Return what web requests have asked of DynamoDB. Fails when docs/aws/web.json does not allow it."""
    asked: set[Permission] = set()
    call = Connection._make_api_call

    def noting(self: Connection, operation: str, params: dict[str, Any]) -> Any:
        # Within a request there is a budget of time; commands and the tests' own calls have none.
        if client._waited.get() is not None:
            asked.update(needed_for(operation, params))
        return call(self, operation, params)

    monkeypatch.setattr(Connection, "_make_api_call", noting)
    yield asked
    assert asked <= allowed_by("web"), asked - allowed_by("web")


@pytest.fixture
def signed_in(make_user: Any) -> TokenBrowser:
    make_user("ada")
    browser = TokenBrowser()
    browser.sign_in()
    return browser


@pytest.fixture
def root(make_user: Any) -> Any:
    return make_user("root", superuser=True)


@pytest.fixture
def root_client(root: Any) -> Client:
    return admin_client(root)
