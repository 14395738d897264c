"""What cannot be saved is said by field; what cannot be an id is nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from tests.callers import Caller

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


def test_an_id_that_cannot_be_is_404(ada: Caller) -> None:
    for thing_id in ["x", "%00", "..", "A" * 24, "0" * 25, "count%23watchlist", "a" * 3000]:
        one = f"{LISTS}{thing_id}/"
        shared = ada.get(f"{COMPARISONS}shared/{thing_id}/{'0' * 24}/")
        answers = [ada.get(one), ada.put(one, {**LIST, "version": 1}), ada.delete(one), shared]

        assert [answer.status_code for answer in answers] == [404] * 4, thing_id


MANY = [f"A{number}" for number in range(101)]


REFUSED: list[tuple[str, dict[str, Any], str]] = [
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
]


def test_what_cannot_be_saved_is_named(ada: Caller) -> None:
    for address, change, field in REFUSED:
        response = ada.post(address, {**dict(BOTH)[address], **change})

        assert (response.status_code, list(response.json())) == (400, [field]), (change, response.content)
    assert ada.get(LISTS).json() == ada.get(COMPARISONS).json() == {"results": []}


def test_a_body_that_is_no_object_is_400(ada: Caller) -> None:
    for body in ["[]", "null", '"x"', "{", "", "\x00", '{"name": NaN}']:
        assert ada.post(LISTS, body).status_code == 400, body


def test_a_body_that_is_too_large_is_413(ada: Caller) -> None:
    response = ada.post(LISTS, {**LIST, "note": "x" * 70_000})

    assert response.status_code == 413
    assert response.json() == {"detail": "Send at most 64 KB.", "code": "too_large"}


def test_the_largest_watchlist_fits(ada: Caller) -> None:
    symbols = [f"AB{number:04d}.XYZ" for number in range(100)]

    assert ada.saved(LISTS, {"name": "ü" * 80, "symbols": symbols})[1]["symbols"] == symbols


def test_a_change_says_which_version_it_saw(ada: Caller) -> None:
    one, made = ada.saved(LISTS, LIST)
    versions: list[Any] = [0, -1, "x", 1.5, 10**30, [1]]
    for body in [LIST, *({**LIST, "version": version} for version in versions)]:
        response = ada.put(one, body)

        assert (response.status_code, list(response.json())) == (400, ["version"]), body
    assert ada.get(one).json() == made


@pytest.mark.parametrize("key", ["a b", "x" * 101, "ü"])
def test_a_repeat_key_that_cannot_be_is_400(ada: Caller, key: str) -> None:
    response = ada.post(LISTS, LIST, **{"Idempotency-Key": key})

    assert response.status_code == 400
    assert response.json().keys() == {"Idempotency-Key"}
