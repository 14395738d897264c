"""A day's update goes on with the month's parts, and leaves what a rebuild leaves."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest

from analytics.jobs import compute, news
from analytics.jobs.plan import MOST_FILES
from analytics.jobs.report import ProcessRequest, ResultWrong
from analytics.jobs.run import explain_prices
from analytics.schemas import derived_table
from market.calendar import sessions_in_range
from market.lake.location import Lake
from market.lake.snapshots import Part, PartFile, Snapshot
from market.lake.tables import TableChanged
from market.lake.upkeep import compact
from market.providers.facts import Split
from tests.builders import make_lake, make_session_bars, write_bars
from tests.processing import NOW, last_commit, process, read_table
from tests.split_market import tell_splits

SESSIONS = sessions_in_range(date(2026, 10, 1), date(2026, 10, 30))
# A month before it, so that averages look back on another part.
BEFORE = date(2026, 9, 30)
TABLES = ("daily", "hourly", "moving_averages")
APPLE, MICROSOFT = Part("AAPL", "2026-10"), Part("MSFT", "2026-10")


def bars_until(symbol: str, count: int, **last: Any) -> list[dict[str, Any]]:
    """Return the regular bars of so many sessions of October, the last of them with these values."""
    bars: list[dict[str, Any]] = []
    for number, session in enumerate(SESSIONS[:count], 1):
        bars += make_session_bars(
            symbol, session, first_close=90.0 + 3 * (number % 4), step=0.03, **(last if number == count else {})
        )
    return bars


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Return a processed lake of two symbols with a day of September and one of October."""
    lake = make_lake(tmp_path / "lake")
    for symbol in ("AAPL", "MSFT"):
        write_bars(lake, make_session_bars(symbol, BEFORE) + bars_until(symbol, 1))
    process(lake, tables=TABLES)
    return lake


def files(lake: Lake, name: str, part: Part = APPLE) -> tuple[PartFile, ...]:
    return derived_table(lake, name).snapshot().parts[part]


def update(lake: Lake, count: int, **last: Any) -> None:
    write_bars(lake, bars_until("AAPL", count, **last) + bars_until("MSFT", count, **last))
    process(lake, tables=TABLES)


def assert_equals_a_rebuild(lake: Lake) -> None:
    grown = {name: read_table(lake, name) for name in TABLES}
    process(lake, tables=TABLES, full=True)
    assert [name for name in TABLES if grown[name] != read_table(lake, name)] == []


def test_a_session_more_is_a_file_more(lake: Lake) -> None:
    before = {name: files(lake, name) for name in TABLES}

    update(lake, 2)

    for name, rows in zip(TABLES, (1, 7, 390), strict=True):
        begun, further = files(lake, name)
        assert (begun,) == before[name]
        assert further.rows == rows
        assert last_commit(lake, name)["parts"] == "AAPL 2026-10, MSFT 2026-10"
    assert_equals_a_rebuild(lake)


def test_days_of_updates_equal_a_rebuild_to_the_bit(lake: Lake) -> None:
    for count in (2, 3, 5):
        update(lake, count)

    assert {name: len(files(lake, name)) for name in TABLES} == dict.fromkeys(TABLES, 4)
    assert_equals_a_rebuild(lake)


def test_news_that_are_too_many_to_keep_are_read_again_for_each_table(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "_MOST_KEPT", 2 * 390 - 1)

    update(lake, 2)

    assert [len(files(lake, name)) for name in TABLES] == [2, 2, 2]
    assert_equals_a_rebuild(lake)


def test_rows_come_in_the_order_of_time_whatever_runs_are_called(lake: Lake) -> None:
    for count in range(2, 6):
        update(lake, count)

    table = derived_table(lake, "moving_averages").snapshot()
    starts = table.read_part(APPLE, ["bar_start"])["bar_start"]
    assert pc.all(pc.less(starts[:-1], starts[1:])).as_py()
    assert len(starts) == 5 * 390


def test_an_update_that_was_left_out_is_caught_up_with(lake: Lake) -> None:
    write_bars(lake, bars_until("AAPL", 2))
    update(lake, 3)

    assert [file.rows for file in files(lake, "daily")] == [1, 2]
    assert_equals_a_rebuild(lake)


def test_a_correction_makes_the_part_anew(lake: Lake) -> None:
    update(lake, 2)
    update(lake, 2, volume=7)

    assert {name: len(files(lake, name)) for name in TABLES} == dict.fromkeys(TABLES, 1)
    assert_equals_a_rebuild(lake)


def test_a_session_that_went_on_makes_the_part_anew(lake: Lake) -> None:
    update(lake, 2, minutes=200)
    update(lake, 2)

    assert {name: len(files(lake, name)) for name in TABLES} == dict.fromkeys(TABLES, 1)
    assert_equals_a_rebuild(lake)


