"""Cached snapshots: how old an answer may be, and what is read again."""

import shutil
from pathlib import Path

import pytest

from analytics.queries.comparison import regular_closes
from analytics.queries.reader import LakeReader
from market.lake.location import Lake
from market.lake.snapshots import Part, Snapshot
from market.lake.tables import LakeUnreachable
from market.lake.watch import TableWatch
from tests.builders import make_lake, make_session_bars, write_bars

OCTOBER = Part("AAPL", "2026-10")


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lake(empty_folder: Path) -> Lake:
    return make_lake(empty_folder)


def test_a_lake_without_tables_has_no_parts(lake: Lake) -> None:
    assert LakeReader(lake).view("bars").parts == {}


def test_a_view_is_reused_until_a_second_has_passed(lake: Lake, clock: Clock) -> None:
    reader = LakeReader(lake, clock)
    write_bars(lake, make_session_bars())
    before = reader.view("bars")
    write_bars(lake, make_session_bars("MSFT"))

    clock.seconds = 0.9
    assert reader.view("bars") is before

    clock.seconds = 1.1
    assert list(reader.view("bars").months) == ["AAPL", "MSFT"]


def test_a_view_stays_the_same_object_while_nobody_commits(lake: Lake, clock: Clock) -> None:
    reader = LakeReader(lake, clock)
    write_bars(lake, make_session_bars())
    before = reader.view("bars")

    clock.seconds = 90

    assert reader.view("bars") is before


def test_a_table_that_was_made_again_is_found_within_a_second(lake: Lake, empty_folder: Path, clock: Clock) -> None:
    reader = LakeReader(lake, clock)
    write_bars(lake, make_session_bars())
    reader.view("bars")
    shutil.rmtree(empty_folder)
    write_bars(lake, make_session_bars("MSFT"))

    clock.seconds = 1.1

    assert list(reader.view("bars").months) == ["MSFT"]


def test_a_part_is_read_once_while_its_files_stay(lake: Lake, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = LakeReader(lake, clock)
    write_bars(lake, make_session_bars())
    regular_closes(reader, reader.view("bars"), OCTOBER)
    write_bars(lake, make_session_bars("MSFT"))
    clock.seconds = 2
    monkeypatch.setattr(Snapshot, "read_part", lambda *_: pytest.fail("read again"))

    closes = regular_closes(reader, reader.view("bars"), OCTOBER)

    assert len(closes.minutes) == 390


def test_a_replaced_part_is_read_again(lake: Lake, clock: Clock) -> None:
    reader = LakeReader(lake, clock)
    write_bars(lake, make_session_bars())
    first = reader.view("bars")
    regular_closes(reader, first, OCTOBER)
    write_bars(lake, make_session_bars(minutes=10))
    clock.seconds = 2
    second = reader.view("bars")

    closes = regular_closes(reader, second, OCTOBER)

    assert len(closes.minutes) == 10
    assert first.fingerprint(OCTOBER) != second.fingerprint(OCTOBER)


def test_a_lake_that_does_not_answer_is_an_error_and_not_an_empty_answer(
    lake: Lake, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = LakeReader(lake, clock)
    write_bars(lake, make_session_bars())
    reader.view("bars")
    clock.seconds = 2

    def unreachable(_watch: object) -> Snapshot:
        raise LakeUnreachable

    monkeypatch.setattr(TableWatch, "snapshot", unreachable)

    with pytest.raises(LakeUnreachable):
        reader.view("bars")


def test_the_summary_of_a_part_counts_what_is_used_and_what_is_not(lake: Lake) -> None:
    bars = make_session_bars(minutes=5)
    bars[2] |= {"quarantined": True, "flags": ["bad_print"]}
    write_bars(lake, bars)
    reader = LakeReader(lake)

    summary = reader.summary(reader.view("bars"), OCTOBER)

    assert (summary.rows, summary.present, summary.quarantined, summary.quarantined_regular) == (5, 4, 1, 1)
    assert summary.provider == "alpha_vantage"
    assert summary.last_bar_start == bars[-1]["bar_start"]
