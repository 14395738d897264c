"""The transform `hourly`, on both engines."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pyspark.sql import SparkSession

from market.calendar import NEW_YORK, Phase, session_hours
from tests.builders import SESSION, make_bar, make_session_bars
from tests.spark.frames import Rows, derive

OPEN = session_hours(SESSION).session_open


def new_york_hours(hours: Rows) -> list[int]:
    return [hour["hour_start"].astimezone(NEW_YORK).hour for hour in hours]


def test_hourly_has_a_half_hour_first_and_six_whole_hours(session: SparkSession) -> None:
    hours = derive(session, "hourly", make_session_bars(phases=list(Phase)))

    assert new_york_hours(hours) == [9, 10, 11, 12, 13, 14, 15]
    assert [hour["bar_count"] for hour in hours] == [30, 60, 60, 60, 60, 60, 60]


def test_hourly_ends_at_one_on_a_half_day(session: SparkSession) -> None:
    hours = derive(session, "hourly", make_session_bars(session=date(2026, 11, 27), phases=list(Phase)))

    assert new_york_hours(hours) == [9, 10, 11, 12]
    assert [hour["bar_count"] for hour in hours] == [30, 60, 60, 60]


@pytest.mark.parametrize(
    ("on", "first_hour"),
    [
        (date(2026, 3, 6), datetime(2026, 3, 6, 14, tzinfo=UTC)),
        (date(2026, 3, 9), datetime(2026, 3, 9, 13, tzinfo=UTC)),
    ],
    ids=["standard time", "daylight saving time"],
)
def test_hourly_follows_the_clock_change_of_new_york(session: SparkSession, on: date, first_hour: datetime) -> None:
    hours = derive(session, "hourly", make_session_bars(session=on))

    assert (hours[0]["hour_start"], hours[0]["bar_count"]) == (first_hour, 30)


def test_hourly_skips_hours_without_bars_and_means_over_those_there_are(session: SparkSession) -> None:
    bars = [
        make_bar(bar_start=OPEN, close=10.0, volume=1),
        make_bar(bar_start=OPEN + timedelta(minutes=29), close=20.0, volume=3),
        make_bar(bar_start=OPEN + timedelta(hours=3), close=40.0, volume=0),
    ]

    morning, afternoon = derive(session, "hourly", bars)

    assert (morning["mean_close"], morning["vwap_close"], morning["close"]) == (15.0, 17.5, 20.0)
    assert (afternoon["mean_close"], afternoon["vwap_close"], afternoon["bar_count"]) == (40.0, None, 1)
    assert new_york_hours([morning, afternoon]) == [9, 12]
