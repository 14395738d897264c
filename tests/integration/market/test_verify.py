"""`manage.py verify_lake` finds each kind of damage, says what to do, and what it says works."""

import gzip
import io
import json
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from market.lake.location import Lake
from market.lake.parts import write_parts
from market.lake.schemas import bars_table
from market.lake.snapshots import Snapshot
from market.limits import Account, Limits
from market.models import RequestAttempt, budget_of
from stockcompare.models import State
from stockcompare.work import prepare_next, tidy
from tests.builders import make_bar, make_bars_table, write_bars
from tests.fetching import Ran, bars

DAYS = 86_400


def run(command: str = "verify_lake", *arguments: str) -> Ran:
    output, ran = io.StringIO(), Ran(0, "")
    try:
        call_command(command, *arguments, stdout=output, stderr=output)
    except CommandError as error:
        ran.code = error.returncode
        output.write(str(error))
    ran.output = output.getvalue()
    return ran


def root(lake: Lake) -> Path:
    return Path(lake.storage.path(""))


def reply(lake: Lake, pattern: str = "*.csv.gz") -> Path:
    (path,) = (root(lake) / "raw/synthetic/MINUTE_BARS/symbol=AAPL/month=2026-09").glob(pattern)
    return path


def file(lake: Lake) -> Path:
    (path,) = (root(lake) / "tables/bars").glob("run=*/symbol=AAPL/month=2026-09/*.parquet")
    return path


def rewrite(path: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    pq.write_table(change(pq.read_table(path, partitioning=None)), path, compression="zstd")


def age(path: Path, days: float) -> None:
    then = time.time() - days * DAYS
    os.utime(path, (then, then))


def flip(path: Path) -> None:
    content = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(content.replace(b"1", b"2", 1)))


def forget(path: Path) -> None:
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"rows": 1}))


def double(rows: pa.Table) -> pa.Table:
    return pa.concat_tables([rows.slice(0, 1), rows.slice(0, 1), rows.slice(2)])


