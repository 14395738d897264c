"""Limits, days and the wait for a turn: arithmetic without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from market.budget.days import day_began, next_reset
from market.budget.windows import IN_FLIGHT, Sent, seconds_to_wait
from market.limits import ALPHA_VANTAGE_PLANS, Limits, LimitsInvalid, parse_request_limits

NOW = datetime(2026, 11, 24, 15, tzinfo=UTC)
FREE = Limits(per_second=1, per_day=25)


def sent(seconds_ago: float, took: float | None = 0.0) -> Sent:
    left = NOW - timedelta(seconds=seconds_ago)
    return Sent(left, None if took is None else left + timedelta(seconds=took))


@pytest.mark.parametrize(
    ("limits", "requests", "wait"),
    [
        (FREE, [], 0.0),
        (FREE, [sent(1.3)], 0.0),
        (FREE, [sent(0.5)], 0.7),
        # It may have arrived when its answer left.
        (FREE, [sent(1.5, took=1.0)], 0.7),
        # An answer takes long; the request itself did not.
        (FREE, [sent(60, took=60)], 0.0),
        (FREE, [sent(1.0, took=None)], 0.05),
        # Its process was ended; it may have been sent up to IN_FLIGHT after it was counted.
        (FREE, [sent(IN_FLIGHT.total_seconds() + 0.2, took=None)], 1.0),
        (FREE, [sent(IN_FLIGHT.total_seconds() + 1.2, took=None)], 0.0),
        (Limits(per_second=5), [sent(0.1)] * 4, 0.0),
        (Limits(per_second=5), [sent(0.3), *[sent(0.1)] * 4], 0.9),
        (Limits(per_minute=5), [sent(second) for second in (50, 40, 30, 20, 10)], 22.0),
        (Limits(per_second=0.5), [sent(1.0)], 1.4),
        (Limits(), [sent(0.0)] * 1000, 0.0),
    ],
)
def test_a_request_waits_for_room_in_every_window(limits: Limits, requests: list[Sent], wait: float) -> None:
    assert seconds_to_wait(limits, requests, NOW) == pytest.approx(wait, abs=0.01)


@pytest.mark.parametrize(
    ("now", "began", "reset"),
    [
        ("2026-11-24T15:00", "2026-11-24T00:00", "2026-11-25T00:00"),
        # Midnight in UTC has passed and that of New York has not: what New York's day had before counts.
        ("2026-11-25T00:00", "2026-11-24T05:00", "2026-11-25T05:00"),
        ("2026-11-25T04:59", "2026-11-24T05:00", "2026-11-25T05:00"),
        ("2026-11-25T05:00", "2026-11-25T00:00", "2026-11-26T00:00"),
        # New York's midnight is an hour earlier in UTC in summer; its day has 23 hours when the clocks go forward.
        ("2026-07-01T03:59", "2026-06-30T04:00", "2026-07-01T04:00"),
        ("2026-03-09T01:00", "2026-03-08T05:00", "2026-03-09T04:00"),
    ],
)
def test_a_day_counts_from_the_earlier_midnight(now: str, began: str, reset: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    assert day_began(at) == datetime.fromisoformat(began).replace(tzinfo=UTC)
    assert next_reset(at) == datetime.fromisoformat(reset).replace(tzinfo=UTC)


def test_limits_are_read_by_provider() -> None:
    assert parse_request_limits("alpha_vantage=1/s 25/day; alpaca=0.5/s 200/min") == {
        "alpha_vantage": Limits(per_second=1, per_day=25),
        "alpaca": Limits(per_second=0.5, per_minute=200),
    }
    assert parse_request_limits(" ") == {}


@pytest.mark.parametrize("text", ["alpha_vantage", "alpha_vantage=", "alpha_vantage=5", "a=1/h", "a=1/s 2/s", "a=0/s"])
def test_what_is_no_limit_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(LimitsInvalid, match="write it like alpha_vantage=1/s 25/day"):
        parse_request_limits(text)


def test_a_free_plan_allows_one_a_second_and_25_a_day() -> None:
    assert str(ALPHA_VANTAGE_PLANS["free"]) == "1/s 25/day"
    assert str(ALPHA_VANTAGE_PLANS["75"]) == "5/s 75/min"
