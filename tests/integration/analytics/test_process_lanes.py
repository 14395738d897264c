"""Batches of several tables at the same time: a failure of one, an interrupt, and another process beside them."""

import os
import signal
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from analytics.jobs import compute, results
from analytics.jobs.lanes import Lanes
from analytics.jobs.report import ResultWrong
from analytics.schemas import derived_table
from market.lake.location import Lake
from tests.builders import make_lake, make_session_bars, write_bars
from tests.processing import command_process, finished, process, read_table

SECONDS = 60


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = make_lake(tmp_path / "lake")
    write_bars(lake, make_session_bars("AAPL") + make_session_bars("MSFT"))
    return lake


def left_behind(lake: Lake, name: str) -> list[Path]:
    """Return the files of a table that no version of it has."""
    table = derived_table(lake, name)
    live = {file.path for file in table.snapshot().files}
    folder = Path(table.url.removeprefix("file://"))
    return [file for file in folder.glob("run=*/**/*.parquet") if str(file.relative_to(folder)) not in live]


def test_a_failure_of_one_table_stops_the_other_before_its_commit_and_leaves_no_files(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect, stop = results.collect_results, Lanes._stop
    written, failed = Event(), Event()

    def collecting(table: Any, *args: Any) -> Any:
        files = collect(table, *args)
        if table.name == "daily":
            assert written.wait(SECONDS)
            raise ResultWrong("daily got 1 rows instead of 2")
        written.set()
        assert failed.wait(SECONDS)
        return files

    def stopping(lanes: Lanes, error: BaseException) -> None:
        stop(lanes, error)
        failed.set()

    monkeypatch.setattr(compute, "collect_results", collecting)
    monkeypatch.setattr(Lanes, "_stop", stopping)
    tables = ("daily", "hourly", "returns")

    with pytest.raises(ResultWrong, match="daily got"):
        process(lake, tables=tables)

    assert {name: derived_table(lake, name).snapshot().version for name in tables} == dict.fromkeys(tables, -1)
    assert [left_behind(lake, name) for name in tables] == [[], [], []]
    monkeypatch.undo()
    assert [table.rows for table in process(lake, tables=tables).tables] == [2, 14, 780]


def test_an_interrupt_ends_the_command_soon_and_leaves_no_files(lake: Lake) -> None:
    running = command_process(lake.url)
    assert running.stderr is None
    assert running.stdout
    for line in running.stdout:
        if line.startswith("Processing"):
            break

    os.kill(running.pid, signal.SIGINT)
    ran = finished(running)

    assert ran.code == 130, ran.output
    assert "every table is whole" in ran.output
    assert [left_behind(lake, name) for name in ("daily", "hourly", "moving_averages")] == [[], [], []]


def test_two_processes_at_once_leave_whole_tables(lake: Lake) -> None:
    tables = ("daily", "hourly")
    both = [command_process(lake.url, "--tables", *tables) for _ in range(2)]

    ended = [finished(running) for running in both]

    # One that is overtaken looks again, and gives up when that happens thrice.
    assert min(ran.code for ran in ended) == 0, ended
    assert all(ran.code == 0 or "was changed by another process" in ran.output for ran in ended), ended
    process(lake, tables=tables)
    assert [read_table(lake, name).num_rows for name in tables] == [2, 14]
    assert [left_behind(lake, name) for name in tables] == [[], []]
