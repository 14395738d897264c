"""Watchlists and saved comparisons through the API: owned, bounded, versioned, written once, gone with the account."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client

from accounts import personal_data, saved
from accounts.dynamo import owned
from tests.dynamo import PASSWORD
from tests.faulty_proxy import Fault, faulty_proxy

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
LISTS, COMPARISONS = "/api/v1/watchlists/", "/api/v1/comparisons/"
LIST = {"name": "Chips", "symbols": ["nvda", "AMD", "brk-b"]}
COMPARISON = {"name": "Giants", "symbols": ["AAPL", "MSFT"], "range": "1M"}
BOTH = [(LISTS, LIST), (COMPARISONS, COMPARISON)]


class Caller:
    """A signed-in user of the API."""

    def __init__(self, username: str) -> None:
        credentials = {"username": username, "password": PASSWORD}
        token = Client().post("/api/v1/auth/token/", credentials).json()["access"]
        self.client = Client(headers={"Authorization": f"Bearer {token}"}, raise_request_exception=False)

    def get(self, address: str) -> Any:
        return self.client.get(address)

    def post(self, address: str, body: Any, **headers: str) -> Any:
        return self.client.post(address, body, content_type="application/json", headers=headers)

    def put(self, address: str, body: Any) -> Any:
        return self.client.put(address, body, content_type="application/json")

    def delete(self, address: str) -> Any:
        return self.client.delete(address)

    def saved(self, address: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Save a thing; return its address and what was answered."""
        response = self.post(address, body)
        assert response.status_code == 201, response.content
        return response["Location"], response.json()


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
    dates = {"from": "2026-10-01", "to": "2026-10-31", "timeframe": "1hour", "mode": "price"}

    _, named = ada.saved(COMPARISONS, COMPARISON)
    _, dated = ada.saved(COMPARISONS, {"name": "October", "symbols": ["AAPL", "MSFT"], **dates})

    assert named.items() >= {"range": "1M", "from": None, "to": None, "timeframe": "auto", "mode": "pct"}.items()
    assert named.items() >= {"shared": False, "shared_url": None}.items()
    assert dated.items() >= {"range": None, **dates}.items()
    assert len(ada.get(COMPARISONS).json()["results"]) == 2


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


@pytest.mark.parametrize("thing_id", ["x", "%00", "..", "A" * 24, "0" * 25, "count%23watchlist", "a" * 3000])
def test_an_id_that_cannot_be_is_404(ada: Caller, thing_id: str) -> None:
    one = f"{LISTS}{thing_id}/"

    answers = [ada.get(one), ada.put(one, {**LIST, "version": 1}), ada.delete(one)]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert ada.get(f"{COMPARISONS}shared/{thing_id}/{'0' * 24}/").status_code == 404


MANY = [f"A{number}" for number in range(101)]


@pytest.mark.parametrize(
    ("address", "change", "field"),
    [
        (LISTS, {"name": ""}, "name"),
        (LISTS, {"name": "  "}, "name"),
        (LISTS, {"name": None}, "name"),
        (LISTS, {"name": "x" * 81}, "name"),
        (LISTS, {"name": "a\x00b"}, "name"),
        (LISTS, {"name": "a\nb"}, "name"),
        (LISTS, {"name": {"a": 1}}, "name"),
        (LISTS, {"symbols": None}, "symbols"),
        (LISTS, {"symbols": "AAPL"}, "symbols"),
        (LISTS, {"symbols": {"0": "AAPL"}}, "symbols"),
        (LISTS, {"symbols": ["NOT A SYMBOL"]}, "symbols"),
        (LISTS, {"symbols": ["=1+1"]}, "symbols"),
        (LISTS, {"symbols": [""]}, "symbols"),
        (LISTS, {"symbols": [None]}, "symbols"),
        (LISTS, {"symbols": [["AAPL"]]}, "symbols"),
        (LISTS, {"symbols": ["ＡＡＰＬ"]}, "symbols"),
        (LISTS, {"symbols": ["A" * 21]}, "symbols"),
        (LISTS, {"symbols": MANY}, "symbols"),
        (COMPARISONS, {"symbols": ["AAPL"]}, "symbols"),
        (COMPARISONS, {"symbols": ["AAPL", "aapl"]}, "symbols"),
        (COMPARISONS, {"symbols": MANY[:7]}, "symbols"),
        (COMPARISONS, {"range": "2W"}, "range"),
        (COMPARISONS, {"range": None}, "range"),
        (COMPARISONS, {"from": "2026-01-01", "to": "2026-01-02"}, "range"),
        (COMPARISONS, {"range": None, "from": "2026-01-01"}, "to"),
        (COMPARISONS, {"range": None, "to": "2026-01-01"}, "from"),
        (COMPARISONS, {"range": None, "from": "2026-01-02", "to": "2026-01-01"}, "from"),
        (COMPARISONS, {"range": None, "from": "1.1.2026", "to": "2026-01-02"}, "from"),
        (COMPARISONS, {"timeframe": "2min"}, "timeframe"),
        (COMPARISONS, {"mode": "log10"}, "mode"),
        (COMPARISONS, {"shared": "perhaps"}, "shared"),
    ],
)
def test_what_cannot_be_saved_is_named(ada: Caller, address: str, change: dict[str, Any], field: str) -> None:
    body = {**dict(BOTH)[address], **change}

    response = ada.post(address, body)

    assert response.status_code == 400, response.content
    assert response.json().keys() == {field}
    assert ada.get(address).json() == {"results": []}


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "{", "", "\x00", '{"name": NaN}'])
def test_a_body_that_is_no_object_is_400(ada: Caller, body: str) -> None:
    assert ada.post(LISTS, body).status_code == 400


