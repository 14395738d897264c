"""Splits and dividends are applied on the way out, and an adjusted answer says which."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.queries.adjusted_rows import adjusted
from analytics.queries.adjustment import Adjustment, Basis, factors_of
from analytics.queries.comparison import match
from analytics.queries.daily import daily_rows
from analytics.queries.facts_known import events_known_at
from analytics.queries.reader import LakeReader
from market.actions import Source, store_actions, store_daily
from market.calendar import session_hours
from market.providers.facts import DailyBar, Dividend, Split
from tests.builders import FETCHED_AT, make_lake, make_session_bars, write_bars
from tests.derived import write_derived

BEFORE, ON, AFTER = date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 2)
NOW = datetime(2026, 10, 5, 12, tzinfo=UTC)
SOURCE = Source("AAPL", "alpha_vantage", NOW)


def dividend(on: date, amount: float) -> Dividend:
    return Dividend(on, amount, None, None, None)


@pytest.fixture
def reader(tmp_path: Path) -> LakeReader:
    lake = make_lake(tmp_path)
    bars: list[dict[str, Any]] = [
        *make_session_bars("AAPL", BEFORE, first_close=700.0, step=0.0),
        *make_session_bars("AAPL", ON, first_close=100.0, step=0.0),
        *make_session_bars("AAPL", AFTER, first_close=99.0, step=0.0),
    ]
    write_bars(lake, bars)
    write_derived(lake, bars)
    return LakeReader(lake)


def closes(reader: LakeReader, adjustment: Adjustment) -> list[float]:
    matched = match(reader, ["AAPL"], BEFORE, AFTER, NOW, adjustment).closes["AAPL"]
    return [round(float(price), 9) for price in matched[::390]]


def events(reader: LakeReader, adjustment: Adjustment, now: datetime = NOW) -> list[tuple[date, str, float | None]]:
    return [(each.session, each.kind, each.price_factor) for each in factors_of(reader, "AAPL", adjustment, now).events]


def test_the_split_day_is_right_under_each_adjustment(reader: LakeReader) -> None:
    store_actions(reader.lake, SOURCE, [Split(ON, 7.0)], [dividend(AFTER, 1.0)])

    assert closes(reader, Adjustment.RAW) == [700.0, 100.0, 99.0]
    assert closes(reader, Adjustment.SPLIT) == [100.0, 100.0, 99.0]
    assert closes(reader, Adjustment.ALL) == [99.0, 99.0, 99.0]


def test_volume_goes_the_other_way_and_dividends_leave_it(reader: LakeReader) -> None:
    store_actions(reader.lake, SOURCE, [Split(ON, 7.0)], [dividend(AFTER, 1.0)])
    rows = daily_rows(reader, ["AAPL"], BEFORE, AFTER)
    raw, split, everything = (
        {row["session"]: row for row in adjusted(reader, rows, "daily", ["AAPL"], Basis(adjustment, NOW))}
        for adjustment in Adjustment
    )

    before = BEFORE.isoformat()
    assert split[before]["volume"] == everything[before]["volume"] == 7 * raw[before]["volume"]
    assert split[before]["vwap_close"] == pytest.approx(raw[before]["vwap_close"] / 7)
    assert everything[before]["high"] == pytest.approx(raw[before]["high"] / 7 * 0.99)
    assert split[AFTER.isoformat()] == raw[AFTER.isoformat()]


def test_an_adjusted_answer_says_by_which_events(reader: LakeReader) -> None:
    store_actions(reader.lake, SOURCE, [Split(ON, 7.0)], [])

    told = match(reader, ["AAPL"], BEFORE, AFTER, NOW, Adjustment.SPLIT).provenance.to_json()

    assert told["adjustment"] == "split"
    assert told["adjustment_events"] == [
        {"symbol": "AAPL", "session": "2026-10-01", "kind": "split", "value": 7.0, "price_factor": 1 / 7}
    ]
    assert "corporate_actions" in told["tables"]
    raw = match(reader, ["AAPL"], BEFORE, AFTER, NOW).provenance.to_json()
    assert (raw["adjustment"], "adjustment_events" in raw) == ("raw", False)


def test_a_dividend_without_a_close_before_it_is_named_and_not_applied(reader: LakeReader) -> None:
    store_actions(reader.lake, SOURCE, [], [dividend(BEFORE, 5.0), dividend(date(1999, 2, 8), 0.22)])

    unknown = events(reader, Adjustment.ALL)
    store_daily(reader.lake, SOURCE, [DailyBar(date(2026, 9, 29), 1, 1, 1, 500.0, 1)])
    fresh = LakeReader(reader.lake)

    assert unknown == [(BEFORE, "dividend", None)]
    assert events(fresh, Adjustment.ALL) == [(BEFORE, "dividend", 0.99)]


def test_what_has_not_taken_effect_yet_is_not_applied(reader: LakeReader) -> None:
    store_actions(reader.lake, SOURCE, [Split(AFTER, 2.0)], [])

    assert events(reader, Adjustment.SPLIT, NOW - timedelta(days=4)) == []
    assert events(reader, Adjustment.SPLIT) == [(AFTER, "split", 0.5)]


def test_a_split_takes_effect_before_the_market_opens(reader: LakeReader) -> None:
    store_actions(reader.lake, SOURCE, [Split(ON, 4.0)], [])
    pre_open = int(session_hours(ON).pre_open.timestamp()) // 60

    factors = factors_of(reader, "AAPL", Adjustment.SPLIT, NOW).of_minutes(np.array([pre_open - 1, pre_open]))[0]

    assert factors.tolist() == [0.25, 1.0]


def test_events_are_known_when_figures_came_later_and_those_of_made_up_bars_with_the_bars(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    write_bars(lake, [*make_session_bars("AAPL", ON), *make_session_bars("FAKE", ON, provider="synthetic")])
    store_actions(lake, SOURCE, [Split(ON, 7.0)], [])
    later = Source("AAPL", "alpha_vantage", NOW + timedelta(days=3))
    store_daily(lake, later, [DailyBar(AFTER, 1, 1, 1, 99.0, 1)])

    known = events_known_at(LakeReader(lake), ["AAPL", "FAKE"])

    assert known == {"AAPL": later.fetched_at, "FAKE": FETCHED_AT}


def test_new_events_are_seen_and_change_the_version(reader: LakeReader) -> None:
    none = factors_of(reader, "AAPL", Adjustment.ALL, NOW)
    store_actions(reader.lake, SOURCE, [Split(ON, 7.0)], [])
    fresh = LakeReader(reader.lake)

    one = factors_of(fresh, "AAPL", Adjustment.ALL, NOW)

    assert (none.version, none.events) == ("", ())
    assert len(one.version) == 12
