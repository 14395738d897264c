"""Saving at the same time, again, and while DynamoDB misbehaves: bounded, versioned, done once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from accounts import saved
from tests.callers import Caller, at_once
from tests.faulty_proxy import Fault, faulty_proxy

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]
LISTS, COMPARISONS = "/api/v1/watchlists/", "/api/v1/comparisons/"
LIST = {"name": "Chips", "symbols": ["nvda", "AMD", "brk-b"]}
COMPARISON = {"name": "Giants", "symbols": ["AAPL", "MSFT"], "range": "1M"}


@pytest.fixture
def ada(make_user: Callable[..., Any]) -> Caller:
    make_user("ada", role="analyst")
    return Caller("ada")


@pytest.fixture
def bob(make_user: Callable[..., Any]) -> Caller:
    make_user("bob", role="analyst")
    return Caller("bob")


def test_a_stale_change_is_refused_with_what_is_there(ada: Caller) -> None:
    one, _ = ada.saved(LISTS, LIST)
    ada.put(one, {**LIST, "name": "First", "version": 1})

    late = ada.put(one, {**LIST, "name": "Second", "version": 1})

    assert late.status_code == 409
    assert late.json()["code"] == "stale"
    assert late.json()["current"] == ada.get(one).json()
    assert late.json()["current"]["name"] == "First"


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
