"""Killed at any moment, `process_prices` leaves whole parts or none, and the next run completes."""

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from analytics.schemas import derived_table
from analytics.transforms.catalog import TRANSFORMS
from market.lake.location import Lake
from market.lake.snapshots import Part
from tests.builders import make_lake, make_session_bars, write_bars
from tests.forking import Forked, Forks, forks
from tests.market_fixture import SESSIONS
from tests.processing import command_environment, process

ROUNDS = 20
LOADED = ("analytics.management.commands.process_prices", "analytics.jobs.compute", "pyspark.sql.connect.session")
CORRECTED = SESSIONS[0]

Tables = dict[str, dict[Part, pa.Table]]


def build(folder: Path) -> Lake:
    """Return a lake whose tables are up to date but for one part of the bars, which was corrected since."""
    lake = make_lake(folder)
    bars = [bar for symbol in ("AAPL", "MSFT") for on in SESSIONS for bar in make_session_bars(symbol, on)]
    write_bars(lake, bars)
    process(lake, universe=("AAPL", "MSFT"))
    write_bars(lake, make_session_bars("AAPL", CORRECTED, first_close=300.0))
    return lake


def parts_of(lake: Lake) -> Tables:
    """Return every part of every table as readers see it now."""
    tables = {}
    for name, transform in TRANSFORMS.items():
        columns = [column for column in transform.schema.names if column not in ("symbol", "month")]
        snapshot = derived_table(lake, name).snapshot()
        tables[name] = {part: snapshot.read_part(part, columns) for part in snapshot.parts}
    return tables


@pytest.fixture
def forking(tmp_path: Path) -> Iterator[Forks]:
    with forks(command_environment(f"file://{tmp_path}"), *LOADED) as forking:
        yield forking


def begin(forking: Forks, lake: Lake, steps: int = 0) -> Forked:
    """Start a run and return when it has said that so many steps are done; the start-up before writes nothing."""
    running = forking.start(command_environment(lake.url), "process_prices")
    for line in running.lines():
        if line.startswith("Processing" if steps == 0 else f"[{steps}/"):
            return running
    raise AssertionError(f"the run ended with {running.code} before step {steps}")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_kill_leaves_whole_parts_and_the_next_run_completes(tmp_path: Path, forking: Forks) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    before = build(tmp_path / "before")
    after = make_lake(shutil.copytree(tmp_path / "before", tmp_path / "after"))
    running, began = begin(forking, after), time.monotonic()
    code, output = running.finish()
    assert code == 0, output
    usual = time.monotonic() - began
    old, new = parts_of(before), parts_of(after)
    killed = between = 0
    for number in range(ROUNDS):
        lake = make_lake(shutil.copytree(tmp_path / "before", tmp_path / f"{number}"))

        running = begin(forking, lake, chance.randrange(len(TRANSFORMS)))
        running.ends_within(chance.uniform(0.0, 0.3) * usual)
        killed += running.kill()

        left = parts_of(lake)
        for name, parts in left.items():
            assert parts.keys() == old[name].keys(), f"seed {seed}, round {number}, {name}"
            for part, rows in parts.items():
                assert rows in (old[name][part], new[name][part]), f"seed {seed}, round {number}, {name} {part}"
        between += left not in (old, new)
        process(lake, universe=("AAPL", "MSFT"))
        assert parts_of(lake) == new, f"seed {seed}, round {number}"
    assert killed > ROUNDS / 2, f"most runs ended before the kill (seed {seed})"
    assert between, f"no kill hit a run between two commits (seed {seed})"
