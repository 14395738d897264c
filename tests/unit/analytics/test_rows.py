"""Rows of derived tables."""

from pathlib import Path

import pytest

from analytics.queries.averages import session_end_averages
from analytics.queries.daily import daily_rows
from analytics.queries.errors import NotProcessed
from analytics.queries.hourly import hourly_rows
from analytics.queries.reader import LakeReader
from tests.builders import make_lake, make_session_bars, write_bars
from tests.market_fixture import AWKWARD, SESSIONS


def test_daily_rows_are_newest_first_and_in_the_order_of_the_symbols(market_reader: LakeReader) -> None:
    rows = daily_rows(market_reader, ["MSFT", "AAPL"], SESSIONS[1], SESSIONS[2])

    assert [(row["session"], row["symbol"]) for row in rows] == [
        ("2025-11-26", "MSFT"),
        ("2025-11-26", "AAPL"),
        ("2025-11-03", "MSFT"),
        ("2025-11-03", "AAPL"),
    ]


def test_daily_rows_leave_out_missing_and_quarantined_minutes(market_reader: LakeReader) -> None:
    microsoft, apple = daily_rows(market_reader, ["MSFT", "AAPL"], AWKWARD, AWKWARD)

    assert (microsoft["bar_count"], apple["bar_count"]) == (387, 389)
    assert apple["volume_all_phases"] == apple["volume"] + 7 + 11


def test_the_first_hour_is_half_an_hour_of_new_york_time_in_summer_and_in_winter(market_reader: LakeReader) -> None:
    rows = hourly_rows(market_reader, ["AAPL"], SESSIONS[0], SESSIONS[1])

    first_hours = {row["session"]: row for row in rows}
    assert first_hours["2025-10-31"]["hour_start"] == "2025-10-31T13:00:00Z"
    assert first_hours["2025-11-03"]["hour_start"] == "2025-11-03T14:00:00Z"
    assert first_hours["2025-11-03"]["bar_count"] == 30


def test_averages_are_those_of_the_last_minute_of_each_session(market_reader: LakeReader) -> None:
    rows = session_end_averages(market_reader, "AAPL", SESSIONS[0], SESSIONS[-1])

    assert [row["bar_start"] for row in rows] == [
        "2025-11-28T17:59:00Z",
        "2025-11-26T20:59:00Z",
        "2025-11-03T20:59:00Z",
        "2025-10-31T19:59:00Z",
    ]


def test_rows_can_be_sliced_and_counted(market_reader: LakeReader) -> None:
    rows = daily_rows(market_reader, ["AAPL"], SESSIONS[0], SESSIONS[-1])

    assert len(rows) == 4
    assert rows[0]["session"] == "2025-11-28"
    assert rows[-1]["session"] == "2025-10-31"
    assert [row["session"] for row in rows[1:3]] == ["2025-11-26", "2025-11-03"]
    assert rows[9:] == []


def test_a_range_without_rows_is_empty_and_no_error(market_reader: LakeReader) -> None:
    assert len(daily_rows(market_reader, ["BRK.B"], SESSIONS[2], SESSIONS[3])) == 0


def test_provenance_names_the_tables_and_the_times(market_reader: LakeReader) -> None:
    provenance = daily_rows(market_reader, ["AAPL"], AWKWARD, AWKWARD).provenance

    assert list(provenance.tables) == ["bars", "daily"]
    assert provenance.fetched_at is not None
    assert provenance.processed_at is not None
    assert provenance.quarantined_bars == 1


def test_bars_that_were_not_processed_are_an_error_that_says_what_to_run(empty_folder: Path) -> None:
    lake = make_lake(empty_folder)
    write_bars(lake, make_session_bars())

    with pytest.raises(NotProcessed, match="process_prices"):
        daily_rows(LakeReader(lake), ["AAPL"], SESSIONS[0], SESSIONS[1])
