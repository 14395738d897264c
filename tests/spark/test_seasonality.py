"""The transform `seasonality`, on both engines, against a plain program."""

import math
from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from pyspark.sql import SparkSession

from market.calendar import session_hours
from tests.builders import SESSION, make_bar
from tests.spark.frames import derive
from tests.spark.test_indicators import random_bars

DAYS = (SESSION, date(2026, 10, 2), date(2026, 10, 5))
MINUTE = timedelta(minutes=1)


def minute_of(bar: dict[str, Any]) -> int:
    return int((bar["bar_start"] - session_hours(bar["session"]).session_open) / MINUTE)


def test_seasonality_averages_each_minute_over_the_sessions(session: SparkSession) -> None:
    bars = random_bars(*DAYS, minutes=8)
    del bars[10]
    volumes, returns = defaultdict(list), defaultdict(list)
    for bar in bars:
        volumes[minute_of(bar)].append(bar["volume"])
    for old, new in pairwise(bars):
        if old["session"] == new["session"]:
            returns[minute_of(new)].append(abs(math.log(new["close"] / old["close"])))
    total = sum(bar["volume"] for bar in bars)

    rows = derive(session, "seasonality", bars)

    assert [row["minute_of_session"] for row in rows] == list(range(8))
    for minute, row in enumerate(rows):
        assert row["session_count"] == len(volumes[minute])
        assert row["mean_volume"] == pytest.approx(sum(volumes[minute]) / len(volumes[minute]), rel=1e-12)
        assert row["volume_share"] == pytest.approx(sum(volumes[minute]) / total, rel=1e-12)
        moved = returns[minute]
        mean = pytest.approx(sum(moved) / len(moved), rel=1e-12) if moved else None
        assert row["mean_absolute_return"] == mean
    assert rows[-1]["mean_cumulative_volume"] == pytest.approx(total / 3, rel=1e-12)


def test_seasonality_leaves_sessions_out_of_minutes_they_did_not_reach(session: SparkSession) -> None:
    short, long = random_bars(SESSION, minutes=3), random_bars(DAYS[1], minutes=5)

    rows = derive(session, "seasonality", short + long)

    counts = [row["session_count"] for row in rows]
    assert counts == [2, 2, 2, 1, 1]
    assert rows[3]["mean_cumulative_volume"] == sum(bar["volume"] for bar in long[:4])


def test_seasonality_of_one_bar_without_volume_has_no_share_and_no_return(session: SparkSession) -> None:
    (row,) = derive(session, "seasonality", [make_bar(volume=0)])

    assert (row["minute_of_session"], row["session_count"], row["mean_volume"]) == (0, 1, 0.0)
    assert (row["volume_share"], row["mean_absolute_return"]) == (None, None)
