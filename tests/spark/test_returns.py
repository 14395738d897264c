"""The transform `returns`, on both engines."""

import math
from datetime import date, timedelta

import pytest
from pyspark.sql import SparkSession

from market.calendar import Phase, session_hours
from tests.builders import SESSION, make_bar, make_session_bars
from tests.spark.frames import derive

OPEN = session_hours(SESSION).session_open
NEXT = date(2026, 10, 2)
MINUTE = timedelta(minutes=1)


def test_returns_compare_with_the_bar_before_and_with_the_first_open(session: SparkSession) -> None:
    bars = [
        make_bar(bar_start=OPEN, open=100.0, close=110.0),
        make_bar(bar_start=OPEN + MINUTE, close=99.0),
        make_bar(bar_start=OPEN + 7 * MINUTE, close=198.0),
    ]

    first, second, after_a_gap = derive(session, "returns", bars)

    assert (first["simple_return"], first["log_return"]) == (None, None)
    assert first["cumulative_return"] == pytest.approx(0.1, rel=1e-12)
    assert second["simple_return"] == pytest.approx(-0.1, rel=1e-12)
    assert second["log_return"] == pytest.approx(math.log(0.9), rel=1e-12)
    assert (after_a_gap["simple_return"], after_a_gap["cumulative_return"]) == (1.0, 0.98)


def test_returns_over_night_are_on_the_first_bar_of_a_session_only(session: SparkSession) -> None:
    bars = [
        make_bar(bar_start=OPEN, close=110.0),
        make_bar(bar_start=OPEN + MINUTE, close=100.0),
        make_bar(bar_start=session_hours(NEXT).session_open, open=120.0, close=130.0),
        make_bar(bar_start=session_hours(NEXT).session_open + MINUTE, open=125.0, close=130.0),
    ]

    rows = derive(session, "returns", bars)

    assert [row["overnight_return"] for row in rows] == [None, None, pytest.approx(0.2, rel=1e-12), None]
    assert [row["simple_return"] is None for row in rows] == [True, False, True, False]
    assert rows[2]["cumulative_return"] == pytest.approx(130 / 120 - 1, rel=1e-12)


def test_returns_over_night_skip_extended_hours_and_quarantined_bars(session: SparkSession) -> None:
    bars = make_session_bars(phases=[Phase.POST], first_close=500.0)
    bars += [
        make_bar(bar_start=OPEN, close=100.0),
        make_bar(bar_start=OPEN + MINUTE, close=9e6, flags=["bad_print"], quarantined=True),
        make_bar(bar_start=session_hours(SESSION).session_close, close=700.0),
        make_bar(bar_start=session_hours(NEXT).session_open, open=101.0),
    ]

    rows = derive(session, "returns", bars)

    assert [row["overnight_return"] for row in rows] == [None, pytest.approx(0.01, rel=1e-12)]


def test_returns_over_night_reach_over_a_long_weekend_but_not_over_missing_bars(session: SparkSession) -> None:
    friday, tuesday, months_later = date(2026, 7, 2), date(2026, 7, 7), date(2026, 7, 30)
    bars = [make_bar(bar_start=session_hours(on).session_open) for on in (friday, tuesday, months_later)]

    rows = derive(session, "returns", bars)

    assert [row["overnight_return"] is None for row in rows] == [True, False, True]


def test_returns_keep_symbols_and_parts_apart(session: SparkSession) -> None:
    bars = [make_bar(symbol=symbol, bar_start=OPEN + MINUTE * n) for n in range(2) for symbol in ("AAPL", "MSFT")]
    bars.append(make_bar(bar_start=OPEN, month="2026-11"))

    rows = derive(session, "returns", bars)

    assert [(row["symbol"], row["month"], row["simple_return"]) for row in rows] == [
        ("AAPL", "2026-10", None),
        ("AAPL", "2026-10", 0.0),
        ("AAPL", "2026-11", None),
        ("MSFT", "2026-10", None),
        ("MSFT", "2026-10", 0.0),
    ]
