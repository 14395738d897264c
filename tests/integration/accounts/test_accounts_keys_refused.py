"""What is no API key, and what cannot be made one."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connections

from accounts import keys
from tests.callers import KEYS, Caller, ask_with

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]


@pytest.fixture
def ada(make_user: Callable[..., Any]) -> Caller:
    make_user("ada", role="analyst")
    return Caller("ada")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"name": "x" * 81}, "name"),
    ({"name": "two\nlines"}, "name"),
    ({"name": "turned \u202e"}, "name"),
    ({"name": ["a"]}, "name"),
    ({"name": None}, "name"),
    ({"scopes": []}, "scopes"),
    ({"scopes": ["admin"]}, "scopes"),
    ({"scopes": "read"}, "scopes"),
    ({"scopes": [["read"]]}, "scopes"),
    ({"scopes": None}, "scopes"),
    ({"expires_in_days": 0}, "expires_in_days"),
    ({"expires_in_days": 367}, "expires_in_days"),
    ({"expires_in_days": "soon"}, "expires_in_days"),
    ({"expires_in_days": 1e300}, "expires_in_days"),
    ({"expires_in_days": None}, "expires_in_days"),
]


def test_a_key_that_cannot_be_is_refused_by_field(ada: Caller) -> None:
    for body, field in REFUSED:
        response = ada.make_key(**body)

        assert (response.status_code, list(response.json())) == (400, [field]), (body, response.content)
    assert ada.listed_keys() == []


def test_a_key_offers_no_more_than_the_role(make_user: Any) -> None:
    make_user("vic")
    vic = Caller("vic")

    response = vic.make_key(scopes=["read", "export"])

    assert response.status_code == 400
    assert response.json() == {"scopes": ["Your role does not allow export; it allows read."]}


NAMED = urlsafe_b64encode(b"0123456789abuid:ada").decode()


NO_KEYS = [
    "sck_",
    "sck_.",
    "sck_abc",
    "sck_abc.",
    "sck_.secret",
    "sck_!!!!.secret",
    "sck_/w==.secret",
    "sck_YWRh.secret",
    f"sck_{NAMED}.secret",
    f"sck_{NAMED}.",
    "sck_" + "A" * 5000 + ".secret",
    "sck_\u00fc.secret",
    f"sck_{urlsafe_b64encode(b'0123456789abu:').decode()}.secret",
]


def test_what_is_no_key_is_401(ada: Caller) -> None:
    for text in NO_KEYS:
        response = ask_with(text)

        assert (response.status_code, response.json()["code"]) == (401, "api_key_invalid"), text
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_secret_or_another_name_is_401(ada: Caller, make_user: Any) -> None:
    make_user("bob")
    mine, other = ada.key(), ada.key()
    name, _, secret = mine.partition(".")
    for text in (f"{name}.{other.partition('.')[2]}", f"{name}.{secret[:-1]}", f"{name}.{secret}x", mine.upper()):
        assert ask_with(text).status_code == 401, text


def test_there_are_only_so_many_even_at_once(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST", 3)

    def make(_: int) -> int:
        try:
            status: int = ada.make_key().status_code
            return status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(make, range(8)))

    assert sorted(statuses) == [201] * 3 + [400] * 5
    assert len(ada.listed_keys()) == 3
    refused = ada.make_key().json()
    assert refused["code"] == "too_many"
    assert refused["detail"] == "You have 3 API keys, as many as there can be. Remove one first."
    ada.client.delete(f"{KEYS}{ada.listed_keys()[0]['id']}/")
    assert ada.make_key().status_code == 201