DAMAGES: dict[str, tuple[Callable[[Lake], object], str, str]] = {
    "a changed reply": (lambda lake: flip(reply(lake)), "damaged reply", "fetch the month with --force"),
    "half a reply": (lambda lake: reply(lake).write_bytes(reply(lake).read_bytes()[:99]), "damaged reply", "--force"),
    "no reply": (lambda lake: reply(lake).unlink(), "missing reply", "Put the object back"),
    "a manifest of another reply": (
        lambda lake: reply(lake, "*.json").write_text(
            reply(lake, "*.json").read_text().replace('"symbol": "AAPL",\n "month"', '"symbol": "MSFT",\n "month"')
        ),
        "wrong manifest",
        "correct the manifest",
    ),
    "a count that differs": (lambda lake: forget(reply(lake, "*.json")), "wrong count", "rebuild_bars --symbols AAPL"),
    "no file": (lambda lake: file(lake).unlink(), "missing file", "rebuild_bars --symbols AAPL --months 2026-09"),
    "half a file": (lambda lake: file(lake).write_bytes(file(lake).read_bytes()[:999]), "damaged file", "rebuild_bars"),
    "a shorter file": (lambda lake: rewrite(file(lake), lambda rows: rows.slice(9)), "damaged file", "rebuild_bars"),
    "a commit that is gone": (
        lambda lake: (root(lake) / "tables/bars/_delta_log/00000000000000000002.json").unlink(),
        "damaged log",
        "Move the folder tables/bars away",
    ),
    "a commit that is garbage": (
        lambda lake: (root(lake) / "tables/bars/_delta_log/00000000000000000002.json").write_text("{"),
        "damaged log",
        "Move the folder tables/bars away",
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_found_and_the_advice_is_given(filled: Lake, name: str) -> None:
    damage, kind, advice = DAMAGES[name]
    damage(filled)

    ran = run()

    assert ran.code == 1
    assert any(f"{kind}: " in line and advice in line for line in ran.output.splitlines()), ran.output


def test_a_whole_lake_has_nothing_wrong(filled: Lake) -> None:
    ran = run()

    assert ran.code == 0, ran.output
    assert ran.output.splitlines()[-1].startswith("4 stored replies and ")
    assert ran.output.endswith("rows of tables read; nothing is wrong.\n")


def test_rows_out_of_order_and_doubled_rows_are_found(lake: Lake) -> None:
    later = make_bar(bar_start=make_bar()["bar_start"].replace(minute=45))
    publish(lake, [later, make_bar()])
    publish(lake, [later | {"symbol": "MSFT"}] * 2)

    ran = run()

    assert "wrong order: tables/bars/AAPL 2026-10: its bars do not ascend" in ran.output
    assert "duplicate key: tables/bars/MSFT 2026-10: 1 rows have the key of another" in ran.output


def publish(lake: Lake, *files_of_bars: list[dict[str, Any]]) -> Snapshot:
    """Publish bars in the order given, one file for each list."""
    table = bars_table(lake)
    files = [file for rows in files_of_bars for file in write_parts(table, make_bars_table(rows), "as-given")]
    return table.publish(table.snapshot(), files, {file.part for file in files}, {})


@pytest.mark.parametrize("name", ["no file", "half a file", "a shorter file"])
def test_what_a_finding_advises_makes_it_right(filled: Lake, name: str) -> None:
    before = bars(filled).read().sort_by([("symbol", "ascending"), ("bar_start", "ascending")])
    DAMAGES[name][0](filled)

    rebuilt = run("rebuild_bars", "--symbols", "AAPL", "--months", "2026-09")

    assert rebuilt.code == 0, rebuilt.output
    assert run().code == 0
    assert bars(filled).read().sort_by([("symbol", "ascending"), ("bar_start", "ascending")]) == before


def test_a_table_that_was_moved_away_is_made_anew(filled: Lake) -> None:
    (root(filled) / "tables/bars").rename(root(filled).parent / "away")

    assert run("rebuild_bars").code == 0
    assert run().code == 0


def test_orphans_go_with_repair_when_they_are_old(filled: Lake) -> None:
    stray = root(filled) / "tables/bars/run=ended/symbol=AAPL/month=2026-09/part-1.parquet"
    young = stray.with_name("part-2.parquet")
    broken_off = reply(filled).with_name(".tmp1")
    stray.parent.mkdir(parents=True)
    for path in (stray, young, broken_off):
        path.write_bytes(b"x")
    age(stray, days=2)

    found, repaired = run(), run("verify_lake", "--repair")

    assert found.code == 1
    assert "orphan file: tables/bars/run=ended/symbol=AAPL/month=2026-09/part-1.parquet" in found.output
    assert "part-2" not in found.output
    assert repaired.code == 0, repaired.output
    assert "  repaired: orphan file" in repaired.output
    assert (stray.exists(), young.exists(), broken_off.exists()) == (False, True, False)
    assert bars(filled).read().num_rows


def test_files_that_were_replaced_are_no_orphans(filled: Lake) -> None:
    write_bars(filled, [make_bar(close=1.0)])
    write_bars(filled, [make_bar(close=2.0)])
    for path in (root(filled) / "tables/bars").rglob("*.parquet"):
        age(path, days=3)

    assert "orphan" not in run().output


def test_maintenance_bounds_files_and_log_and_keeps_recent_versions(lake: Lake) -> None:
    snapshots = [write_bars(lake, [make_bar(close=float(number))], run_id=f"run-{number}") for number in range(1, 31)]
    folder = root(lake) / "tables/bars"
    (folder / "run=ended").mkdir()
    (folder / "run=ended/stray.parquet").write_bytes(b"x")
    age(folder / "run=ended/stray.parquet", days=8)

    first = run("maintain_lake")

    assert first.output.strip() == "bars: log checkpoint written, 1 files removed"
    assert snapshots[3].read()["close"].to_pylist() == [4.0]
    backdate(folder, days=40)
    second = run("maintain_lake")
    assert "30 log entries removed, 29 files removed" in second.output
    assert len(list(folder.glob("run=*/**/*.parquet"))) == 1
    assert len(list((folder / "_delta_log").iterdir())) <= 3
    assert (bars(lake).version, bars(lake).read()["close"].to_pylist()) == (30, [30.0])
    assert write_bars(lake, [make_bar(close=9.0)]).version == 31
    assert run().code == 0


def backdate(folder: Path, days: int) -> None:
    """Make everything as old as if it had been written then: ages of files, and what the log says."""
    for path in folder.rglob("*"):
        if path.is_file():
            age(path, days)
    (folder / "_delta_log/_last_checkpoint").unlink()
    for path in (folder / "_delta_log").glob("*.checkpoint.parquet"):
        path.unlink()
    for log in (folder / "_delta_log").glob("*.json"):
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        for removed in (line["remove"] for line in lines if "remove" in line):
            removed["deletionTimestamp"] -= days * DAYS * 1000
        log.write_text("\n".join(map(json.dumps, lines)))
        age(log, days)


def test_a_part_of_several_files_becomes_one(lake: Lake) -> None:
    before = publish(lake, [make_bar()], [make_bar(bar_start=make_bar()["bar_start"].replace(minute=45))]).read()

    ran = run("maintain_lake")

    assert "1 parts compacted" in ran.output
    assert len(bars(lake).files) == 1
    assert bars(lake).read().sort_by("bar_start") == before.sort_by("bar_start")


def test_the_scheduled_processing_shortens_the_logs(lake: Lake) -> None:
    for number in range(21):
        write_bars(lake, [make_bar(close=float(number + 1))])

    assert prepare_next(lake) == ["bars: log checkpoint written"]
    assert prepare_next(lake) == []
    assert bars(lake).read()["close"].to_pylist() == [21.0]


def test_the_daily_run_tidies_the_tables_and_the_ledger(lake: Lake) -> None:
    for number in range(21):
        write_bars(lake, [make_bar(close=float(number + 1))])
    now = timezone.now()
    budget = budget_of(Account("alpha_vantage", "key", Limits()))
    for days in (1, 40):
        RequestAttempt.objects.create(budget=budget, function="SPLITS", sent_at=now - timedelta(days=days))

    first, second = tidy(now=now), tidy(now=now)

    done = ["ledger: 1 old requests removed", "bars: log checkpoint written"]
    assert (first.state, first.summary.splitlines()) == (State.DONE, done)
    assert (second.state, second.summary) == (State.DONE, "nothing to do")
    assert RequestAttempt.objects.count() == 1


def test_a_lake_that_is_not_there_has_nothing_to_verify_or_maintain(lake: Lake) -> None:
    assert (run().code, run("maintain_lake").output) == (0, "")


def test_an_orphan_age_that_could_take_a_running_runs_files_is_refused(lake: Lake) -> None:
    assert run("verify_lake", "--orphan-hours", "0").code == 2
