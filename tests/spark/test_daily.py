"""The transform `daily`, on both engines."""

import random
from datetime import date, timedelta

import pytest
from pyspark.sql import SparkSession

from market.calendar import Phase, session_hours
from tests.builders import SESSION, make_bar, make_session_bars
from tests.spark.frames import derive

OPEN = session_hours(SESSION).session_open
MINUTE = timedelta(minutes=1)


def test_daily_says_what_the_regular_bars_did(session: SparkSession) -> None:
    bars = [
        make_bar(bar_start=OPEN, open=10.0, high=12.0, low=9.0, close=11.0, volume=100),
        make_bar(bar_start=OPEN + MINUTE, open=11.0, high=11.5, low=8.0, close=8.5, volume=300),
        make_bar(bar_start=OPEN + 5 * MINUTE, open=8.0, high=9.5, low=8.0, close=9.0, volume=0),
    ]

    (day,) = derive(session, "daily", bars)

    assert day == {
        "symbol": "AAPL",
        "month": "2026-10",
        "session": SESSION,
        "bar_count": 3,
        "open": 10.0,
        "high": 12.0,
        "low": 8.0,
        "close": 9.0,
        "volume": 400,
        "mean_open": pytest.approx(29 / 3, rel=1e-15),
        "mean_high": 11.0,
        "mean_low": pytest.approx(25 / 3, rel=1e-15),
        "mean_close": 9.5,
        "vwap_close": (11.0 * 100 + 8.5 * 300) / 400,
        "volume_all_phases": 400,
    }


def test_daily_leaves_out_extended_hours_and_the_auction_but_for_their_volume(session: SparkSession) -> None:
    bars = make_session_bars(phases=[Phase.REGULAR], volume=1, first_close=50.0, step=0.0)
    around = make_session_bars(phases=[Phase.PRE, Phase.AUCTION, Phase.POST], volume=10, first_close=90.0, step=0.0)

    (day,) = derive(session, "daily", bars + around)

    assert (day["bar_count"], day["high"], day["close"], day["mean_close"]) == (390, 50.05, 50.0, 50.0)
    assert (day["volume"], day["volume_all_phases"]) == (390, 390 + 10 * len(around))


def test_daily_leaves_out_quarantined_bars_but_for_their_shares_in_all_phases(session: SparkSession) -> None:
    good = make_bar(bar_start=OPEN, close=100.5, volume=7)
    bad = make_bar(bar_start=OPEN + MINUTE, high=9e6, close=9e6, volume=5, flags=["bad_print"], quarantined=True)
    informed = make_bar(bar_start=OPEN + 2 * MINUTE, close=100.5, volume=2, flags=["ohlc_repaired"])

    (day,) = derive(session, "daily", [good, bad, informed])

    assert (day["bar_count"], day["high"], day["close"]) == (2, 101.0, 100.5)
    assert (day["volume"], day["volume_all_phases"]) == (9, 14)


def test_daily_counts_210_minutes_on_a_half_day(session: SparkSession) -> None:
    half_day = date(2026, 11, 27)
    bars = make_session_bars(session=half_day, phases=list(Phase))

    (day,) = derive(session, "daily", bars)

    assert (day["session"], day["bar_count"]) == (half_day, 210)


def test_daily_has_no_row_for_a_session_without_regular_bars(session: SparkSession) -> None:
    assert derive(session, "daily", make_session_bars(phases=[Phase.PRE])) == []


def test_daily_has_no_vwap_without_volume(session: SparkSession) -> None:
    (day,) = derive(session, "daily", [make_bar(volume=0)])

    assert (day["vwap_close"], day["mean_close"], day["volume"]) == (None, 100.5, 0)


def test_daily_keeps_a_symbol_that_looks_like_a_number(session: SparkSession) -> None:
    days = derive(session, "daily", [make_bar(symbol="0700"), make_bar(symbol="1E3")])

    assert [day["symbol"] for day in days] == ["0700", "1E3"]


def test_daily_is_the_same_to_the_bit_in_any_order_of_rows(session: SparkSession) -> None:
    prices = random.Random(1)
    bars = [bar | {"close": round(prices.uniform(1, 900), 4)} for bar in make_session_bars()]
    shuffled = random.Random(2).sample(bars, len(bars))

    assert derive(session, "daily", bars) == derive(session, "daily", shuffled)
