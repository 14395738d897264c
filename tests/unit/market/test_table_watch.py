"""A process that stays sees every version of a table, and reads little of those it has seen."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from market.lake.location import Lake
from market.lake.parts import write_parts
from market.lake.schemas import bars_table
from market.lake.snapshots import Part
from market.lake.tables import Table
from market.lake.watch import MOST_FOLLOWED, TableWatch
from tests.builders import make_bar, make_bars_table, make_lake, write_bars

SEPTEMBER, OCTOBER = Part("AAPL", "2026-09"), Part("AAPL", "2026-10")
OPENING = Table.open


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return make_lake(tmp_path)


@pytest.fixture
def watch(lake: Lake) -> TableWatch:
    return TableWatch(bars_table(lake))


@pytest.fixture
def openings(monkeypatch: pytest.MonkeyPatch) -> list[Table]:
    """Return the tables whose log is read from its beginning."""
    opened: list[Table] = []

    def opening(table: Table, version: int | None = None) -> object:
        opened.append(table)
        return OPENING(table, version)

    monkeypatch.setattr(Table, "open", opening)
    return opened


def test_a_table_that_comes_later_is_seen(lake: Lake, watch: TableWatch) -> None:
    assert watch.snapshot().version == -1

    write_bars(lake, [make_bar()])

    assert list(watch.snapshot().parts) == [OCTOBER]


def test_nothing_new_is_the_same_object_and_opens_nothing(lake: Lake, watch: TableWatch, openings: list[Table]) -> None:
    write_bars(lake, [make_bar()])
    before = watch.snapshot()
    openings.clear()

    assert watch.snapshot() is before
    assert openings == []


def test_what_others_commit_is_seen_and_the_rest_is_as_it_was(
    lake: Lake, watch: TableWatch, openings: list[Table]
) -> None:
    write_bars(lake, [make_bar(session=date(2026, 9, 1)), make_bar()])
    before = watch.snapshot()
    written = write_bars(lake, [make_bar(close=7.0), make_bar(symbol="A"), make_bar(symbol="Z")])
    openings.clear()

    after = watch.snapshot()

    assert after.version == written.version
    assert after.parts == written.parts
    assert list(after.parts) == sorted(after.parts)
    assert after.parts[SEPTEMBER] is before.parts[SEPTEMBER]
    assert after.parts[OCTOBER] != before.parts[OCTOBER]
    assert openings == []


def test_files_that_others_add_come_after_those_of_their_part(lake: Lake, watch: TableWatch) -> None:
    write_bars(lake, [make_bar()])
    before = watch.snapshot()
    table = before.table
    further = write_parts(table, make_bars_table([make_bar(session=date(2026, 10, 2))]), "z")
    table.extend(table.snapshot(), further, {})

    after = watch.snapshot()

    assert after == table.snapshot()
    assert after.parts[OCTOBER][0] == before.parts[OCTOBER][0]
    assert len(after.parts[OCTOBER]) == 2


def test_parts_that_others_remove_are_gone(lake: Lake, watch: TableWatch) -> None:
    write_bars(lake, [make_bar(session=date(2026, 9, 1)), make_bar()])
    seen = watch.snapshot()

    seen.table.publish(seen.table.snapshot(), [], [SEPTEMBER], {})

    assert list(watch.snapshot().parts) == [OCTOBER]


def test_a_table_that_is_followed_for_long_is_opened_again(
    lake: Lake, watch: TableWatch, openings: list[Table]
) -> None:
    newest = write_bars(lake, [make_bar()])
    watch.snapshot()
    opened = []
    for number in range(2 * MOST_FOLLOWED + 1):
        newest = newest.table.publish(
            newest, write_parts(newest.table, make_bars_table([make_bar()]), f"{number}"), [OCTOBER], {}
        )
        openings.clear()
        assert watch.snapshot() == newest
        opened.append(bool(openings))

    assert [number for number, again in enumerate(opened) if again] == [MOST_FOLLOWED, 2 * MOST_FOLLOWED]


def test_it_goes_on_from_a_commit_of_ones_own(lake: Lake, watch: TableWatch, openings: list[Table]) -> None:
    write_bars(lake, [make_bar(session=date(2026, 9, 1)), make_bar()])
    taken = watch.snapshot()
    openings.clear()

    made = taken.table.publish(taken, [], [SEPTEMBER], {})
    watch.follow(made)

    assert watch.snapshot() is made
    assert openings == []
    write_bars(lake, [make_bar(session=date(2026, 9, 1))])
    assert watch.snapshot().version == made.version + 1


@pytest.mark.parametrize("commits", [1, 2, 5], ids=["with fewer versions", "with as many", "with more"])
def test_a_table_that_was_made_again_is_seen_at_once(
    lake: Lake, watch: TableWatch, tmp_path: Path, commits: int
) -> None:
    for close in (1.0, 2.0):
        write_bars(lake, [make_bar(close=close), make_bar(symbol="GONE")])
    watch.snapshot()
    shutil.rmtree(tmp_path)
    again = [write_bars(lake, [make_bar(symbol="MSFT", close=5.0 + number)]) for number in range(commits)]

    assert watch.snapshot() == again[-1]


def test_a_table_that_was_deleted_is_not_there(lake: Lake, watch: TableWatch, tmp_path: Path) -> None:
    write_bars(lake, [make_bar()])
    watch.snapshot()
    shutil.rmtree(tmp_path)

    seen = watch.snapshot()

    assert (seen.version, seen.parts) == (-1, {})


def test_a_version_of_a_table_that_is_gone_is_not_gone_on_from(lake: Lake, watch: TableWatch, tmp_path: Path) -> None:
    gone = write_bars(lake, [make_bar()])
    shutil.rmtree(tmp_path)
    watch.follow(gone)

    assert watch.snapshot().version == -1
