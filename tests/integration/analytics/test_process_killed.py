"""Killed at any moment, `process_prices` leaves whole parts or none, and the next run completes."""

import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pyarrow as pa
import pytest

from analytics.schemas import derived_table
from analytics.transforms.catalog import TRANSFORMS
from market.lake.location import Lake
from market.lake.tables import Part
from tests.builders import make_lake, make_session_bars, write_bars
from tests.market_fixture import SESSIONS
from tests.processing import command_process, finished, process

ROUNDS = 20
CORRECTED = SESSIONS[0]

Tables = dict[str, dict[Part, pa.Table]]


def build(folder: Path) -> Lake:
    """Return a lake whose tables are up to date but for one part of the bars, which was corrected since."""
    lake = make_lake(folder)
    bars = [bar for symbol in ("AAPL", "MSFT") for on in SESSIONS for bar in make_session_bars(symbol, on)]
    write_bars(lake, bars)
    assert finished(command_process(lake.url)).code == 0
    write_bars(lake, make_session_bars("AAPL", CORRECTED, first_close=300.0))
    return lake


def parts_of(lake: Lake) -> Tables:
    """Return every part of every table as readers see it now."""
    tables = {}
    for name, transform in TRANSFORMS.items():
        columns = [column for column in transform.schema.names if column not in ("symbol", "month")]
        snapshot = derived_table(lake, name).snapshot()
        tables[name] = {part: snapshot.read_part(part, columns) for part in snapshot.parts()}
    return tables


def begin(lake: Lake, steps: int = 0) -> "subprocess.Popen[str]":
    """Start a run and return when it has said that so many steps are done; the start-up before writes nothing."""
    running = command_process(lake.url)
    assert running.stdout is not None
    for line in running.stdout:
        if line.startswith("Processing" if steps == 0 else f"[{steps}/"):
            return running
    raise AssertionError(f"the run ended with {running.wait()} before step {steps}")


def kill_after(process: "subprocess.Popen[str]", seconds: float) -> bool:
    """Kill the process unless it ends by itself before; tell whether it was killed."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_kill_leaves_whole_parts_and_the_next_run_completes(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    before = build(tmp_path / "before")
    after = make_lake(shutil.copytree(tmp_path / "before", tmp_path / "after"))
    running, began = begin(after), time.monotonic()
    assert finished(running).code == 0
    usual = time.monotonic() - began
    old, new = parts_of(before), parts_of(after)
    killed = between = 0
    for number in range(ROUNDS):
        lake = make_lake(shutil.copytree(tmp_path / "before", tmp_path / f"{number}"))

        killed += kill_after(begin(lake, chance.randrange(len(TRANSFORMS))), chance.uniform(0.0, 0.3) * usual)

        left = parts_of(lake)
        for name, parts in left.items():
            assert parts.keys() == old[name].keys(), f"seed {seed}, round {number}, {name}"
            for part, rows in parts.items():
                assert rows in (old[name][part], new[name][part]), f"seed {seed}, round {number}, {name} {part}"
        between += left not in (old, new)
        process(lake)
        assert parts_of(lake) == new, f"seed {seed}, round {number}"
    assert killed > ROUNDS / 2, f"most runs ended before the kill (seed {seed})"
    assert between, f"no kill hit a run between two commits (seed {seed})"
