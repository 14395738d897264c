"""The session table, over half days, clock changes and holidays."""

from datetime import date

import numpy as np
import pytest

from analytics.queries.instants import minute_of
from analytics.queries.sessions import session_table
from market.calendar import session_hours, sessions_in_range


def test_half_days_have_210_minutes_and_holidays_no_row() -> None:
    rows = session_table().between(date(2025, 11, 26), date(2025, 12, 1)).rows()

    assert [(row[0], row[2]) for row in rows] == [("2025-11-26", 390), ("2025-11-28", 210), ("2025-12-01", 390)]


def test_the_open_moves_by_an_hour_in_utc_when_the_clocks_change() -> None:
    friday, monday = session_table().between(date(2025, 10, 31), date(2025, 11, 3)).opens

    assert monday - friday == 3 * 24 * 60 + 60


def test_ordinals_follow_each_other_without_a_hole() -> None:
    table = session_table()

    assert table.ordinals[0] == 0
    assert np.array_equal(table.ordinals[1:], table.ordinals[:-1] + table.lengths[:-1])


def test_the_table_says_what_the_calendar_says() -> None:
    table = session_table().between(date(2025, 10, 1), date(2026, 3, 31))
    sessions = sessions_in_range(date(2025, 10, 1), date(2026, 3, 31))

    assert [date.fromisoformat(str(row[0])) for row in table.rows()] == sessions
    assert [int(opens) for opens in table.opens] == [minute_of(session_hours(each).session_open) for each in sessions]


@pytest.mark.parametrize(("first", "last"), [("2025-11-27", "2025-11-27"), ("2025-11-30", "2025-11-01")])
def test_a_range_without_a_session_is_empty(first: str, last: str) -> None:
    assert len(session_table().between(date.fromisoformat(first), date.fromisoformat(last))) == 0


@pytest.mark.parametrize(
    ("start", "end", "count"), [(0, 390, 390), (10, 20, 10), (-60, 0, 0), (380, 500, 10), (20, 10, 0)]
)
def test_minutes_are_counted_from_one_to_before_the_other(start: int, end: int, count: int) -> None:
    opened = minute_of(session_hours(date(2025, 11, 3)).session_open)

    assert session_table().count_between(opened + start, opened + end) == count


def test_counting_runs_over_a_half_day_and_the_weekend_after() -> None:
    start = minute_of(session_hours(date(2025, 11, 28)).session_open)
    end = minute_of(session_hours(date(2025, 12, 1)).session_close)

    assert session_table().count_between(start, end) == 210 + 390
