"""What a process remembers between runs saves it work, and changes nothing of what a run does."""

import os
import shutil
from pathlib import Path

import pytest
from deltalake import DeltaTable

from analytics.jobs import run
from analytics.jobs.memory import make_ready, memory_of
from analytics.schemas import derived_table
from market.lake.location import Lake
from market.lake.tables import LakeUnreachable, Table
from tests.builders import make_lake, make_session_bars, write_bars
from tests.processing import process, process_anew, read_table

TABLES = ("daily", "moving_averages")
OPENING = Table.open


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@pytest.fixture
def lake(folder: Path) -> Lake:
    lake = make_lake(folder)
    write_bars(lake, make_session_bars("AAPL") + make_session_bars("MSFT"))
    return lake


@pytest.fixture
def openings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the tables whose log is read from its beginning."""
    opened: list[str] = []

    def opening(table: Table, version: int | None = None) -> object:
        opened.append(table.name)
        return OPENING(table, version)

    monkeypatch.setattr(Table, "open", opening)
    return opened


def test_a_run_reads_no_log_again_and_makes_what_a_new_process_makes(lake: Lake, openings: list[str]) -> None:
    process(lake, tables=TABLES)
    write_bars(lake, make_session_bars("MSFT", first_close=300.0))
    openings.clear()

    report = process(lake, tables=TABLES)

    assert not {"bars", *TABLES} & set(openings)
    assert [[str(part) for part in table.computed] for table in report.tables] == [["MSFT 2026-10"]] * 2
    made = {name: read_table(lake, name) for name in TABLES}
    assert not process_anew(lake, tables=TABLES).changed
    assert {name: read_table(lake, name) for name in TABLES} == made
    process(lake, tables=TABLES, full=True)
    assert {name: read_table(lake, name) for name in TABLES} == made


def test_what_is_made_ready_between_runs_is_not_read_in_the_next(
    lake: Lake, openings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    process(lake, tables=TABLES)
    make_ready(lake)
    write_bars(lake, make_session_bars("MSFT", first_close=300.0))
    openings.clear()
    followed: list[str] = []
    following = DeltaTable.update_incremental

    def follow(table: DeltaTable) -> None:
        followed.append(table.table_uri)
        following(table)

    monkeypatch.setattr(DeltaTable, "update_incremental", follow)

    report = process(lake, tables=TABLES)

    assert followed == []
    assert [[str(part) for part in table.computed] for table in report.tables] == [["MSFT 2026-10"]] * 2
    make_ready(lake)
    # Nobody commits to the bars, so they need not be open for it.
    assert {Path(uri).name for uri in followed} == set(TABLES)
    assert not {"bars", *TABLES} & set(openings)


def test_what_others_did_before_all_is_made_ready_is_seen(lake: Lake) -> None:
    process(lake, tables=TABLES)
    daily = derived_table(lake, "daily")
    part = next(iter(daily.snapshot().parts))
    for _ in range(2):
        daily.publish(daily.snapshot(), [], [part], {})
    make_ready(lake)

    report = process(lake, tables=TABLES)

    assert [table.computed for table in report.tables] == [(part,), ()]


def test_a_lake_that_is_gone_cannot_be_made_ready_and_is_forgotten(lake: Lake, folder: Path) -> None:
    process(lake, tables=TABLES)
    shutil.rmtree(folder)

    with pytest.raises(LakeUnreachable):
        make_ready(lake)

    write_bars(lake, make_session_bars("AAPL", first_close=50.0))
    assert process(lake, tables=TABLES).changed


def test_what_others_do_to_the_tables_is_seen(lake: Lake) -> None:
    process(lake, tables=TABLES)
    daily = derived_table(lake, "daily")
    part = next(iter(daily.snapshot().parts))
    daily.publish(daily.snapshot(), [], [part], {})

    report = process(lake, tables=TABLES)

    assert [table.computed for table in report.tables] == [(part,), ()]


def test_a_lake_that_is_made_again_is_looked_at_anew(lake: Lake, folder: Path) -> None:
    process(lake, tables=TABLES)
    shutil.rmtree(folder)
    write_bars(lake, make_session_bars("AAPL", first_close=50.0))

    report = process(lake, tables=TABLES)

    assert [[str(part) for part in table.computed] for table in report.tables] == [["AAPL 2026-10"]] * 2
    assert set(read_table(lake, "daily")["symbol"].to_pylist()) == {"AAPL"}


def test_what_failed_is_forgotten(lake: Lake, openings: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    process(lake, tables=TABLES)

    def unreachable(*_: object, **__: object) -> None:
        raise LakeUnreachable

    with monkeypatch.context() as broken:
        broken.setattr(run, "read_splits", unreachable)
        with pytest.raises(LakeUnreachable):
            process(lake, tables=TABLES)
    openings.clear()

    process(lake, tables=TABLES)

    assert {"bars", *TABLES} <= set(openings)


def test_of_two_at_once_the_second_remembers_nothing(lake: Lake) -> None:
    process(lake, tables=TABLES)

    with memory_of(lake) as first, memory_of(lake) as second:
        assert (list(first.looks), list(second.looks)) == (list(TABLES), [])


def test_a_process_that_is_forked_remembers_nothing(lake: Lake) -> None:
    process(lake, tables=TABLES)

    child = os.fork()
    if not child:
        with memory_of(lake) as memory:
            os._exit(len(memory.looks))

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
