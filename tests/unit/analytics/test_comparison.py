"""Comparisons: matched minutes only, from a common first minute, in buckets of the session."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from analytics.queries.columns import decode
from analytics.queries.comparison import compare
from analytics.queries.errors import NoBars, NoOverlap, SymbolUnknown
from analytics.queries.instants import instant_of, minute_of
from analytics.queries.reader import LakeReader
from analytics.queries.timeframes import Timeframe
from market.calendar import session_hours
from tests.builders import make_lake, make_session_bars, write_bars
from tests.market_fixture import AWKWARD, MISSING_MINUTES, NOW, QUARANTINED_MINUTE, SESSIONS

DAY = AWKWARD
OPEN = minute_of(session_hours(DAY).session_open)


def test_only_minutes_in_which_each_symbol_traded_are_compared(market_reader: LakeReader) -> None:
    compared = compare(market_reader, ["AAPL", "MSFT"], DAY, DAY, NOW, Timeframe.MINUTE)

    left_out = {OPEN + minute for minute in (*MISSING_MINUTES, QUARANTINED_MINUTE)}
    assert set(compared.bar_starts) == set(range(OPEN, OPEN + 390)) - left_out
    assert compared.matched_minutes == 386


def test_missing_minutes_are_counted_for_each_symbol_against_the_calendar(market_reader: LakeReader) -> None:
    compared = compare(market_reader, ["AAPL", "MSFT"], DAY, DAY, NOW)

    assert compared.missing_minutes == {"AAPL": 1, "MSFT": 3}


def test_minutes_that_have_not_come_yet_are_not_missing(market_reader: LakeReader, empty_folder: Path) -> None:
    lake = make_lake(empty_folder)
    write_bars(lake, make_session_bars("AAPL", DAY, minutes=30) + make_session_bars("MSFT", DAY, minutes=29))
    during = session_hours(DAY).session_open + timedelta(minutes=31)

    running = compare(LakeReader(lake), ["AAPL", "MSFT"], DAY, DAY, during)
    over = compare(LakeReader(lake), ["AAPL", "MSFT"], DAY, DAY, NOW)

    assert running.missing_minutes == {"AAPL": 0, "MSFT": 1}
    assert over.missing_minutes == {"AAPL": 360, "MSFT": 361}


def test_change_is_measured_from_the_close_of_the_first_common_minute(market_reader: LakeReader) -> None:
    compared = compare(market_reader, ["AAPL", "BRK.B"], SESSIONS[0], SESSIONS[-1], NOW, Timeframe.DAY)
    apple = compared.series[0]

    assert compared.base_session == DAY
    assert compared.base_minute == OPEN
    assert apple.first_close == pytest.approx(101.0)
    assert apple.cumulative_return == pytest.approx(apple.last_close / 101.0 - 1)


def test_a_bucket_has_the_close_of_its_last_matched_minute(market_reader: LakeReader) -> None:
    by_minute = compare(market_reader, ["AAPL", "MSFT"], DAY, DAY, NOW, Timeframe.MINUTE)
    by_hour = compare(market_reader, ["AAPL", "MSFT"], DAY, DAY, NOW, Timeframe.HOUR)

    assert [int(start) - OPEN for start in by_hour.bar_starts] == [0, 60, 120, 180, 240, 300, 360]
    last_of_first_hour = np.searchsorted(by_minute.bar_starts, OPEN + 60) - 1
    for hourly, minutely in zip(by_hour.series, by_minute.series, strict=True):
        assert hourly.closes[0] == minutely.closes[last_of_first_hour]
        assert hourly.last_close == minutely.last_close


def test_days_are_sessions_also_when_the_clocks_change(market_reader: LakeReader) -> None:
    compared = compare(market_reader, ["AAPL", "MSFT"], SESSIONS[0], SESSIONS[-1], NOW, Timeframe.DAY)

    opens = [session_hours(session).session_open for session in SESSIONS]
    assert [instant_of(int(start)) for start in compared.bar_starts] == opens


@pytest.mark.parametrize(
    ("max_rows", "expected"),
    [(12_000, "1min"), (400, "5min"), (120, "15min"), (40, "1hour"), (10, "1day"), (1, "1day")],
)
def test_the_finest_timeframe_that_fits_is_taken(market_reader: LakeReader, max_rows: int, expected: str) -> None:
    compared = compare(market_reader, ["AAPL", "MSFT"], SESSIONS[0], SESSIONS[-1], NOW, max_rows=max_rows)

    assert compared.timeframe == expected


def test_the_json_holds_the_series_in_the_wire_format(market_reader: LakeReader) -> None:
    compared = compare(market_reader, ["AAPL", "MSFT"], DAY, DAY, NOW, Timeframe.MINUTE)

    answer = compared.to_json()

    assert np.array_equal(decode(answer["columns"]["bar_start"], answer["rows"]), compared.bar_starts)
    assert np.array_equal(decode(answer["columns"]["MSFT"], answer["rows"]), compared.series[1].closes)
    assert answer["provenance"]["matched_minutes"] == 386
    assert answer["provenance"]["quarantined_bars"] == 1


def test_quarantined_bars_are_counted_within_the_range_only(market_reader: LakeReader) -> None:
    compared = compare(market_reader, ["AAPL", "MSFT"], SESSIONS[2], SESSIONS[3], NOW)

    assert compared.provenance.quarantined_bars == 0


def test_symbols_without_a_common_minute_are_an_error_that_says_what_there_is(market_reader: LakeReader) -> None:
    with pytest.raises(NoOverlap, match=r"BRK\.B from 2025-11-03 to 2025-11-03"):
        compare(market_reader, ["AAPL", "BRK.B"], SESSIONS[2], SESSIONS[3], NOW)


def test_a_range_without_a_session_has_no_overlap(market_reader: LakeReader) -> None:
    with pytest.raises(NoOverlap):
        compare(market_reader, ["AAPL", "MSFT"], date(2025, 11, 27), date(2025, 11, 27), NOW)


def test_an_unknown_symbol_is_named_with_those_there_are(market_reader: LakeReader) -> None:
    with pytest.raises(SymbolUnknown, match=r"no bars of NVDA here\. There is: AAPL, BRK\.B, MSFT\."):
        compare(market_reader, ["AAPL", "NVDA"], DAY, DAY, NOW)


def test_an_empty_lake_says_what_to_run(empty_folder: Path) -> None:
    with pytest.raises(NoBars, match="fetch_prices"):
        compare(LakeReader(make_lake(empty_folder)), ["AAPL", "MSFT"], DAY, DAY, datetime(2025, 12, 1, tzinfo=UTC))