def test_a_body_that_is_too_large_is_413(ada: Caller) -> None:
    response = ada.post(LISTS, {**LIST, "note": "x" * 70_000})

    assert response.status_code == 413
    assert response.json() == {"detail": "Send at most 64 KB.", "code": "too_large"}


def test_the_largest_watchlist_fits(ada: Caller) -> None:
    symbols = [f"AB{number:04d}.XYZ" for number in range(100)]

    assert ada.saved(LISTS, {"name": "ü" * 80, "symbols": symbols})[1]["symbols"] == symbols


def test_a_stale_change_is_refused_with_what_is_there(ada: Caller) -> None:
    one, _ = ada.saved(LISTS, LIST)
    ada.put(one, {**LIST, "name": "First", "version": 1})

    late = ada.put(one, {**LIST, "name": "Second", "version": 1})

    assert late.status_code == 409
    assert late.json()["code"] == "stale"
    assert late.json()["current"] == ada.get(one).json()
    assert late.json()["current"]["name"] == "First"


@pytest.mark.parametrize("version", [None, 0, -1, "x", 1.5, 10**30, [1]])
def test_a_change_says_which_version_it_saw(ada: Caller, version: Any) -> None:
    one, made = ada.saved(LISTS, LIST)

    response = ada.put(one, {**LIST, "version": version} if version is not None else LIST)

    assert response.status_code == 400
    assert response.json().keys() == {"version"}
    assert ada.get(one).json() == made


def at_once(count: int, act: Callable[[int], Any]) -> list[int]:
    """Return the statuses of requests that are sent at the same time."""

    def one(number: int) -> int:
        try:
            status: int = act(number).status_code
            return status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(one, range(count)))


def test_of_changes_at_once_one_stands(ada: Caller) -> None:
    one, _ = ada.saved(LISTS, LIST)

    statuses = at_once(8, lambda number: ada.put(one, {**LIST, "name": f"{number}", "version": 1}))

    assert statuses == [200] + [409] * 7
    assert ada.get(one).json()["version"] == 2


def test_there_are_only_so_many_even_at_once(ada: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.api.saved.views import WatchlistListView

    monkeypatch.setattr(WatchlistListView, "kind", replace(saved.WATCHLIST, most=3))
    assert bob.post(LISTS, LIST).status_code == 201

    statuses = at_once(8, lambda _: ada.post(LISTS, LIST))

    assert statuses == [201] * 3 + [400] * 5
    assert ada.post(LISTS, LIST).json() == {
        "detail": "You have 3 watchlists, as many as there can be. Remove one first.",
        "code": "too_many",
    }
    first = ada.get(LISTS).json()["results"][0]["id"]
    ada.delete(f"{LISTS}{first}/")
    assert ada.post(LISTS, LIST).status_code == 201


def test_a_request_sent_twice_is_done_once(ada: Caller) -> None:
    statuses = at_once(6, lambda _: ada.post(LISTS, LIST, **{"Idempotency-Key": "abc-1"}))

    assert statuses == [201] * 6
    assert len(ada.get(LISTS).json()["results"]) == 1
    other = ada.post(LISTS, {**LIST, "name": "Other"}, **{"Idempotency-Key": "abc-1"})
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert ada.post(COMPARISONS, COMPARISON, **{"Idempotency-Key": "abc-1"}).status_code == 201


@pytest.mark.parametrize("key", ["a b", "x" * 101, "ü"])
def test_a_repeat_key_that_cannot_be_is_400(ada: Caller, key: str) -> None:
    response = ada.post(LISTS, LIST, **{"Idempotency-Key": key})

    assert response.status_code == 400
    assert response.json().keys() == {"Idempotency-Key"}


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


@pytest.mark.parametrize("kind", ["error", "throttle", "cut"])
def test_a_fault_is_503_and_passes(ada: Caller, user_store: str, settings: Any, kind: str) -> None:
    one, _ = ada.saved(LISTS, LIST)
    ways: list[Callable[[], Any]] = [
        lambda: ada.get(LISTS),
        lambda: ada.get(one),
        lambda: ada.post(LISTS, LIST),
        lambda: ada.put(one, {**LIST, "version": 1}),
        lambda: ada.delete(one),
    ]
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        for way in ways:
            # After the one read that says who the request is.
            proxy.fault = Fault(kind, after=1)
            response = way()
            assert response.status_code == 503
            assert int(response["Retry-After"]) > 0
        proxy.fault = None
        # What was cut may have been done all the same; nothing stands in the way of the next request.
        assert [way().status_code for way in (ways[0], ways[2])] == [200, 201]


def test_one_lost_reply_of_each_write_goes_unnoticed(ada: Caller, user_store: str, settings: Any) -> None:
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        proxy.fault = Fault("drop", "TransactWriteItems", times=1)
        one, _ = ada.saved(LISTS, LIST)
        proxy.fault = Fault("drop", "UpdateItem", times=1)
        assert ada.put(one, {**LIST, "version": 1}).json()["version"] == 2
        proxy.fault = Fault("drop", "TransactWriteItems", times=1)
        assert ada.delete(one).status_code == 204

    assert ada.get(LISTS).json() == {"results": []}
