"""Personal API keys through the API: made once, used within scopes and role, limited, revoked, never logged."""

import logging
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client

from accounts import keys, personal_data
from accounts.dynamo import owned
from accounts.roles import SCOPES
from tests.dynamo import PASSWORD
from tests.faulty_proxy import Fault, faulty_proxy

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
ADDRESS = "/api/v1/auth/keys/"
DAY = 86_400


class Person:
    """A signed-in user of the API, and what programs do with a key."""

    def __init__(self, username: str = "ada") -> None:
        credentials = {"username": username, "password": PASSWORD}
        token = Client().post("/api/v1/auth/token/", credentials).json()["access"]
        self.client = Client(headers={"Authorization": f"Bearer {token}"})

    def make(self, **changes: Any) -> Any:
        body = {"name": "nightly", "scopes": ["read"], **changes}
        return self.client.post(ADDRESS, body, content_type="application/json")

    def key(self, **changes: Any) -> str:
        response = self.make(**changes)
        assert response.status_code == 201, response.content
        text: str = response.json()["key"]
        return text

    def listed(self) -> list[dict[str, Any]]:
        results: list[dict[str, Any]] = self.client.get(ADDRESS).json()["results"]
        return results


def ask(key: str, path: str = "/api/v1/auth/me/", method: str = "GET") -> Any:
    headers = {"Authorization": f"Bearer {key}"}
    return Client(raise_request_exception=False).generic(method, path, b"{}", "application/json", headers=headers)


@pytest.fixture
def ada(make_user: Any) -> Person:
    make_user("ada", role="analyst")
    return Person()


def test_a_key_is_shown_once_and_works(ada: Person) -> None:
    response = ada.make(scopes=["export", "read"], expires_in_days=30)

    shown = response.json()
    assert response["Cache-Control"] == "no-store"
    assert shown.pop("key").startswith(shown["prefix"])
    assert (shown["name"], shown["scopes"], shown["used_at"]) == ("nightly", ["read", "export"], None)
    assert ada.listed() == [shown]


def test_a_key_acts_as_its_owner_within_its_scopes(ada: Person) -> None:
    me = ask(ada.key(scopes=["export"])).json()

    assert me["username"] == "ada"
    assert me["permissions"] == ["analytics.export_prices", "analytics.view_prices"]


def test_the_secret_is_kept_as_a_hash_only(ada: Person) -> None:
    key = ada.key()

    (row,) = owned.find_all(User.objects.get(pk="ada").uid, keys.KIND)

    assert key.partition(".")[2] not in str(row)
    assert len(row["body"]["hash"]) == 64


@pytest.mark.parametrize(
    ("body", "field"),
    [
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
    ],
)
def test_a_key_that_cannot_be_is_refused_by_field(ada: Person, body: dict[str, Any], field: str) -> None:
    response = ada.make(**body)

    assert response.status_code == 400
    assert response.json().keys() == {field}
    assert ada.listed() == []


def test_a_key_offers_no_more_than_the_role(make_user: Any) -> None:
    make_user("vic")
    vic = Person("vic")

    response = vic.make(scopes=["read", "export"])

    assert response.status_code == 400
    assert response.json() == {"scopes": ["Your role does not allow export; it allows read."]}


NAMED = urlsafe_b64encode(b"0123456789abuid:ada").decode()


@pytest.mark.parametrize(
    "text",
    [
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
    ],
)
def test_what_is_no_key_is_401(ada: Person, text: str) -> None:
    response = ask(text)

    assert response.status_code == 401
    assert response.json()["code"] == "api_key_invalid"
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_secret_or_another_name_is_401(ada: Person, make_user: Any) -> None:
    make_user("bob")
    mine, other = ada.key(), ada.key()
    name, _, secret = mine.partition(".")
    for text in (f"{name}.{other.partition('.')[2]}", f"{name}.{secret[:-1]}", f"{name}.{secret}x", mine.upper()):
        assert ask(text).status_code == 401, text


