"""The transform `volatility`, on both engines, against plain programs."""

import itertools
import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import scipy.stats
from pyspark.sql import SparkSession

from market.calendar import session_hours
from tests.builders import SESSION, make_bar, make_session_bars
from tests.spark.frames import derive
from tests.spark.test_indicators import random_bars

OPEN = session_hours(SESSION).session_open
NEXT = date(2026, 10, 2)
MINUTE = timedelta(minutes=1)


def plain_returns(bars: list[dict[str, Any]], every: int) -> list[float]:
    """Return log returns between the last closes of each interval since the open."""
    last = {(bar["bar_start"] - OPEN) // (every * MINUTE): bar["close"] for bar in bars}
    closes = list(last.values())
    return [math.log(now / old) for old, now in itertools.pairwise(closes)]


def squares(returns: list[float]) -> float:
    return math.fsum(r * r for r in returns)


def test_volatility_is_realised_variance_by_sampling_interval(session: SparkSession) -> None:
    bars = random_bars(SESSION, minutes=120)

    (row,) = derive(session, "volatility", bars)

    for every in (1, 5, 15, 30):
        expected = squares(plain_returns(bars, every))
        assert row[f"realised_variance_{every}min"] == pytest.approx(expected, rel=1e-12)
    assert (row["bar_count"], row["return_count_5min"]) == (120, 23)
    assert row["realised_volatility"] == pytest.approx(math.sqrt(252 * row["realised_variance_5min"]), rel=1e-12)


def test_volatility_splits_the_variance_into_jumps_and_signs(session: SparkSession) -> None:
    bars = random_bars(SESSION, minutes=120)
    returns = plain_returns(bars, 5)

    (row,) = derive(session, "volatility", bars)

    neighbours = math.fsum(abs(a * b) for a, b in itertools.pairwise(returns))
    bipower = math.pi / 2 * 23 / 22 * neighbours
    assert row["bipower_variation"] == pytest.approx(bipower, rel=1e-12)
    assert row["jump_share"] == pytest.approx(max(1 - bipower / squares(returns), 0), rel=1e-9, abs=1e-12)
    assert row["up_semivariance"] == pytest.approx(squares([r for r in returns if r > 0]), rel=1e-12)
    assert row["up_semivariance"] + row["down_semivariance"] == pytest.approx(squares(returns), rel=1e-12)


def test_volatility_takes_moments_of_minute_returns_as_scipy_does(session: SparkSession) -> None:
    bars = random_bars(SESSION, minutes=120)
    returns = np.array(plain_returns(bars, 1))

    (row,) = derive(session, "volatility", bars)

    assert row["skewness"] == pytest.approx(scipy.stats.skew(returns), rel=1e-9)
    assert row["excess_kurtosis"] == pytest.approx(scipy.stats.kurtosis(returns), rel=1e-9)


def test_volatility_reads_ranges_from_the_session_bar(session: SparkSession) -> None:
    bars = [
        make_bar(bar_start=OPEN, open=100.0, high=104.0, low=99.0, close=103.0),
        make_bar(bar_start=OPEN + MINUTE, open=103.0, high=105.0, low=98.0, close=101.0),
    ]

    (row,) = derive(session, "volatility", bars)

    spread, body = math.log(105 / 98), math.log(101 / 100)
    assert row["parkinson"] == pytest.approx(spread**2 / (4 * math.log(2)), rel=1e-12)
    assert row["garman_klass"] == pytest.approx(spread**2 / 2 - (2 * math.log(2) - 1) * body**2, rel=1e-12)
    up = math.log(105 / 101) * math.log(105 / 100)
    assert row["rogers_satchell"] == pytest.approx(up + math.log(98 / 101) * math.log(98 / 100), rel=1e-12)


def test_volatility_adds_the_night_where_the_session_before_is_there(session: SparkSession) -> None:
    later = date(2026, 10, 20)
    bars = random_bars(SESSION, NEXT, later, minutes=20)
    bars[20] = bars[20] | {"open": 110.0}

    first, second, after_a_gap = derive(session, "volatility", bars)

    night = math.log(110.0 / bars[19]["close"])
    assert second["overnight_return"] == pytest.approx(night, rel=1e-12)
    added = second["realised_variance_with_overnight"] - second["realised_variance_5min"]
    assert added == pytest.approx(night**2, rel=1e-9)
    for row in (first, after_a_gap):
        assert (row["overnight_return"], row["realised_variance_with_overnight"]) == (None, None)


def test_volatility_steps_over_minutes_without_bars(session: SparkSession) -> None:
    bars = random_bars(SESSION, minutes=60)
    thin = bars[:10] + bars[31:33] + bars[55:]

    (row,) = derive(session, "volatility", thin)

    assert row["return_count_5min"] == 3
    assert row["realised_variance_5min"] == pytest.approx(squares(plain_returns(thin, 5)), rel=1e-12)


def test_volatility_of_one_bar_has_ranges_only(session: SparkSession) -> None:
    (row,) = derive(session, "volatility", [make_bar()])

    measured = {name for name, value in row.items() if isinstance(value, float)}
    assert measured == {"parkinson", "garman_klass", "rogers_satchell", "dollar_volume"}
    assert (row["bar_count"], row["return_count_5min"]) == (1, 0)


def test_volatility_of_a_price_that_stands_still_is_zero_without_a_jump_share(session: SparkSession) -> None:
    still = make_session_bars(minutes=60, open=50.0, high=50.0, low=50.0, close=50.0)

    (row,) = derive(session, "volatility", still)

    assert (row["realised_variance_5min"], row["realised_volatility"], row["parkinson"]) == (0.0, 0.0, 0.0)
    assert (row["jump_share"], row["skewness"], row["excess_kurtosis"]) == (None, None, None)


def test_volatility_knows_the_minutes_of_winter_time(session: SparkSession) -> None:
    winter = date(2026, 11, 3)

    (row,) = derive(session, "volatility", make_session_bars(session=winter, minutes=32))

    assert row["return_count_5min"] == 6


@pytest.mark.parametrize(
    ("opened", "low", "high", "filled"),
    [(110.0, 105.0, 112.0, False), (110.0, 99.0, 112.0, True), (90.0, 88.0, 100.0, True), (90.0, 88.0, 99.9, False)],
)
def test_an_opening_gap_is_filled_when_the_range_reaches_the_close_before(
    session: SparkSession, opened: float, low: float, high: float, filled: bool
) -> None:
    before = make_bar(close=100.0)
    after = make_bar(
        session=date(2026, 10, 2),
        bar_start=session_hours(date(2026, 10, 2)).session_open,
        open=opened,
        low=low,
        high=high,
        close=high,
        volume=50,
    )

    first, second = derive(session, "volatility", [before, after])

    assert (first["opening_gap"], first["gap_filled"], first["amihud_illiquidity"]) == (None, None, None)
    assert (second["opening_gap"], second["gap_filled"]) == (pytest.approx(opened / 100 - 1), filled)
    assert second["dollar_volume"] == pytest.approx(high * 50)
    assert second["amihud_illiquidity"] == pytest.approx(abs(high / 100 - 1) / (high * 50))
