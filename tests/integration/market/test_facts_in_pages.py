"""`fetch_facts` from the vendors that answer in pages: their splits, dividends and daily figures."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from market.actions import daily_figures_table, read_daily
from market.lake.location import Lake
from market.lake.snapshots import Part
from market.models import RequestAttempt
from tests import paged_vendors
from tests.fetching import everything_written
from tests.integration.market.test_fetch_facts import actions, run
from tests.paged_vendors import KEY, SECRET, PagedVendor

pytestmark = pytest.mark.django_db
Entries = list[dict[str, Any]]

# Midnight in New York, before and after the clocks change.
BARS = {"o": 1.0, "h": 3.0, "l": 0.5, "c": 2.0, "v": 1000.0, "n": 1, "vw": 2.0}
ALPACA: dict[str, Entries] = {
    "forward_split": [
        {
            "new_rate": 7,
            "old_rate": 1,
            "ex_date": "2014-06-09",
            "process_date": "2014-06-09",
            "payable_date": "2014-06-06",
        },
        {"new_rate": 4, "old_rate": 1, "ex_date": "2020-08-31", "process_date": "2020-08-31"},
    ],
    "reverse_split": [{"new_rate": 1, "old_rate": 8, "ex_date": "2021-08-02", "process_date": "2021-08-02"}],
    "stock_dividend": [{"rate": 0.05, "ex_date": "2022-03-01", "process_date": "2022-03-01"}],
    "cash_dividend": [{"rate": 0.26, "ex_date": "2026-11-09", "special": False, "record_date": "2026-11-10"}],
    "1Day": [{"t": "2026-10-30T04:00:00Z", **BARS}, {"t": "2026-11-02T05:00:00Z", **BARS, "c": 2.5}],
}
MASSIVE: dict[str, Entries] = {
    "splits": [
        {"execution_date": "2014-06-09", "split_from": 1, "split_to": 7, "ticker": "AAPL"},
        {"execution_date": "2020-08-31", "split_from": 1, "split_to": 4, "ticker": "AAPL"},
        {"execution_date": "2021-08-02", "split_from": 8, "split_to": 1, "ticker": "AAPL"},
        {"execution_date": "2022-03-01", "split_from": 100, "split_to": 105, "ticker": "AAPL"},
    ],
    "dividends": [
        {"ex_dividend_date": "2026-11-09", "cash_amount": 0.26, "currency": "USD", "pay_date": "2026-11-12"},
        {"ex_dividend_date": "2026-05-09", "cash_amount": 0.9, "currency": "EUR"},
    ],
    "day": [{"t": 1793332800000, **BARS}, {"t": 1793595600000, **BARS, "c": 2.5}],
}


@dataclass
class Told:
    """A vendor that is asked by name, and the words by which it tells its kinds."""

    name: str
    vendor: PagedVendor
    splits: str


@pytest.fixture(params=["alpaca", "massive"])
def told(request: pytest.FixtureRequest, settings: Settings, lake: Lake) -> Iterator[Told]:
    settings.REQUEST_LIMITS = {}
    settings.ALPACA_API_KEY_ID, settings.ALPACA_API_SECRET_KEY, settings.MASSIVE_API_KEY = KEY, SECRET, KEY
    name: str = request.param
    start, facts, splits = {
        "alpaca": (paged_vendors.alpaca_standin, ALPACA, "forward_split"),
        "massive": (paged_vendors.massive_standin, MASSIVE, "splits"),
    }[name]
    with start() as vendor:
        vendor.facts = deepcopy(facts)
        settings.ALPACA_URL = settings.MASSIVE_URL = vendor.url
        yield Told(name, vendor, splits)


def test_splits_dividends_and_days_are_in_the_lake_once(lake: Lake, told: Told) -> None:
    told.vendor.page_size = 2

    first = run("--symbols", "AAPL", "--provider", told.name)
    asked = len(told.vendor.calls)
    second = run("--symbols", "AAPL", "--provider", told.name)

    assert (first.code, second.code) == (0, 0), first.output + second.output
    assert "4 splits, 1 dividends, 2 daily figures" in first.output
    assert "all known already" in second.output
    assert actions(lake) == [
        (date(2014, 6, 9), "split", 7.0),
        (date(2020, 8, 31), "split", 4.0),
        (date(2021, 8, 2), "split", 0.125),
        (date(2022, 3, 1), "split", 1.05),
        (date(2026, 11, 9), "dividend", 0.26),
    ]
    november = read_daily(daily_figures_table(lake).snapshot(), Part("AAPL", "2026-11"))
    assert {session: row["close"] for session, row in november.items()} == {date(2026, 11, 2): 2.5}
    # Every page is counted against the key's limits, and none of it tells the key.
    assert asked > 3
    assert RequestAttempt.objects.filter(budget__provider=told.name).count() == 2 * asked
    written = everything_written(Path(lake.storage.path("")))
    assert KEY.encode() not in written
    assert SECRET.encode() not in written


def test_a_symbol_without_splits_has_none(lake: Lake, told: Told) -> None:
    told.vendor.facts = {kind: entries for kind, entries in told.vendor.facts.items() if kind in ("1Day", "day")}

    ran = run("--symbols", "AAPL", "--provider", told.name)

    assert ran.code == 0, ran.output
    assert "0 splits, 0 dividends, 2 daily figures" in ran.output
    assert actions(lake) == []


@pytest.mark.parametrize("rate", [0, "seven", None, 1e9])
def test_a_split_that_makes_no_sense_changes_nothing(lake: Lake, told: Told, rate: object) -> None:
    run("--symbols", "AAPL", "--provider", told.name)
    before = actions(lake)
    told.vendor.facts[told.splits][0] |= {"new_rate": rate, "split_to": rate}

    ran = run("--symbols", "AAPL", "--provider", told.name)

    assert ran.code == 1
    assert "SPLITS: an entry cannot be read" in ran.output
    assert actions(lake) == before


def test_a_vendor_that_is_busy_is_asked_again(lake: Lake, told: Told) -> None:
    told.vendor.queue("throttle")

    ran = run("--symbols", "AAPL", "--provider", told.name)

    assert ran.code == 0, ran.output
    assert ran.sleeps
    assert len(actions(lake)) == 5


def test_a_key_that_is_refused_ends_the_run_with_what_to_do(lake: Lake, told: Told, settings: Settings) -> None:
    settings.ALPACA_API_KEY_ID = settings.MASSIVE_API_KEY = "another-key-0123456789"

    ran = run("--symbols", "AAPL", "MSFT", "--provider", told.name)

    assert ran.code == 1
    assert "API_KEY" in ran.output
    assert len(told.vendor.calls) == 1
