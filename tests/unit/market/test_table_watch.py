"""A process that stays sees every version of a table, and reads little of those it has seen."""

import random
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.lake.delta_log import add_action
from market.lake.faults import LakeUnreachable
from market.lake.location import Lake
from market.lake.parts import write_parts
from market.lake.schemas import bars_table
from market.lake.snapshots import Part
from market.lake.tables import Table
from market.lake.upkeep import upkeep
from market.lake.watch import TableWatch
from tests.builders import make_bar, make_bars_table, make_lake, write_bars

SEPTEMBER, OCTOBER, KEPT = Part("AAPL", "2026-09"), Part("AAPL", "2026-10"), Part("KEPT", "2026-10")
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


@pytest.mark.parametrize(("commits", "opened"), [(9, 0), (10, 1)], ids=["few", "many"])
def test_many_commits_at_once_are_not_read_one_by_one(
    lake: Lake, watch: TableWatch, openings: list[Table], commits: int, opened: int
) -> None:
    write_bars(lake, [make_bar(), make_bar(symbol="KEPT")])
    before = watch.snapshot()
    newest = [write_bars(lake, [make_bar(close=1.0 + number)]) for number in range(commits)][-1]
    openings.clear()

    after = watch.snapshot()

    assert len(openings) == opened
    assert (after.version, after.parts) == (newest.version, newest.parts)
    assert after.parts[KEPT] is before.parts[KEPT]


def test_a_commit_of_another_kind_is_left_to_the_library(lake: Lake, watch: TableWatch, openings: list[Table]) -> None:
    write_bars(lake, [make_bar()])
    before = watch.snapshot()
    before.table.open().alter.set_table_properties({"delta.appendOnly": "false"})
    newest = write_bars(lake, [make_bar(close=2.0)])
    openings.clear()

    assert watch.snapshot() == newest
    assert len(openings) == 1


def test_files_that_come_back_are_seen_once(lake: Lake, watch: TableWatch, openings: list[Table]) -> None:
    first = write_bars(lake, [make_bar()])
    write_bars(lake, [make_bar(close=2.0), make_bar(symbol="MSFT")])
    watch.snapshot()
    first.table.open().restore(first.version)
    openings.clear()

    assert watch.snapshot().parts == first.parts
    table = first.table.open()
    table.create_write_transaction(
        [add_action(*first.parts[OCTOBER])],
        mode="append",
        schema=table.schema(),
        partition_by=["symbol", "month"],
    )
    openings.clear()
    assert watch.snapshot().parts == first.parts
    assert openings == []


def test_a_commit_that_cannot_be_read_is_a_fault_of_the_lake_and_passes_with_it(
    lake: Lake, watch: TableWatch, tmp_path: Path
) -> None:
    write_bars(lake, [make_bar()])
    watch.snapshot()
    newest = write_bars(lake, [make_bar(close=2.0)])
    (log,) = tmp_path.rglob(f"{newest.version:020}.json")
    whole = log.read_bytes()
    log.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(LakeUnreachable):
        watch.snapshot()

    log.write_bytes(whole)
    assert watch.snapshot() == newest


CHANGES = st.lists(st.sampled_from(["publish", "extend", "remove", "merge", "checkpoint", "look"]), max_size=14)


@settings(max_examples=25, deadline=None)
@given(changes=CHANGES, seed=st.integers(0, 99))
def test_whatever_others_commit_it_is_what_the_library_says(
    tmp_path_factory: pytest.TempPathFactory, changes: list[str], seed: int
) -> None:
    lake = make_lake(tmp_path_factory.mktemp("lake"))
    write_bars(lake, [make_bar(), make_bar(symbol="MSFT"), make_bar(session=date(2026, 9, 1))])
    watch = TableWatch(bars_table(lake))
    watch.snapshot()
    chance = random.Random(seed)
    for number, change in enumerate(changes):
        _change(watch, change, number, chance)

    seen, said = watch.snapshot(), watch.table.snapshot()

    assert seen == said
    assert list(seen.parts) == list(said.parts)
    assert [file.committed_ms for file in seen.files] == [file.committed_ms for file in said.files]


def _change(watch: TableWatch, change: str, number: int, chance: random.Random) -> None:
    newest = watch.table.snapshot()
    session = chance.choice([date(2026, 8, 3), date(2026, 9, 1), date(2026, 10, 5)])
    bar = make_bar(symbol=chance.choice(["AAPL", "BRK.B", "MSFT"]), session=session, close=1.0 + number)
    if change == "publish":
        write_bars(watch.table.lake, [bar], f"{number}")
    elif change == "extend":
        watch.table.extend(newest, write_parts(watch.table, make_bars_table([bar]), f"{number}"), {})
    elif change == "remove":
        watch.table.publish(newest, [], list(newest.parts)[-1:], {})
    elif change == "merge":
        upkeep(watch.table, timedelta())
    elif change == "checkpoint":
        watch.table.open().create_checkpoint()
    else:
        watch.snapshot()


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