def test_a_key_ends_when_it_expires(ada: Person) -> None:
    begun = time.time()
    key = ada.key(expires_in_days=1)

    with time_machine.travel(begun + DAY - 10):
        assert ask(key).status_code == 200
    with time_machine.travel(begun + DAY + 10):
        assert ask(key).status_code == 401
    assert len(ada.listed()) == 1


def test_a_revoked_key_ends_at_once_and_the_others_stay(ada: Person) -> None:
    revoked, other = ada.key(), ada.key()

    (key_id,) = [key["id"] for key in ada.listed() if revoked.startswith(key["prefix"])]
    assert ada.client.delete(f"{ADDRESS}{key_id}/").status_code == 204

    assert ask(revoked).status_code == 401
    assert ask(other).status_code == 200
    assert len(ada.listed()) == 1


@pytest.mark.parametrize("event", ["deactivate", "delete", "recreate"])
def test_a_key_ends_with_its_owner(ada: Person, event: str) -> None:
    key = ada.key()
    user = User.objects.get(pk="ada")
    if event == "deactivate":
        user.is_active = False
        user.save()
    else:
        user.delete()
    if event == "recreate":
        User.objects.create_user("ada", "ada@example.org", PASSWORD)

    assert ask(key).status_code == 401


def test_a_change_of_role_counts_at_once(ada: Person) -> None:
    key = ada.key(scopes=["export"])
    user = User.objects.get(pk="ada")
    user.role = "viewer"
    user.save()

    assert ask(key).json()["permissions"] == ["analytics.view_prices"]


def test_a_superusers_key_is_no_superuser(make_user: Any) -> None:
    make_user("root", superuser=True)

    me = ask(Person("root").key(scopes=["read"])).json()

    assert me["permissions"] == ["analytics.view_prices"]


def test_a_key_changes_no_account(ada: Person) -> None:
    key = ada.key(scopes=list(SCOPES))
    key_id = ada.listed()[0]["id"]

    for method, path in (("GET", ADDRESS), ("POST", ADDRESS), ("DELETE", f"{ADDRESS}{key_id}/")):
        response = ask(key, path, method)
        assert (response.status_code, response.json()["code"]) == (403, "api_key_not_allowed")
    assert Client(headers={"Authorization": f"Bearer {key}"}).get("/admin/").status_code == 302
    assert Client(headers={"Authorization": f"Bearer {key}"}).get("/account/").status_code == 302
    assert len(ada.listed()) == 1


def test_a_stranger_cannot_revoke_a_key(ada: Person, make_user: Any) -> None:
    make_user("bob")
    key = ada.key()

    response = Person("bob").client.delete(f"{ADDRESS}{ada.listed()[0]['id']}/")

    assert response.status_code == 404
    assert ask(key).status_code == 200


def test_there_are_only_so_many_even_at_once(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST", 3)

    def make(_: int) -> int:
        try:
            status: int = ada.make().status_code
            return status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(make, range(8)))

    assert sorted(statuses) == [201] * 3 + [400] * 5
    assert len(ada.listed()) == 3
    refused = ada.make().json()
    assert refused["code"] == "too_many"
    assert refused["detail"] == "You have 3 API keys, as many as there can be. Remove one first."
    ada.client.delete(f"{ADDRESS}{ada.listed()[0]['id']}/")
    assert ada.make().status_code == 201


def test_a_request_costs_one_read_and_one_count(ada: Person, user_store: str, settings: Any) -> None:
    key = ada.key()
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        ask(key)
        first = proxy.operations()
        ask(key)

    assert first == ["BatchGetItem", "UpdateItem", "UpdateItem"]
    assert proxy.operations()[len(first) :] == ["BatchGetItem", "UpdateItem"]


