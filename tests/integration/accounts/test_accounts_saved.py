"""Watchlists and saved comparisons through the API: owned, shared, exported, gone with the account."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from accounts import personal_data, saved
from accounts.dynamo import owned, store
from tests.callers import Caller
from tests.dynamo import PASSWORD

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
LISTS, COMPARISONS = "/api/v1/watchlists/", "/api/v1/comparisons/"
LIST = {"name": "Chips", "symbols": ["nvda", "AMD", "brk-b"]}
COMPARISON = {"name": "Giants", "symbols": ["AAPL", "MSFT"], "range": "1M"}
BOTH = [(LISTS, LIST), (COMPARISONS, COMPARISON)]


@pytest.fixture
def ada(make_user: Callable[..., Any]) -> Caller:
    make_user("ada", role="analyst")
    return Caller("ada")


@pytest.fixture
def bob(make_user: Callable[..., Any]) -> Caller:
    make_user("bob", role="analyst")
    return Caller("bob")


def test_a_watchlist_keeps_its_symbols_in_order_and_in_one_spelling(ada: Caller) -> None:
    address, made = ada.saved(LISTS, {**LIST, "symbols": ["nvda", "AMD", " brk-b", "NVDA"]})

    assert (made["name"], made["symbols"], made["version"]) == ("Chips", ["NVDA", "AMD", "BRK.B"], 1)
    assert ada.get(address).json() == made
    assert ada.get(LISTS).json() == {"results": [made]}


def test_a_comparison_keeps_what_the_page_shows(ada: Caller) -> None:
    dates = {"from": "2026-10-01", "to": "2026-10-31", "timeframe": "1hour", "mode": "price", "adjustment": "raw"}

    _, named = ada.saved(COMPARISONS, COMPARISON)
    _, dated = ada.saved(COMPARISONS, {"name": "October", "symbols": ["AAPL", "MSFT"], **dates})

    assert named.items() >= {"range": "1M", "from": None, "to": None, "timeframe": "auto", "mode": "pct"}.items()
    assert named.items() >= {"adjustment": "split", "shared": False, "shared_url": None}.items()
    assert dated.items() >= {"range": None, **dates}.items()
    assert len(ada.get(COMPARISONS).json()["results"]) == 2


def test_a_comparison_from_before_there_were_adjustments_is_shown_as_the_page_shows_it(ada: Caller) -> None:
    user = User.objects.get(username="ada")
    old = {**COMPARISON, "from": None, "to": None, "timeframe": "auto", "mode": "pct", "shared": False}
    saved.create(user, saved.COMPARISON, old, repeat_key="", now=1)

    (kept,) = ada.get(COMPARISONS).json()["results"]

    assert kept["adjustment"] == "split"


@pytest.mark.parametrize(("address", "body"), BOTH)
def test_a_thing_is_changed_and_removed(ada: Caller, address: str, body: dict[str, Any]) -> None:
    one, made = ada.saved(address, body)

    changed = ada.put(one, {**body, "name": "Other", "version": 1})

    assert changed.status_code == 200
    assert changed.json() == {**made, "name": "Other", "version": 2, "updated_at": changed.json()["updated_at"]}
    assert ada.get(one).json() == changed.json()
    assert ada.delete(one).status_code == 204
    assert [ada.get(one).status_code, ada.delete(one).status_code] == [404, 404]
    assert ada.put(one, {**body, "version": 2}).status_code == 404
    assert ada.get(address).json() == {"results": []}


@pytest.mark.parametrize(("address", "body"), BOTH)
def test_a_stranger_finds_nothing(ada: Caller, bob: Caller, address: str, body: dict[str, Any]) -> None:
    one, made = ada.saved(address, body)

    answers = [bob.get(one), bob.put(one, {**body, "version": 1}), bob.delete(one)]

    assert [answer.status_code for answer in answers] == [404] * 3
    absent = bob.get(f"{address}{'0' * 24}/")
    assert [answer.json() for answer in answers] == [absent.json()] * 3
    assert bob.get(address).json() == {"results": []}
    assert ada.get(one).json() == made


def test_a_shared_comparison_is_read_by_others_until_it_is_not(ada: Caller, bob: Caller) -> None:
    one, made = ada.saved(COMPARISONS, {**COMPARISON, "shared": True})
    address = made["shared_url"]

    assert bob.get(address).json() == made
    assert Client().get(address).status_code == 401
    assert bob.get(one).status_code == 404
    ada.put(one, {**COMPARISON, "version": 1})
    assert bob.get(address).status_code == 404
    ada.put(one, {**COMPARISON, "shared": True, "version": 2})
    User.objects.get(pk="ada").delete()
    assert bob.get(address).status_code == 404


def test_a_viewer_reads_and_saves_nothing(ada: Caller) -> None:
    one, made = ada.saved(COMPARISONS, COMPARISON)
    user = User.objects.get(pk="ada")
    user.role = "viewer"
    user.save()

    assert ada.get(one).json() == made
    refused = [ada.post(LISTS, LIST), ada.put(one, {**COMPARISON, "version": 1}), ada.delete(one)]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "role_insufficient")] * 3


def test_all_is_exported_and_erased_with_the_account(ada: Caller, bob: Caller) -> None:
    ada.saved(LISTS, LIST)
    ada.saved(COMPARISONS, COMPARISON)
    kept, _ = bob.saved(LISTS, LIST)
    user = User.objects.get(pk="ada")

    exported = json.loads(json.dumps(personal_data.export_all(user.uid)))
    assert exported["watchlists"][0]["symbols"] == ["NVDA", "AMD", "BRK.B"]
    assert exported["saved_comparisons"][0]["name"] == "Giants"
    user.delete()

    assert [saved.find_all(user.uid, kind) for kind in saved.KINDS] == [[], []]
    assert owned.find(owned.Thing(user.uid, owned.COUNTER, "watchlist")) is None
    assert bob.get(kept).status_code == 200


def test_nothing_is_saved_for_a_user_that_is_gone(ada: Caller) -> None:
    user = User.objects.get(pk="ada")
    user.delete()
    make = saved.create
    with pytest.raises(owned.OwnerGone):
        make(user, saved.WATCHLIST, {"name": "late", "symbols": []}, repeat_key="", now=0)

    User.objects.create_user("ada", "ada@example.org", PASSWORD, role="analyst")
    with pytest.raises(owned.OwnerGone):
        make(user, saved.WATCHLIST, {"name": "late", "symbols": []}, repeat_key="", now=0)
    assert Caller("ada").get(LISTS).json() == {"results": []}


def test_what_is_saved_while_the_account_is_being_deleted_goes_too(
    ada: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    user, delete = User.objects.get(pk="ada"), store.delete_user

    def late(username: str, uid: str) -> bool:
        ada.saved(LISTS, LIST)
        return delete(username, uid)

    monkeypatch.setattr(store, "delete_user", late)
    user.delete()

    assert saved.find_all(user.uid, saved.WATCHLIST) == []
