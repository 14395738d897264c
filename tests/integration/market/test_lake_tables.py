"""Publishing parts of a table: all or nothing, and never over somebody else's commit."""

import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from market.lake.faults import LakeUnreachable
from market.lake.location import Lake
from market.lake.parts import write_parts
from market.lake.schemas import bars_table
from market.lake.snapshots import Part, Snapshot
from market.lake.tables import Table, TableChanged
from tests.builders import make_bar, make_bars_table, make_lake, write_bars

OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)


def closes(snapshot: Snapshot) -> dict[tuple[str, str], float]:
    return {(row["symbol"], row["month"]): row["close"] for row in snapshot.read().to_pylist()}


def publish(lake: Lake, since: Snapshot, *bars: dict[str, Any]) -> Snapshot:
    table = bars_table(lake)
    files = write_parts(table, make_bars_table(bars), "test")
    return table.publish(since, files, {file.part for file in files}, {"run_id": "test"})


def test_a_table_that_is_not_there_has_no_rows(tmp_path: Path) -> None:
    snapshot = bars_table(make_lake(tmp_path)).snapshot()

    assert (snapshot.version, snapshot.files, snapshot.read().num_rows) == (-1, (), 0)
    assert snapshot.read_part(Part("AAPL", "2026-10"), ["close"]).num_rows == 0


def test_publishing_replaces_the_named_parts_alone(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    write_bars(
        lake, [make_bar(session=OCTOBER, close=1.0), make_bar(session=SEPTEMBER, close=2.0), make_bar(symbol="MSFT")]
    )

    snapshot = write_bars(lake, [make_bar(session=OCTOBER, close=3.0)])

    assert closes(snapshot) == {("AAPL", "2026-10"): 3.0, ("AAPL", "2026-09"): 2.0, ("MSFT", "2026-10"): 100.5}


def test_an_older_snapshot_still_reads_what_it_saw(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    before = write_bars(lake, [make_bar(close=1.0)])

    write_bars(lake, [make_bar(close=2.0)])

    assert closes(before) == {("AAPL", "2026-10"): 1.0}
    assert before.read_part(Part("AAPL", "2026-10"), ["close"])["close"].to_pylist() == [1.0]


@pytest.mark.parametrize("winner", [{"close": 2.0}, {"symbol": "MSFT"}], ids=["same part", "other part"])
def test_a_commit_since_the_snapshot_is_never_overwritten(tmp_path: Path, winner: dict[str, Any]) -> None:
    lake = make_lake(tmp_path)
    seen = write_bars(lake, [make_bar(close=1.0)])
    after = publish(lake, seen, make_bar(**winner))

    with pytest.raises(TableChanged):
        publish(lake, seen, make_bar(close=3.0))

    assert closes(bars_table(lake).snapshot()) == closes(after)


def test_only_one_of_two_creates_the_table(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    seen = bars_table(lake).snapshot()
    publish(lake, seen, make_bar(close=1.0))

    with pytest.raises(TableChanged):
        publish(lake, seen, make_bar(close=2.0))

    assert closes(bars_table(lake).snapshot()) == {("AAPL", "2026-10"): 1.0}


def test_of_many_at_once_exactly_one_creates_the_table(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    seen = bars_table(lake).snapshot()

    winners = compete(lake, seen)

    assert len(winners) == 1
    assert bars_table(lake).snapshot().read()["close"].to_pylist() == winners
    assert [commit["operation"] for commit in bars_table(lake).history()] == ["WRITE", "CREATE TABLE"]


@pytest.mark.parametrize("there", ["AAPL", "MSFT"], ids=["part is there", "part is new"])
def test_of_many_at_once_exactly_one_commits_on_a_snapshot(tmp_path: Path, there: str) -> None:
    lake = make_lake(tmp_path)
    seen = write_bars(lake, [make_bar(symbol=there, close=0.0)])

    winners = compete(lake, seen)

    assert len(winners) == 1
    stored = bars_table(lake).snapshot().read().to_pylist()
    assert [row["close"] for row in stored if row["symbol"] == "AAPL"] == winners
    assert len(stored) == len({there, "AAPL"})


def compete(lake: Lake, seen: Snapshot) -> list[float]:
    """Publish from eight threads at once on one snapshot; return the closes of those that did not lose."""
    start, winners = threading.Barrier(8), []

    def publish_one(close: float) -> None:
        start.wait()
        try:
            publish(lake, seen, make_bar(close=close))
        except TableChanged:
            return
        winners.append(close)

    threads = [threading.Thread(target=publish_one, args=[float(number + 1)]) for number in range(start.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return winners


def test_a_commit_between_two_of_one_publication_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = make_lake(tmp_path)
    seen = write_bars(lake, [make_bar()])
    # Parts of different months are two commits.
    mine = [make_bar(session=OCTOBER, close=1.0), make_bar(symbol="MSFT", session=SEPTEMBER, close=1.0)]
    other = iter([make_bar(symbol="MSFT", session=SEPTEMBER, close=2.0)])
    commit = Table._commit

    def commit_then_other(self: Table, *arguments: Any) -> None:
        commit(self, *arguments)
        for bar in other:
            publish(lake, bars_table(lake).snapshot(), bar)

    monkeypatch.setattr(Table, "_commit", commit_then_other)

    with pytest.raises(TableChanged):
        publish(lake, seen, *mine)

    assert closes(bars_table(lake).snapshot()) == {("AAPL", "2026-10"): 1.0, ("MSFT", "2026-09"): 2.0}


def test_a_commit_to_a_table_that_was_just_created_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = make_lake(tmp_path)
    nothing = bars_table(lake).snapshot()
    create = Table._create

    def create_then_other(self: Table) -> DeltaTable:
        create(self)
        publish(lake, bars_table(lake).snapshot(), make_bar(close=2.0))
        # The library gives the table at its newest version, not at the one that was created.
        return self.open()

    monkeypatch.setattr(Table, "_create", create_then_other)

    with pytest.raises(TableChanged):
        publish(lake, nothing, make_bar(close=1.0))

    assert closes(bars_table(lake).snapshot()) == {("AAPL", "2026-10"): 2.0}


def test_commits_say_which_parts_they_replaced(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)

    write_bars(lake, [make_bar(session=OCTOBER), make_bar(session=SEPTEMBER)], run_id="run-7")

    newest = bars_table(lake).history()[0]
    assert (newest["run_id"], newest["parts"]) == ("run-7", "AAPL 2026-09, AAPL 2026-10")


def test_a_lake_that_is_a_file_is_unreachable_and_not_empty(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("not a folder")

    with pytest.raises(LakeUnreachable, match=r"a part of this path is a file|Not a directory"):
        write_bars(make_lake(tmp_path / "lake"), [make_bar()])


def test_a_table_whose_log_is_damaged_is_unreachable_and_not_empty(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    write_bars(lake, [make_bar()])
    for log in (tmp_path / "tables/bars/_delta_log").glob("*.json"):
        log.write_text("{")

    with pytest.raises(LakeUnreachable):
        bars_table(lake).snapshot()
