"""Several providers in a row: the next is asked where one refuses a cell for good or has nothing of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_django import Settings

from market.lake.location import Lake
from market.limits import Limits
from tests import paged_vendors
from tests.fetching import Fetch, bars, manifests, rows, words
from tests.paged_vendors import KEY, SECRET, PagedVendor

CELL = ("--provider", "alpaca,massive", "--symbols", "AAPL", "--months", "2026-09")


@dataclass
class Two:
    """The first and the second vendor."""

    alpaca: PagedVendor
    massive: PagedVendor


@pytest.fixture
def two(settings: Settings) -> Iterator[Two]:
    settings.ALPACA_API_KEY_ID = settings.MASSIVE_API_KEY = KEY
    settings.ALPACA_API_SECRET_KEY = SECRET
    with paged_vendors.alpaca_standin() as alpaca, paged_vendors.massive_standin() as massive:
        settings.ALPACA_URL, settings.MASSIVE_URL = alpaca.url, massive.url
        alpaca.page_size = massive.page_size = 50_000
        yield Two(alpaca, massive)


def sources(lake: Lake) -> set[object]:
    return set(rows(lake)["provider"].to_pylist())


def test_the_first_that_can_is_the_only_one_asked(lake: Lake, fetch: Fetch, two: Two) -> None:
    ran = fetch(*CELL)

    assert (ran.code, sources(lake), two.massive.calls) == (0, {"alpaca"}, [])


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("unknown_symbol", "alpaca: HTTP status 400. Alpaca knows no such symbol"),
        ("empty_series", "alpaca: Alpaca has no bars for it"),
        ("bad_key", "alpaca was left out: HTTP status 403. Alpaca does not know this key pair"),
        ("paywall", "alpaca was left out"),
    ],
)
def test_the_second_is_asked_where_the_first_cannot(
    lake: Lake, fetch: Fetch, two: Two, tmp_path: Path, fault: str, why: str
) -> None:
    two.alpaca.queue(fault)

    ran = fetch(*CELL)

    assert ran.code == 0, ran.output
    assert sources(lake) == {"massive"}
    assert why in words(ran.output)
    assert "bars from massive" in ran.output
    # Both replies are kept, each with what came of it.
    assert {manifest["provider"] for manifest in manifests(tmp_path / "lake")} == {"alpaca", "massive"}


def test_each_month_is_had_from_whoever_has_it_and_the_report_says_from_whom(
    lake: Lake, fetch: Fetch, two: Two
) -> None:
    two.alpaca.queue("ok", "ok", "ok", "empty_series")

    ran = fetch(*CELL, "2026-08")

    assert ran.code == 0, ran.output
    table = rows(lake)
    assert {*zip(table["month"].to_pylist(), table["provider"].to_pylist(), strict=True)} == {
        ("2026-09", "alpaca"),
        ("2026-08", "massive"),
    }
    assert "bars from alpaca: 1 symbol-months" in ran.output
    version = bars(lake).version
    assert "2 already final" in fetch(*CELL, "2026-08").output
    assert bars(lake).version == version


@pytest.mark.parametrize("fault", ["throttle", "http_500", "drop"])
def test_what_may_pass_is_no_reason_to_ask_another(lake: Lake, fetch: Fetch, two: Two, fault: str) -> None:
    two.alpaca.queue(*[fault] * 6)

    ran = fetch(*CELL)

    assert (ran.code, rows(lake).num_rows, two.massive.calls) == (1, 0, [])


def test_what_nobody_has_is_told_with_what_each_said(fetch: Fetch, two: Two) -> None:
    two.alpaca.queue("empty_series")
    two.massive.queue("unknown_symbol")

    ran = fetch(*CELL)

    assert ran.code == 1
    assert "alpaca: Alpaca has no bars for it" in words(ran.output)
    assert "massive: HTTP status 404. Massive knows no such symbol" in words(ran.output)


def test_a_day_that_is_used_up_leads_to_the_next(lake: Lake, fetch: Fetch, two: Two, settings: Settings) -> None:
    settings.REQUEST_LIMITS = {"alpaca": Limits(per_day=3)}

    ran = fetch(*CELL, "2026-08")

    assert ran.code == 0, ran.output
    assert sources(lake) == {"alpaca", "massive"}
    assert "alpaca was left out: Today's requests" in words(ran.output)


@pytest.mark.parametrize(
    ("limits", "months", "said"),
    [
        ({}, ("2026-08",), ["6 requests to alpaca, done by"]),
        # Two cells at three requests each fit into the day; the others are the second's at once.
        (
            {"alpaca": Limits(per_day=7)},
            ("2026-08", "2026-07"),
            ["6 requests to alpaca on 1 day", "1 request to massive, done"],
        ),
        ({}, ("2015-12",), ["3 requests to alpaca, done", "1 request to massive, done"]),
        (
            {"alpaca": Limits(per_day=3), "massive": Limits(per_day=1)},
            ("2026-08", "2026-07", "2026-06"),
            ["6 requests to alpaca on 2 days", "2 requests to massive on 2 days"],
        ),
        ({"alpaca": Limits(per_day=2)}, ("2026-08",), ["2 requests to massive, done"]),
    ],
    ids=["one is enough", "the day's rest", "before the first begins", "both are limited", "less than a month needs"],
)
def test_a_dry_run_foresees_who_is_asked_how_much(
    lake: Lake,
    fetch: Fetch,
    two: Two,
    settings: Settings,
    limits: dict[str, Limits],
    months: tuple[str, ...],
    said: list[str],
) -> None:
    settings.REQUEST_LIMITS = limits

    ran = fetch(*CELL, *months, "--dry-run")

    last = ran.output.splitlines()[-1]
    assert (ran.code, [text in last for text in said]) == (0, [True] * len(said)), last
    assert last.count("request") == len(said) + 1, "what one of them lacks costs a request more"
    assert two.alpaca.calls == two.massive.calls == []


def test_a_month_before_the_first_begins_is_the_seconds(lake: Lake, fetch: Fetch, two: Two) -> None:
    ran = fetch(*CELL[:-1], "2015-12")

    assert (ran.code, sources(lake), two.alpaca.calls) == (0, {"massive"}, [])


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("alpaca,synthetic", "stands alone"),
        ("alpaca,files", "stands alone"),
        ("alpaca,nobody", "There is no provider 'nobody'"),
    ],
)
def test_a_list_with_a_mistake_is_refused(fetch: Fetch, two: Two, names: str, message: str) -> None:
    ran = fetch("--provider", names, *CELL[2:])

    assert (ran.code, message in ran.output) == (2, True), ran.output
