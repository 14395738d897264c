"""Splits and dividends beside the bars."""

from datetime import date
from pathlib import Path

import pytest

from market.actions import Action, Source, actions_table, read_actions, read_splits, store_actions
from market.lake.location import Lake
from market.lake.tables import LakeUnreachable
from market.providers.facts import Dividend, Split
from tests.builders import FETCHED_AT, make_lake

SPLIT_DAY, LATER = date(2026, 10, 5), date(2026, 11, 3)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Return a lake with a split and a dividend in one month, and dividends alone in another."""
    lake = make_lake(tmp_path)
    paid = [Dividend(day, 0.2, None, None, None) for day in (date(2026, 10, 20), date(2026, 8, 4))]
    splits = [Split(SPLIT_DAY, 7.0), Split(LATER, 0.5)]
    store_actions(lake, Source("AAPL", "alpha_vantage", FETCHED_AT), splits, paid)
    store_actions(lake, Source("MSFT", "alpha_vantage", FETCHED_AT), [Split(SPLIT_DAY, 2.0)], [])
    return lake


def split(day: date, factor: float) -> Action:
    return Action(day, "split", factor)


def test_splits_are_those_of_the_symbols_asked_for_up_to_the_day(lake: Lake) -> None:
    snapshot = actions_table(lake).snapshot()

    assert read_splits(snapshot, ["AAPL"], LATER) == {"AAPL": [split(SPLIT_DAY, 7.0), split(LATER, 0.5)]}
    assert read_splits(snapshot, ["AAPL", "MSFT", "IBM"], date(2026, 11, 2)) == {
        "AAPL": [split(SPLIT_DAY, 7.0)],
        "MSFT": [split(SPLIT_DAY, 2.0)],
    }
    assert read_splits(snapshot, ["AAPL", "MSFT"], date(2026, 10, 4)) == {}
    assert len(read_actions(snapshot, "AAPL")) == 4


def test_who_looks_for_splits_opens_no_file_of_dividends_alone(lake: Lake, tmp_path: Path) -> None:
    """There are some for each symbol and year, and a run of `process_prices` looks for splits every time."""
    snapshot = actions_table(lake).snapshot()
    for file in snapshot.files:
        if file.part.month == "2026-08":
            (tmp_path / "tables/corporate_actions" / file.path).unlink()

    assert len(read_splits(snapshot, ["AAPL"], LATER)["AAPL"]) == 2
    with pytest.raises(LakeUnreachable):
        read_actions(snapshot, "AAPL")


def test_a_month_that_loses_its_split_keeps_its_dividend(lake: Lake) -> None:
    paid = [Dividend(date(2026, 10, 20), 0.2, None, None, None)]

    store_actions(lake, Source("AAPL", "alpha_vantage", FETCHED_AT), [], paid)

    snapshot = actions_table(lake).snapshot()
    assert read_splits(snapshot, ["AAPL"], LATER) == {}
    assert [action.kind for action in read_actions(snapshot, "AAPL")] == ["dividend"]
