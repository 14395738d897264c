"""Killed at any moment, `fetch_prices` leaves whole months or nothing, and the next run completes.

KILL_ROUNDS repeats it (20).
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from market.lake.location import Lake
from market.lake.schemas import INSTANT
from market.lake.snapshots import Part
from market.months import Month
from market.providers.synthetic.provider import Synthetic
from tests.builders import make_lake
from tests.fetching import bars, fetch_environment, fetch_process, finished
from tests.forking import Forked, forks
from tests.vendors import Vendor

SYMBOLS, MONTHS = ("AAPL", "MSFT"), ("2026-08", "2026-09")
ARGUMENTS = ("--provider", "alpha_vantage", "--symbols", *SYMBOLS, "--months", *MONTHS)
ROUNDS = int(os.environ.get("KILL_ROUNDS", "20"))

Starts = dict[Part, Any]


def expected_starts(part: Part) -> Any:
    provider, month = Synthetic(), Month.parse(part.month)
    starts = provider.parse(provider.fetch_month(part.symbol, month, datetime.now(UTC))).bars["bar_start"]
    return starts.cast(INSTANT)


@pytest.fixture(scope="module")
def whole() -> Starts:
    parts = [Part(symbol, month) for symbol in SYMBOLS for month in MONTHS]
    return {part: expected_starts(part) for part in parts}


@pytest.fixture
def forked_fetch(vendor: Vendor, tmp_path: Path) -> Iterator[Callable[[Lake], Forked]]:
    """Return a function that starts a fetch into a lake."""
    with forks(fetch_environment(f"file://{tmp_path}"), "market.management.commands.fetch_prices") as forking:

        def fetch(lake: Lake) -> Forked:
            return forking.start(fetch_environment(lake.url, vendor), "fetch_prices", *ARGUMENTS)

        yield fetch


def live(lake: Lake) -> Starts:
    snapshot = bars(lake)
    return {part: snapshot.read_part(part, ["bar_start"])["bar_start"] for part in snapshot.parts}


def kill_after_commits(process: Forked, log: Path, commits: int) -> None:
    """Kill in the middle of the work, which moments drawn from the whole run may all miss."""
    while len(list(log.glob("*.json"))) < commits and not process.ends_within(0.005):
        pass
    process.kill()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_kill_leaves_whole_months_and_the_next_run_completes(
    tmp_path: Path, forked_fetch: Callable[[Lake], Forked], whole: Starts
) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    first = forked_fetch(make_lake(tmp_path / "first"))
    began = time.monotonic()
    assert first.finish()[0] == 0
    usual = time.monotonic() - began
    partly = 0
    for number in range(ROUNDS):
        lake = make_lake(tmp_path / f"{number}")

        process = forked_fetch(lake)
        if number % 4:
            process.ends_within(chance.uniform(0.0, 1.0) * usual)
            process.kill()
        else:
            kill_after_commits(process, tmp_path / f"{number}/tables/bars/_delta_log", chance.randint(2, 4))

        left = live(lake)
        assert left == {part: whole[part] for part in left}, f"seed {seed}, round {number}"
        partly += 0 < len(left) < len(whole)
        code, output = forked_fetch(lake).finish()
        assert code == 0, output
        assert live(lake) == whole, f"seed {seed}, round {number}"
    assert partly, f"no kill hit a run at work (seed {seed})"


@pytest.mark.slow
def test_two_processes_at_once_fetch_each_bar_once(tmp_path: Path, vendor: Vendor, whole: Starts) -> None:
    lake = make_lake(tmp_path)

    runs = [finished(process) for process in [fetch_process(lake.url, vendor, *ARGUMENTS) for _ in range(2)]]

    assert [ran.code for ran in runs] == [0, 0], runs
    assert live(lake) == whole
    assert bars(lake).version == len(whole)


@pytest.mark.slow
def test_an_interrupt_ends_with_a_word_and_keeps_what_is_there(tmp_path: Path, vendor: Vendor) -> None:
    lake = make_lake(tmp_path)
    vendor.queue("ok", "slow:30")
    process = fetch_process(lake.url, vendor, *ARGUMENTS)
    deadline = time.monotonic() + 60
    while len(vendor.calls()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)

    process.send_signal(signal.SIGINT)
    ran = finished(process)

    assert ran.code == 130
    assert "Stopped. What was fetched is kept" in ran.output
    assert "Traceback" not in ran.output
    assert [*live(lake)] == [Part("AAPL", "2026-09")]
