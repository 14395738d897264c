"""The transform `quality`, on both engines."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pyspark.sql import SparkSession

from market.calendar import Phase, session_hours
from tests.builders import FETCHED_AT, SESSION, make_bar, make_session_bars
from tests.spark.frames import derive

OPEN = session_hours(SESSION).session_open
MINUTE = timedelta(minutes=1)


def test_quality_counts_what_is_there_and_what_is_wrong_with_it(session: SparkSession) -> None:
    bars = make_session_bars()[:-3] + make_session_bars(phases=[Phase.PRE], minutes=5)
    bars[3] = bars[3] | {"flags": ["non_positive_price", "ohlc_repaired"], "quarantined": True}
    bars[4] = bars[4] | {"flags": ["ohlc_repaired"]}
    bars[-1] = bars[-1] | {"flags": ["bad_print"], "quarantined": True}

    (row,) = derive(session, "quality", bars)

    assert row == {
        "symbol": "AAPL",
        "month": "2026-10",
        "session": SESSION,
        "expected_minutes": 390,
        "present_minutes": 387,
        "missing_minutes": 3,
        "quarantined_minutes": 1,
        "repaired_minutes": 2,
        "bar_count": 392,
        "quarantined_bars": 2,
        "last_bar_start": OPEN + 386 * MINUTE,
        "provider": "alpha_vantage",
        "fetched_at": FETCHED_AT,
    }


@pytest.mark.parametrize(
    ("on", "expected"), [(date(2025, 11, 28), 210), (date(2025, 11, 3), 390)], ids=["half day", "winter time"]
)
def test_quality_expects_the_minutes_of_the_calendar(session: SparkSession, on: date, expected: int) -> None:
    (row,) = derive(session, "quality", make_session_bars(session=on, minutes=10))

    assert (row["expected_minutes"], row["missing_minutes"]) == (expected, expected - 10)


def test_quality_expects_only_what_was_over_when_the_bars_were_fetched(session: SparkSession) -> None:
    bars = make_session_bars(minutes=20, fetched_at=OPEN + 30 * MINUTE + timedelta(seconds=59))

    (row,) = derive(session, "quality", bars)

    assert (row["expected_minutes"], row["missing_minutes"]) == (30, 10)


def test_quality_believes_bars_over_a_clock_that_is_behind(session: SparkSession) -> None:
    (row,) = derive(session, "quality", make_session_bars(minutes=20, fetched_at=datetime(2026, 1, 1, tzinfo=UTC)))

    assert (row["expected_minutes"], row["missing_minutes"]) == (20, 0)


def test_quality_of_a_session_without_regular_bars_misses_all_of_them(session: SparkSession) -> None:
    (row,) = derive(session, "quality", [make_bar(bar_start=OPEN - MINUTE)])

    assert (row["present_minutes"], row["missing_minutes"], row["bar_count"]) == (0, 390, 1)