@pytest.mark.parametrize("last", [{"quarantined": True}, {"minutes": 1}, {"minutes": 210}], ids=str)
def test_a_session_of_few_or_no_good_bars_is_gone_on_with(lake: Lake, last: dict[str, Any]) -> None:
    update(lake, 2, **last)

    assert [len(files(lake, name)) for name in TABLES] == [2, 2, 2]
    assert_equals_a_rebuild(lake)


def test_averages_of_a_part_that_fills_no_window_are_made_anew(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    write_bars(lake, bars_until("AAPL", 1, minutes=199))
    process(lake, tables=TABLES)
    write_bars(lake, bars_until("AAPL", 1, minutes=199) + make_session_bars("AAPL", SESSIONS[1]))
    process(lake, tables=TABLES)

    assert [len(files(lake, name)) for name in TABLES] == [2, 2, 1]
    assert_equals_a_rebuild(lake)


def test_averages_across_a_split_are_made_anew(lake: Lake) -> None:
    tell_splits(lake, {"AAPL": [Split(SESSIONS[1], 2.0)]})

    update(lake, 2)

    assert len(files(lake, "moving_averages")) == 1
    assert len(files(lake, "moving_averages", MICROSOFT)) == 2
    assert_equals_a_rebuild(lake)


def test_a_part_of_many_files_becomes_one(lake: Lake) -> None:
    for count in range(2, MOST_FILES + 2):
        update(lake, count)

    assert {name: len(files(lake, name)) for name in TABLES} == dict.fromkeys(TABLES, 1)


def test_upkeep_makes_one_file_of_them_that_can_be_gone_on_with(lake: Lake) -> None:
    update(lake, 2)

    assert compact(derived_table(lake, "daily")) == 2

    assert [file.rows for file in files(lake, "daily")] == [2]
    assert not process(lake, tables=TABLES).changed
    update(lake, 3)
    assert [file.rows for file in files(lake, "daily")] == [2, 1]
    assert_equals_a_rebuild(lake)


def test_explain_says_that_a_part_is_gone_on_with(lake: Lake) -> None:
    write_bars(lake, bars_until("AAPL", 2))

    lines = explain_prices(ProcessRequest("embedded", tables=("daily",)), lake, NOW)

    assert lines[1:] == [
        "daily: 1 parts to compute from 390 bars, 0 to remove",
        "  AAPL 2026-10: 390 bars of later sessions have come, and the part is gone on with",
    ]


def test_a_run_that_loses_against_another_leaves_nothing_twice(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs go on with the same part; the second finds it done."""
    write_bars(lake, bars_until("AAPL", 2) + bars_until("MSFT", 2))
    others = iter([None])
    write = news.write_further

    def written_by_both(*arguments: Any) -> list[PartFile]:
        for _ in others:
            process(lake, tables=("daily",))
        return write(*arguments)

    monkeypatch.setattr(compute, "write_further", written_by_both)
    process(lake, tables=("daily",))

    assert [file.rows for file in files(lake, "daily")] == [1, 1]
    process(lake, tables=TABLES)
    assert_equals_a_rebuild(lake)


def test_two_that_add_a_file_to_the_same_version_do_not_both_succeed(lake: Lake) -> None:
    table = derived_table(lake, "daily")
    seen, again = table.snapshot(), table.snapshot()
    more = PartFile(APPLE, f"{seen.parts[APPLE][0].path}-more", size=1, rows=1)

    table.extend(seen, [more], {})

    with pytest.raises(TableChanged):
        table.extend(again, [more], {})


@contextmanager
def folders_that_stay(lake: Lake) -> Iterator[None]:
    def folders() -> set[str]:
        root = Path(lake.url.removeprefix("file://")) / "tables/daily"
        return {path.name for path in root.glob("run=*") if any(path.rglob("*.parquet"))}

    before = folders()
    yield
    assert folders() == before


def test_rows_that_are_not_those_expected_are_not_committed(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bars(lake, bars_until("AAPL", 2))
    held: Snapshot = derived_table(lake, "daily").snapshot()
    monkeypatch.setattr(news.News, "expected_rows", lambda *_: {APPLE: 2})

    with folders_that_stay(lake), pytest.raises(ResultWrong, match="daily got 1 rows for AAPL 2026-10 instead of 2"):
        process(lake, tables=("daily",))

    assert derived_table(lake, "daily").snapshot().files == held.files


def test_a_weekend_later_the_next_month_begins_a_part(lake: Lake) -> None:
    first = date(2026, 11, 2)
    assert first - SESSIONS[-1] <= timedelta(days=3)
    write_bars(lake, make_session_bars("AAPL", first))
    process(lake, tables=TABLES)
    write_bars(lake, make_session_bars("AAPL", first) + make_session_bars("AAPL", date(2026, 11, 3)))
    process(lake, tables=TABLES)

    november = Part("AAPL", "2026-11")
    assert {name: len(files(lake, name, november)) for name in TABLES} == dict.fromkeys(TABLES, 2)
    assert_equals_a_rebuild(lake)
