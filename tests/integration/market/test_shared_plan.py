"""Several fetchers at one plan and one key, and fetchers that are killed: real processes, a real database."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from market.lake.location import Lake
from tests.builders import make_lake
from tests.fetching import KEY, REPOSITORY, bars, database_beside, fetch_environment, fetch_process, finished
from tests.servers import SmallVendor, small_vendor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROUNDS = 30
MONTHS = [f"2024-{month:02}" for month in range(1, 13)] + [f"2025-{month:02}" for month in range(1, 13)]

# Forks a process that runs the command for each line it reads, and says its number and how it ended.
FORKS = """
import os, sys
import django
django.setup()
from django.core.management import call_command, CommandError
for line in sys.stdin:
    child = os.fork()
    if not child:
        sys.stdin.close()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            call_command("fetch_prices", *line.split())
        except CommandError as error:
            print(error, file=sys.stderr)
            os._exit(error.returncode)
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def cells_by_state(lake: Lake) -> Counter[str]:
    with closing(sqlite3.connect(database_beside(lake.url))) as connection:
        return Counter(dict(connection.execute("SELECT state, count(*) FROM market_backfillcell GROUP BY state")))


def live_cells(lake: Lake) -> set[str]:
    return {f"{part.symbol} {part.month}" for part in bars(lake).parts()}


def test_four_fetchers_on_one_key_never_exceed_its_limits_nor_fetch_a_cell_twice(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    arguments = ("--provider", "alpha_vantage", "--symbols", "AAPL", "MSFT", "--months", *MONTHS[:14])
    limits = {"REQUEST_LIMITS": "alpha_vantage=1/s 25/day"}
    with small_vendor(daily_limit=25) as vendor:
        fetch = [fetch_process(lake.url, vendor, *arguments, **limits) for _ in range(4)]
        runs = [finished(process) for process in fetch]

    came = [at for at, _ in vendor.log]
    assert len(came) == 25
    assert min(later - earlier for earlier, later in pairwise(came)) >= 1.0
    assert max(Counter(vendor.cells).values()) == 1
    assert live_cells(lake) == set(vendor.cells)
    assert cells_by_state(lake) == {"done": 25, "planned": 3}
    assert {run.code for run in runs} == {3}
    assert all("25 of 25 were sent" in run.output for run in runs), runs


class Fetchers:
    """Starts the command over and over, each time in a process of its own, without its start-up time."""

    def __init__(self, lake: Lake, vendor: SmallVendor) -> None:
        environment = fetch_environment(lake.url) | {"ALPHA_VANTAGE_URL": vendor.url, "ALPHA_VANTAGE_API_KEY": KEY}
        self._process = subprocess.Popen(
            [sys.executable, "-c", FORKS],
            env=environment | {"DJANGO_SETTINGS_MODULE": "stockcompare.settings"},
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments: tuple[str, ...], kill_after: float | None = None) -> int:
        """Run the command, killed after so many seconds if it still runs; return its exit code."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(" ".join(arguments) + "\n")
        self._process.stdin.flush()
        child = int(self._process.stdout.readline())
        if kill_after is not None:
            time.sleep(kill_after)
            # It may have ended by itself meanwhile.
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        return int(self._process.stdout.readline())

    def end(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(30)


def test_killed_at_random_and_started_again_the_plan_completes_with_exactly_its_cells(tmp_path: Path) -> None:
    lake = make_lake(tmp_path)
    arguments = ("--provider", "alpha_vantage", "--symbols", "AAPL", "MSFT", "--months", *MONTHS)
    expected = {f"{symbol} {month}" for symbol in ("AAPL", "MSFT") for month in MONTHS}
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    killed = 0
    with small_vendor(seconds=0.1) as vendor:
        fetchers = Fetchers(lake, vendor)
        for _ in range(ROUNDS):
            killed += fetchers.run(arguments, kill_after=chance.uniform(0.05, 1.2)) == -signal.SIGKILL
            assert live_cells(lake) <= expected, f"seed {seed}"
        last = fetchers.run(arguments)
        fetchers.end()

    assert last == 0, f"seed {seed}"
    assert live_cells(lake) == expected, f"seed {seed}"
    assert cells_by_state(lake)["fetching"] == 0
    assert len(vendor.log) <= len(expected) + killed, f"seed {seed}: {Counter(vendor.cells).most_common(3)}"
    assert set(vendor.cells) == expected
