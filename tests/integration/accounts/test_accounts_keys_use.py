"""What the use of an API key costs, leaves behind, and meets when DynamoDB misbehaves."""

import logging
import time
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model

from accounts import keys
from accounts.dynamo import owned
from tests.callers import KEYS, Caller, ask_with
from tests.faulty_proxy import Fault, faulty_proxy

User = get_user_model()
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("user_store")]


@pytest.fixture
def ada(make_user: Callable[..., Any]) -> Caller:
    make_user("ada", role="analyst")
    return Caller("ada")


def test_a_request_costs_one_read_and_one_count(ada: Caller, user_store: str, settings: Any) -> None:
    key = ada.key()
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        ask_with(key)
        first = proxy.operations()
        ask_with(key)

    assert first == ["BatchGetItem", "UpdateItem", "UpdateItem"]
    assert proxy.operations()[len(first) :] == ["BatchGetItem", "UpdateItem"]


def test_the_last_use_is_exact_to_five_minutes(ada: Caller) -> None:
    key = ada.key()
    now = int(time.time())
    for seconds in (0, 200, 400):
        with time_machine.travel(now + seconds, tick=False):
            ask_with(key)

    (listed,) = ada.listed_keys()
    assert time.strptime(listed["used_at"], "%Y-%m-%dT%H:%M:%SZ")
    (row,) = keys.find_all(User.objects.get(pk="ada").uid)
    assert row.used_at == now + 400


def test_a_use_that_cannot_be_noted_does_not_stop_the_request(ada: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    from accounts.errors import StoreUnavailable

    def fail(*_: Any) -> None:
        raise StoreUnavailable

    key = ada.key()
    monkeypatch.setattr(owned, "note_use", fail)

    assert ask_with(key).status_code == 200


def test_a_key_used_too_often_is_told_to_wait(ada: Caller, settings: Any) -> None:
    settings.API_KEY_REQUESTS_PER_MINUTE = 2
    busy, other = ada.key(), ada.key()
    with time_machine.travel(time.time() // 60 * 60 + 5, tick=False):
        statuses = [ask_with(busy).status_code for _ in range(3)]
        tile = ask_with(busy, "/api/v1/tiles/bars/AAPL/2025-11/")
        nowhere = ask_with(busy, "/api/v1/nowhere/")
        last = ask_with(busy)

        assert statuses == [200, 200, 429]
        assert (last["Retry-After"], last.json()["code"]) == ("55", "too_many")
        assert (tile.status_code, tile["Retry-After"]) == (429, "55")
        assert nowhere.status_code == 429
        assert ask_with(other).status_code == 200


@pytest.mark.parametrize("kind", ["error", "throttle", "cut"])
def test_a_fault_is_503_and_passes(ada: Caller, user_store: str, settings: Any, kind: str) -> None:
    key = ada.key()
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        proxy.fault = Fault(kind)
        for response in (ask_with(key), ask_with(key, "/api/v1/tiles/bars/AAPL/2025-11/"), ada.make_key()):
            assert response.status_code == 503
            assert int(response["Retry-After"]) > 0
        proxy.fault = None
        assert ask_with(key).status_code == 200


def test_a_lost_reply_makes_one_key(ada: Caller, user_store: str, settings: Any) -> None:
    with faulty_proxy(user_store) as proxy:
        settings.AWS_ENDPOINT_URL_DYNAMODB = proxy.url
        proxy.fault = Fault("drop", "TransactWriteItems", times=1)
        key = ada.key()
        proxy.fault = Fault("drop", "TransactWriteItems", times=1)
        assert ada.client.delete(f"{KEYS}{ada.listed_keys()[0]['id']}/").status_code == 204

    settings.AWS_ENDPOINT_URL_DYNAMODB = user_store
    assert ask_with(key).status_code == 401
    assert ada.listed_keys() == []


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


def test_no_log_line_holds_a_key(ada: Caller, written: StringIO) -> None:
    key = ada.key()
    ask_with(key)
    ask_with(key + "x")
    ask_with(key, KEYS)
    ask_with(key, f"/api/v1/nowhere/?key={key}")
    logging.getLogger("accounts").warning("sent %s", key, extra={"header": f"Bearer {key}", "given": key})

    assert "account event" in written.getvalue()
    assert "given" in written.getvalue()
    assert key.partition(".")[2] not in written.getvalue()
