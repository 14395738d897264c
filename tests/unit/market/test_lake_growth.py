"""What a file of bars says of the older ones that it adds sessions to."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from market.lake.growth import Ancestor, read_ancestors
from market.lake.location import Lake
from market.lake.snapshots import Part, PartFile, Snapshot
from tests.builders import make_lake, make_session_bars, write_bars

FIRST, SECOND, THIRD = date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 5)


def session(day: date, minutes: int = 5, **overrides: Any) -> list[dict[str, Any]]:
    return make_session_bars("AAPL", day, minutes=minutes, **overrides)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return make_lake(tmp_path)


def newest(bars: Snapshot) -> PartFile:
    (file,) = bars.parts[Part("AAPL", "2026-10")]
    return file


def ancestors(bars: Snapshot) -> tuple[Ancestor, ...]:
    return read_ancestors(bars.table, newest(bars))


def test_a_first_file_has_no_ancestors(lake: Lake) -> None:
    assert ancestors(write_bars(lake, session(FIRST))) == ()


def test_a_file_names_all_files_that_it_begins_with_newest_first(lake: Lake) -> None:
    first = newest(write_bars(lake, session(FIRST)))
    second = newest(write_bars(lake, session(FIRST) + session(SECOND)))

    found = ancestors(write_bars(lake, session(FIRST) + session(SECOND) + session(THIRD)))

    assert found == (Ancestor(second.path, 10, SECOND), Ancestor(first.path, 5, FIRST))


def test_where_a_bar_is_from_and_when_it_came_makes_no_other_bar(lake: Lake) -> None:
    write_bars(lake, session(FIRST))
    again = session(FIRST, provider="other", flags=["ohlc_repaired"], fetched_at=datetime(2026, 12, 1, tzinfo=UTC))

    assert [found.rows for found in ancestors(write_bars(lake, again + session(SECOND)))] == [5]


@pytest.mark.parametrize(
    "overrides",
    [{"close": 1.0}, {"volume": 7}, {"quarantined": True}, {"high": 900.0}],
    ids=lambda overrides: next(iter(overrides)),
)
def test_a_file_with_a_corrected_bar_does_not_begin_with_the_old_one(lake: Lake, overrides: dict[str, Any]) -> None:
    first = newest(write_bars(lake, session(FIRST)))
    write_bars(lake, session(FIRST) + session(SECOND))
    corrected = session(SECOND)
    corrected[2] |= overrides

    found = ancestors(write_bars(lake, session(FIRST) + corrected + session(THIRD)))

    assert found == (Ancestor(first.path, 5, FIRST),)


def test_a_session_that_went_on_is_not_added_to(lake: Lake) -> None:
    first = newest(write_bars(lake, session(FIRST)))
    write_bars(lake, session(FIRST) + session(SECOND, minutes=3))

    assert ancestors(write_bars(lake, session(FIRST) + session(SECOND))) == (Ancestor(first.path, 5, FIRST),)


def test_a_file_with_fewer_bars_begins_with_none_that_had_more(lake: Lake) -> None:
    write_bars(lake, session(FIRST) + session(SECOND))

    assert ancestors(write_bars(lake, session(FIRST))) == ()


def test_a_file_in_place_of_a_damaged_one_says_nothing(lake: Lake, tmp_path: Path) -> None:
    damaged = write_bars(lake, session(FIRST))
    (tmp_path / "tables/bars" / newest(damaged).path).write_bytes(b"torn")

    assert read_ancestors(damaged.table, newest(damaged)) == ()
    assert ancestors(write_bars(lake, session(FIRST) + session(SECOND))) == ()
