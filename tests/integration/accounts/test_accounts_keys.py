"""Personal API keys through the API: shown once, used within scopes and role, over at once."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client

from accounts import keys, personal_data
from accounts.dynamo import owned
from accounts.roles import SCOPES
from tests.callers import KEYS, Caller, ask_with
from tests.dynamo import PASSWORD

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
DAY = 86_400


@pytest.fixture
def ada(make_user: Callable[..., Any]) -> Caller:
    make_user("ada", role="analyst")
    return Caller("ada")


def test_a_key_is_shown_once_and_works(ada: Caller) -> None:
    response = ada.make_key(scopes=["export", "read"], expires_in_days=30)

    shown = response.json()
    assert response["Cache-Control"] == "no-store"
    assert shown.pop("key").startswith(shown["prefix"])
    assert (shown["name"], shown["scopes"], shown["used_at"]) == ("nightly", ["read", "export"], None)
    assert ada.listed_keys() == [shown]


def test_a_key_acts_as_its_owner_within_its_scopes(ada: Caller) -> None:
    me = ask_with(ada.key(scopes=["export"])).json()

    assert me["username"] == "ada"
    assert me["permissions"] == ["analytics.export_prices", "analytics.view_prices"]


def test_the_secret_is_kept_as_a_hash_only(ada: Caller) -> None:
    key = ada.key()

    (row,) = owned.find_all(User.objects.get(pk="ada").uid, keys.KIND)

    assert key.partition(".")[2] not in str(row)
    assert len(row["body"]["hash"]) == 64


def test_a_key_ends_when_it_expires(ada: Caller) -> None:
    begun = time.time()
    key = ada.key(expires_in_days=1)

    with time_machine.travel(begun + DAY - 10):
        assert ask_with(key).status_code == 200
    with time_machine.travel(begun + DAY + 10):
        assert ask_with(key).status_code == 401
    assert len(ada.listed_keys()) == 1


def test_a_revoked_key_ends_at_once_and_the_others_stay(ada: Caller) -> None:
    revoked, other = ada.key(), ada.key()

    (key_id,) = [key["id"] for key in ada.listed_keys() if revoked.startswith(key["prefix"])]
    assert ada.client.delete(f"{KEYS}{key_id}/").status_code == 204

    assert ask_with(revoked).status_code == 401
    assert ask_with(other).status_code == 200
    assert len(ada.listed_keys()) == 1


@pytest.mark.parametrize("event", ["deactivate", "delete", "recreate"])
def test_a_key_ends_with_its_owner(ada: Caller, event: str) -> None:
    key = ada.key()
    user = User.objects.get(pk="ada")
    if event == "deactivate":
        user.is_active = False
        user.save()
    else:
        user.delete()
    if event == "recreate":
        User.objects.create_user("ada", "ada@example.org", PASSWORD)

    assert ask_with(key).status_code == 401


def test_a_change_of_role_counts_at_once(ada: Caller) -> None:
    key = ada.key(scopes=["export"])
    user = User.objects.get(pk="ada")
    user.role = "viewer"
    user.save()

    assert ask_with(key).json()["permissions"] == ["analytics.view_prices"]


def test_a_superusers_key_is_no_superuser(make_user: Any) -> None:
    make_user("root", superuser=True)

    me = ask_with(Caller("root").key(scopes=["read"])).json()

    assert me["permissions"] == ["analytics.view_prices"]


def test_a_key_changes_no_account(ada: Caller) -> None:
    key = ada.key(scopes=list(SCOPES))
    key_id = ada.listed_keys()[0]["id"]

    for method, path in (("GET", KEYS), ("POST", KEYS), ("DELETE", f"{KEYS}{key_id}/")):
        response = ask_with(key, path, method)
        assert (response.status_code, response.json()["code"]) == (403, "api_key_not_allowed")
    assert Client(headers={"Authorization": f"Bearer {key}"}).get("/admin/").status_code == 302
    assert Client(headers={"Authorization": f"Bearer {key}"}).get("/account/").status_code == 302
    assert len(ada.listed_keys()) == 1


def test_a_stranger_cannot_revoke_a_key(ada: Caller, make_user: Any) -> None:
    make_user("bob")
    key = ada.key()

    response = Caller("bob").client.delete(f"{KEYS}{ada.listed_keys()[0]['id']}/")

    assert response.status_code == 404
    assert ask_with(key).status_code == 200


def test_a_key_reads_tiles(ada: Caller) -> None:
    assert ask_with(ada.key(), "/api/v1/tiles/bars/NVDA/2025-11/").status_code in (200, 404)
    assert ask_with("sck_YWRh.x", "/api/v1/tiles/bars/NVDA/2025-11/").status_code == 401


def test_keys_are_exported_without_secrets_and_erased_with_the_account(ada: Caller) -> None:
    key = ada.key()
    uid = User.objects.get(pk="ada").uid

    (exported,) = personal_data.export_all(uid)["api_keys"]
    assert exported["name"] == "nightly"
    assert "hash" not in exported
    User.objects.get(pk="ada").delete()

    assert keys.find_all(uid) == []
    assert key.partition(".")[2] not in str(exported)