def test_the_last_use_is_exact_to_five_minutes(ada: Person) -> None:
    key = ada.key()
    now = int(time.time())
    for seconds in (0, 200, 400):
        with time_machine.travel(now + seconds, tick=False):
            ask(key)

    (listed,) = ada.listed()
    assert time.strptime(listed["used_at"], "%Y-%m-%dT%H:%M:%SZ")
    (row,) = keys.find_all(User.objects.get(pk="ada").uid)
    assert row.used_at == now + 400


def test_a_use_that_cannot_be_noted_does_not_stop_the_request(ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.errors import StoreUnavailable

    def fail(*_: Any) -> None:
        raise StoreUnavailable

    key = ada.key()
    monkeypatch.setattr(owned, "note_use", fail)

    assert ask(key).status_code == 200


def test_a_key_used_too_often_is_told_to_wait(ada: Person, settings: Any) -> None:
    settings.API_KEY_REQUESTS_PER_MINUTE = 2
    busy, other = ada.key(), ada.key()
    with time_machine.travel(time.time() // 60 * 60 + 5, tick=False):
        statuses = [ask(busy).status_code for _ in range(3)]
        tile = ask(busy, "/api/v1/tiles/bars/AAPL/2025-11/")
        nowhere = ask(busy, "/api/v1/nowhere/")
        last = ask(busy)

        assert statuses == [200, 200, 429]
        assert (last["Retry-After"], last.json()["code"]) == ("55", "too_many")
        assert (tile.status_code, tile["Retry-After"]) == (429, "55")
        assert nowhere.status_code == 429
        assert ask(other).status_code == 200


@pytest.mark.parametrize("kind", ["error", "throttle", "cut"])
def test_a_fault_is_503_and_passes(ada: Person, user_store: str, settings: Any, kind: str) -> None:
    key = ada.key()
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        proxy.fault = Fault(kind)
        for response in (ask(key), ask(key, "/api/v1/tiles/bars/AAPL/2025-11/"), ada.make()):
            assert response.status_code == 503
            assert int(response["Retry-After"]) > 0
        proxy.fault = None
        assert ask(key).status_code == 200


def test_a_lost_reply_makes_one_key(ada: Person, user_store: str, settings: Any) -> None:
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        proxy.fault = Fault("drop", "TransactWriteItems", times=1)
        key = ada.key()
        proxy.fault = Fault("drop", "TransactWriteItems", times=1)
        assert ada.client.delete(f"{ADDRESS}{ada.listed()[0]['id']}/").status_code == 204

    settings.AWS_ENDPOINT_URL_DYNAMODB = user_store
    assert ask(key).status_code == 401
    assert ada.listed() == []


def test_a_key_reads_tiles(ada: Person) -> None:
    assert ask(ada.key(), "/api/v1/tiles/bars/NVDA/2025-11/").status_code in (200, 404)
    assert ask("sck_YWRh.x", "/api/v1/tiles/bars/NVDA/2025-11/").status_code == 401


def test_keys_are_exported_without_secrets_and_erased_with_the_account(ada: Person) -> None:
    key = ada.key()
    uid = User.objects.get(pk="ada").uid

    (exported,) = personal_data.export_all(uid)["api_keys"]
    assert exported["name"] == "nightly"
    assert "hash" not in exported
    User.objects.get(pk="ada").delete()

    assert keys.find_all(uid) == []
    assert key.partition(".")[2] not in str(exported)


@pytest.fixture
def written() -> Iterator[StringIO]:
    """Return all that is logged, at any level, written as the site writes it."""
    root, text = logging.getLogger(), StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(next(each.formatter for each in root.handlers if type(each) is logging.StreamHandler))
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)


def test_no_log_line_holds_a_key(ada: Person, written: StringIO) -> None:
    key = ada.key()
    ask(key)
    ask(key + "x")
    ask(key, ADDRESS)
    ask(key, f"/api/v1/nowhere/?key={key}")
    logging.getLogger("accounts").warning("sent %s", key, extra={"header": f"Bearer {key}", "given": key})

    assert "account event" in written.getvalue()
    assert "given" in written.getvalue()
    assert key.partition(".")[2] not in written.getvalue()
