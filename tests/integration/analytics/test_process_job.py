"""Bringing derived tables up to date with the bars, on the embedded engine and a lake in a folder."""

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from analytics.jobs import compute
from analytics.jobs import run as job
from analytics.jobs.report import BarsIncomplete, NoBars, ProcessReport
from analytics.schemas import derived_table
from analytics.transforms.catalog import TRANSFORMS
from market.calendar import Phase, sessions_in_range
from market.lake.location import Lake
from market.lake.schemas import bars_table
from market.lake.snapshots import Part
from market.lake.tables import TableChanged
from tests.builders import make_lake, make_session_bars, write_bars
from tests.processing import NOW, last_commit, parts_replaced, process, process_anew, read_table, read_tables

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 30), date(2026, 10, 1), date(2026, 11, 2)


def month_of_bars(symbol: str, first: date, *, first_close: float = 100.0) -> list[dict[str, Any]]:
    """Return two sessions of a month, enough for every window."""
    sessions = sessions_in_range(first, first + timedelta(days=6))[:2]
    return [
        bar
        for number, session in enumerate(sessions)
        for bar in make_session_bars(symbol, session, first_close=first_close + number)
    ]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Return a lake with two months of two symbols, one of which looks like a number."""
    lake = make_lake(tmp_path / "lake")
    for symbol in ("0700", "MSFT"):
        write_bars(lake, month_of_bars(symbol, SEPTEMBER) + month_of_bars(symbol, NOVEMBER))
    return lake


def computed(report: ProcessReport) -> dict[str, list[str]]:
    return {table.name: [str(part) for part in table.computed] for table in report.tables}


def test_process_fills_every_table_from_the_bars(lake: Lake) -> None:
    report = process(lake)

    tables = read_tables(lake)
    assert {name: table.schema for name, table in tables.items()} == {
        name: transform.schema for name, transform in TRANSFORMS.items()
    }
    # 30 September lies in one month and 1 October in the next, so there are three parts of each symbol.
    assert {name: table.num_rows for name, table in tables.items()} == {
        "daily": 8,
        "hourly": 56,
        "moving_averages": 3120,
        "returns": 3120,
        "indicators": 3120,
        "volatility": 8,
        "seasonality": 2340,
        "quality": 8,
        "pairs": 4,
    }
    assert report.changed
    assert {table.name: table.rows for table in report.tables} == {
        name: table.num_rows for name, table in tables.items()
    }
    assert set(tables["daily"]["symbol"].to_pylist()) == {"0700", "MSFT"}


def test_process_again_does_nothing_and_starts_no_engine(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    first = process(lake)
    monkeypatch.setattr(job, "open_engine", None)

    again = process(lake)

    assert not again.changed
    assert [table.version for table in again.tables] == [table.version for table in first.tables]


def test_process_says_in_each_commit_what_was_made_from_what(lake: Lake) -> None:
    report = process(lake)

    commit = last_commit(lake, "returns")
    assert commit["run_id"].startswith(report.run_id)
    assert commit["engine"] == "embedded"
    assert commit["formula_version"] == str(TRANSFORMS["returns"].formula_version)
    assert commit["bars_version"] == str(bars_table(lake).snapshot().version)
    assert commit["processed_at"] == NOW.isoformat()
    assert commit["parts"] == "0700 2026-09, 0700 2026-10, 0700 2026-11, MSFT 2026-09, MSFT 2026-10, MSFT 2026-11"


def test_process_of_a_correction_replaces_its_part_and_those_that_look_back_on_it(lake: Lake) -> None:
    process(lake)
    write_bars(lake, make_session_bars("MSFT", OCTOBER, first_close=300.0))

    report = process(lake)

    assert computed(report) == {
        "daily": ["MSFT 2026-10"],
        "hourly": ["MSFT 2026-10"],
        "moving_averages": ["MSFT 2026-10", "MSFT 2026-11"],
        "returns": ["MSFT 2026-10", "MSFT 2026-11"],
        "indicators": ["MSFT 2026-10", "MSFT 2026-11"],
        "volatility": ["MSFT 2026-10", "MSFT 2026-11"],
        "seasonality": ["MSFT 2026-10"],
        "quality": ["MSFT 2026-10"],
        "pairs": ["0700_MSFT 2026-10", "0700_MSFT 2026-11"],
    }
    assert parts_replaced(lake, "daily") == "MSFT 2026-10"


def test_process_bit_by_bit_equals_a_full_rebuild_to_the_bit(lake: Lake) -> None:
    process(lake)
    write_bars(lake, make_session_bars("MSFT", OCTOBER, first_close=300.0))
    write_bars(lake, month_of_bars("AAPL", OCTOBER))
    process(lake)
    grown = read_tables(lake)

    report = process(lake, full=True)

    parts = {name: len(parts) for name, parts in computed(report).items()}
    # Three months of 0700 and MSFT, one of AAPL: three pairs of the two, and one of AAPL with each.
    assert (parts.pop("pairs"), set(parts.values())) == (5, {7})
    assert read_tables(lake) == grown


def test_process_of_some_symbols_leaves_the_others_for_later(lake: Lake) -> None:
    process(lake, symbols=("MSFT",))

    assert set(read_table(lake, "daily")["symbol"].to_pylist()) == {"MSFT"}
    assert {str(part)[:4] for part in process(lake).tables[0].computed} == {"0700"}
    assert read_table(lake, "pairs").num_rows == 4


def test_process_compares_the_universe_and_goes_on_with_pairs_that_are_there(lake: Lake) -> None:
    process(lake, universe=("MSFT", "0700"))
    write_bars(lake, month_of_bars("AAPL", OCTOBER) + make_session_bars("MSFT", OCTOBER, first_close=300.0))

    report = process(lake, universe=("AAPL", "MSFT"))

    assert computed(report)["pairs"] == ["0700_MSFT 2026-10", "0700_MSFT 2026-11", "AAPL_MSFT 2026-10"]


def test_process_of_some_tables_leaves_the_others_for_later(lake: Lake) -> None:
    report = process(lake, tables=("returns",))

    assert [table.name for table in report.tables] == ["returns"]
    assert derived_table(lake, "daily").snapshot().version == -1


def test_process_names_symbols_without_bars(lake: Lake) -> None:
    assert process(lake, symbols=("MSFT", "IBM")).symbols_without_bars == ("IBM",)


def test_process_without_any_bars_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoBars, match="fetch_prices"):
        process(make_lake(tmp_path))


def test_process_removes_parts_whose_bars_are_gone(lake: Lake) -> None:
    process(lake)
    bars = bars_table(lake)
    bars.publish(bars.snapshot(), [], [Part("0700", "2026-09")], {"run_id": "withdrawn"})

    report = process(lake)

    removed = {table.name: [str(part) for part in table.removed] for table in report.tables}
    assert removed == {key: ["0700 2026-09"] for key in TRANSFORMS} | {"pairs": ["0700_MSFT 2026-09"]}
    # The month after lost what it looked back on.
    assert computed(report)["returns"] == ["0700 2026-10"]
    assert Part("0700", "2026-09") not in derived_table(lake, "daily").snapshot().parts


def test_process_knows_that_a_part_without_regular_bars_is_up_to_date(lake: Lake) -> None:
    write_bars(lake, make_session_bars("IBM", OCTOBER, phases=[Phase.PRE]))

    report = process(lake)

    assert "IBM 2026-10" in computed(report)["daily"]
    assert "IBM" not in read_table(lake, "daily")["symbol"].to_pylist()
    assert not process(lake).changed


def test_process_writes_one_file_a_part_in_order_of_time(lake: Lake) -> None:
    process(lake)

    snapshot = derived_table(lake, "returns").snapshot()
    assert {len(files) for files in snapshot.parts.values()} == {1}
    for file in snapshot.files:
        path = Path(snapshot.table.url.removeprefix("file://"), file.path)
        starts: list[Any] = pq.read_table(path, partitioning=None)["bar_start"].to_pylist()
        assert starts == sorted(starts)
        assert file.rows == len(starts)


def test_process_in_several_batches_gives_the_same_tables(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    process(lake)
    at_once = read_tables(lake)
    monkeypatch.setattr(compute, "BATCH_ROWS", 1)

    process(lake, full=True)

    assert read_tables(lake) == at_once
    assert parts_replaced(lake, "daily") == "MSFT 2026-11"


def test_process_refuses_to_derive_from_bars_that_the_engine_does_not_see(lake: Lake) -> None:
    process(lake)
    before = read_tables(lake)
    snapshot = write_bars(lake, make_session_bars("MSFT", OCTOBER, first_close=300.0), run_id="lost")
    (lost,) = [file for file in snapshot.files if file.path.startswith("run=lost")]
    Path(snapshot.table.url.removeprefix("file://"), lost.path).unlink()

    with pytest.raises(BarsIncomplete, match="0 bars of MSFT 2026-10 where the table has 390"):
        process(lake)

    assert read_tables(lake) == before


def test_process_goes_on_when_another_run_commits_first(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = compute._publish
    rivals = ["daily", "returns"]

    def outrun(derived: Any, files: Any, batch: Any, metadata: Any) -> Any:
        if batch.transform.name in rivals:
            rivals.remove(batch.transform.name)
            with monkeypatch.context() as undone:
                undone.setattr(compute, "_publish", publish)
                process(lake, tables=(batch.transform.name,), symbols=("MSFT",))
        return publish(derived, files, batch, metadata)

    monkeypatch.setattr(compute, "_publish", outrun)
    report = process(lake)

    assert computed(report)["daily"] == ["0700 2026-09", "0700 2026-10", "0700 2026-11"]
    monkeypatch.undo()
    assert not process(lake).changed
    assert read_table(lake, "daily").num_rows == 8
    assert uncommitted_folders(lake, "daily") == []


def test_process_gives_up_when_others_never_stop_committing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def outrun(*args: Any) -> Any:
        raise TableChanged("daily was changed by another process")

    monkeypatch.setattr(compute, "_publish", outrun)

    with pytest.raises(TableChanged):
        process(lake)


def uncommitted_folders(lake: Lake, name: str) -> list[str]:
    """Return the run folders with files in them that no commit of the table names."""
    table = derived_table(lake, name)
    committed = {commit.get("folder") for commit in table.history()}
    folders = Path(table.url.removeprefix("file://")).glob("run=*")
    return [folder.name for folder in folders if folder.name not in committed and list(folder.rglob("*.parquet"))]


def make_orphan(lake: Lake, age: timedelta) -> Path:
    """Leave what a run leaves that is killed while it writes."""
    folder = Path(derived_table(lake, "daily").url.removeprefix("file://")) / "run=killed-1" / "symbol=MSFT"
    folder.mkdir(parents=True)
    file = folder / "part-0.parquet"
    file.write_bytes(b"half a file")
    os.utime(file, times=((NOW - age).timestamp(),) * 2)
    return file


def test_process_removes_what_a_killed_run_left_a_day_ago(lake: Lake) -> None:
    process(lake)
    orphan = make_orphan(lake, age=timedelta(days=1, minutes=1))
    write_bars(lake, make_session_bars("MSFT", OCTOBER, first_close=300.0))

    process_anew(lake)

    assert not orphan.exists()
    # Files of an older version are no orphans: it can still be read.
    first_version = derived_table(lake, "daily").open(1).to_pyarrow_dataset().to_table()
    assert first_version.num_rows == 8


def test_a_run_without_work_does_not_count_as_a_look_for_what_killed_runs_left(lake: Lake) -> None:
    process_anew(lake)
    process(lake)
    orphan = make_orphan(lake, age=timedelta(days=1, minutes=1))
    write_bars(lake, make_session_bars("MSFT", OCTOBER, first_close=300.0))

    process(lake)

    assert not orphan.exists()


def test_process_leaves_the_files_of_a_run_that_may_still_be_under_way(lake: Lake) -> None:
    process(lake)
    young = make_orphan(lake, age=timedelta(hours=23))
    write_bars(lake, make_session_bars("MSFT", OCTOBER, first_close=300.0))

    process_anew(lake)

    assert young.exists()
