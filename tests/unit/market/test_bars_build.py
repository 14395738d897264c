"""From parsed bars to rows of the table."""

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from market.bars.build import BarsOutOfMonth, Origin, build_bars
from market.calendar import NEW_YORK, Phase
from market.lake.schemas import BAR_SCHEMA, INSTANT
from market.months import Month

LATER = datetime(2027, 1, 1, tzinfo=UTC)
NOVEMBER = Month(2026, 11)


def parsed(*new_york: str, close: float = 100.0, low: float | None = None) -> pa.Table:
    starts = [datetime.fromisoformat(text).replace(tzinfo=NEW_YORK) for text in new_york]
    count = len(starts)
    return pa.table(
        {
            "bar_start": pa.array(starts, INSTANT),
            "open": [close] * count,
            "high": [close] * count,
            "low": [close if low is None else low] * count,
            "close": [close] * count,
            "volume": [10] * count,
        }
    )


def build(bars: pa.Table, month: Month = NOVEMBER, fetched_at: datetime = LATER) -> pa.Table:
    return build_bars(bars, Origin("AAPL", month, "alpha_vantage", fetched_at))


def test_rows_have_the_schema_and_their_origin() -> None:
    bars = build(parsed("2026-11-25 09:30"))

    assert bars.schema == BAR_SCHEMA
    assert bars.to_pylist() == [
        {
            "symbol": "AAPL",
            "month": "2026-11",
            "session": date(2026, 11, 25),
            "bar_start": datetime(2026, 11, 25, 14, 30, tzinfo=UTC),
            "phase": "regular",
            "open": 100.0,
            "high": 100.0,
            "low": 100.0,
            "close": 100.0,
            "volume": 10,
            "flags": [],
            "quarantined": False,
            "provider": "alpha_vantage",
            "fetched_at": LATER,
        }
    ]


@pytest.mark.parametrize(
    ("bar_start", "phase"),
    [
        ("2026-11-25 04:00", Phase.PRE),
        ("2026-11-25 09:29", Phase.PRE),
        ("2026-11-25 09:30", Phase.REGULAR),
        ("2026-11-25 15:59", Phase.REGULAR),
        ("2026-11-25 16:00", Phase.AUCTION),
        ("2026-11-25 16:01", Phase.POST),
        ("2026-11-25 19:59", Phase.POST),
        ("2026-11-27 12:59", Phase.REGULAR),
        ("2026-11-27 13:00", Phase.AUCTION),
        ("2026-11-27 13:01", Phase.POST),
        ("2026-11-27 16:59", Phase.POST),
    ],
)
def test_phases_follow_the_calendar(bar_start: str, phase: Phase) -> None:
    bar = build(parsed(bar_start)).to_pylist()[0]

    assert (bar["phase"], bar["flags"]) == (phase, [])


@pytest.mark.parametrize(
    "bar_start",
    ["2026-11-25 03:59", "2026-11-25 20:00", "2026-11-27 17:00", "2026-11-26 12:00", "2026-11-28 12:00"],
    ids=["before", "after", "after a half day", "holiday", "weekend"],
)
def test_bars_outside_trading_hours_are_kept_and_quarantined(bar_start: str) -> None:
    bar = build(parsed(bar_start)).to_pylist()[0]

    assert (bar["flags"], bar["quarantined"]) == (["outside_hours"], True)


def test_the_evening_belongs_to_its_new_york_session() -> None:
    bar = build(parsed("2026-10-30 19:59"), Month(2026, 10)).to_pylist()[0]

    assert (bar["session"], bar["bar_start"].date()) == (date(2026, 10, 30), date(2026, 10, 30))
    winter = build(parsed("2026-11-30 19:30")).to_pylist()[0]
    assert (winter["session"], winter["bar_start"].date(), winter["month"]) == (
        date(2026, 11, 30),
        date(2026, 12, 1),
        "2026-11",
    )


def test_a_bar_of_another_month_is_refused() -> None:
    with pytest.raises(BarsOutOfMonth, match="2026-10-30 though 2026-11"):
        build(parsed("2026-10-30 09:30", "2026-11-02 09:30"))


def test_a_bar_that_had_not_ended_is_left_out() -> None:
    fetched_at = datetime(2026, 11, 25, 9, 31, 30, tzinfo=NEW_YORK)

    bars = build(parsed("2026-11-25 09:30", "2026-11-25 09:31"), fetched_at=fetched_at)

    assert bars["bar_start"].to_pylist() == [datetime(2026, 11, 25, 14, 30, tzinfo=UTC)]


def minutes(first: str, count: int) -> list[str]:
    start = datetime.fromisoformat(first)
    return [f"{start + timedelta(minutes=number)}" for number in range(count)]


@pytest.mark.parametrize(
    ("first", "low", "flag"),
    [
        ("2026-11-25 07:00", 90.0, "bad_print"),
        ("2026-11-25 10:00", 90.0, "suspect_print"),
        ("2026-11-25 10:00", 75.0, "bad_print"),
    ],
    ids=["pre", "regular", "regular and far off"],
)
def test_thin_trading_is_doubted_sooner_than_regular_trading(first: str, low: float, flag: str) -> None:
    good = parsed(*minutes(first, 20))
    bad = parsed(*minutes(first, 21)[-1:], low=low)

    bars = build(pa.concat_tables([good, bad]))

    assert bars["flags"].to_pylist() == [[]] * 20 + [[flag]]
    assert bars["quarantined"].to_pylist() == [False] * 20 + [flag == "bad_print"]


def test_a_bar_that_the_reply_held_twice_is_used_and_says_so() -> None:
    twice = parsed(*minutes("2026-11-25 10:00", 2)).append_column("duplicate", pa.array([True, False]))

    bars = build(twice)

    assert bars["flags"].to_pylist() == [["duplicate"], []]
    assert bars["quarantined"].to_pylist() == [False, False]


def test_a_repaired_bar_is_flagged_and_used() -> None:
    bar = build(parsed("2026-11-25 09:30", low=100.004)).to_pylist()[0]

    assert (bar["low"], bar["flags"], bar["quarantined"]) == (100.0, ["ohlc_repaired"], False)


def test_flags_of_one_bar_are_sorted() -> None:
    bar = build(parsed("2026-11-25 03:00", close=-1.0, low=5.0)).to_pylist()[0]

    assert bar["flags"] == ["invalid_ohlc", "non_positive_price", "outside_hours"]


def test_no_bars_give_no_rows() -> None:
    assert build(parsed()).num_rows == 0
