"""Several fetchers at one plan and one key, and fetchers that are killed: real processes, real databases.

KILL_ROUNDS repeats the kills (30).
"""

import os
import random
import re
import sqlite3
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest

from market.lake.location import Lake
from tests.builders import make_lake
from tests.fetching import REPOSITORY, Ran, bars, database_beside, fetch_environment, fetch_process, finished
from tests.forking import forks
from tests.postgres import postgresql
from tests.vendors import SmallVendor, Vendor, recorded_vendor, small_vendor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROUNDS = int(os.environ.get("KILL_ROUNDS", "30"))
SET = "eqker_av_2019"
MONTHS = [f"2024-{month:02}" for month in range(1, 13)] + [f"2025-{month:02}" for month in range(1, 13)]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return make_lake(tmp_path)


@pytest.fixture
def sqlite(lake: Lake) -> str:
    return f"sqlite:///{database_beside(lake.url)}"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgresql() as url:
        yield url


@pytest.fixture
def postgres(server: str, lake: Lake) -> str:
    """Give the address of a PostgreSQL database with an empty plan and ledger."""
    name = f"plan_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = server.removesuffix("postgres") + name
    environment = fetch_environment(lake.url) | {"DATABASE_URL": url}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "market", "-v0"], cwd=REPOSITORY, env=environment, check=True
    )
    return url


def cells_by_state(database: str) -> Counter[str]:
    connect = psycopg.connect if database.startswith("postgres") else sqlite3.connect
    with closing(connect(database.removeprefix("sqlite:///"))) as connection:
        rows = connection.execute("SELECT state, count(*) FROM market_backfillcell GROUP BY state")
        return Counter(dict(rows.fetchall()))


def live_cells(lake: Lake) -> set[str]:
    return {f"{part.symbol} {part.month}" for part in bars(lake).parts}


def four_at_once(lake: Lake, database: str, vendor: SmallVendor | Vendor, per_day: int, *arguments: str) -> list[Ran]:
    settings = {"REQUEST_LIMITS": f"alpha_vantage=1/s {per_day}/day", "DATABASE_URL": database}
    four = [fetch_process(lake.url, vendor, "--provider", "alpha_vantage", *arguments, **settings) for _ in range(4)]
    return [finished(process) for process in four]


def check_arrivals(arrivals: list[float], cells: list[str], per_day: int) -> None:
    assert len(arrivals) == per_day
    assert min(later - earlier for earlier, later in pairwise(sorted(arrivals))) >= 1.0
    assert max(Counter(cells).values()) == 1


def check_codes(runs: list[Ran]) -> None:
    """Each run did a part of its cells (3), or none: the key's turns are drawn among those who wait."""
    for run in runs:
        told = re.search(r"^alpha_vantage: (.+); [\d,]+ bars written", run.output, re.MULTILINE)
        assert told, run
        done = [each for each in told[1].split(", ") if not each.endswith((" not tried", " failed"))]
        assert run.code == (3 if done else 1), run
    assert any(run.code == 3 for run in runs), runs


@pytest.mark.realdata
def test_four_fetchers_on_one_key_never_exceed_its_limits_nor_fetch_a_cell_twice(
    lake: Lake, sqlite: str, shared_data: Path
) -> None:
    names = sorted(path.name.removesuffix(".csv.gz") for path in (shared_data / "minute_bars/norm" / SET).iterdir())
    with recorded_vendor(shared_data, SET) as vendor:
        # January was not recorded and is answered without bars.
        months = ("--label", "start", "--months", "2019-01", "2019-02")
        runs = four_at_once(lake, sqlite, vendor, 25, "--symbols", *names, *months)
        calls = vendor.calls()

    cells = [f"{call['symbol']} {call['month']}" for call in calls]
    check_arrivals([call["at"] for call in calls], cells, 25)
    recorded = {cell for cell in cells if cell.endswith("2019-02")}
    assert live_cells(lake) == recorded
    assert cells_by_state(sqlite) == {"done": len(recorded), "absent": 25 - len(recorded), "planned": 23}
    check_codes(runs)
    assert all("25 of 25 were sent" in run.output for run in runs), runs


def test_on_postgresql_the_locks_hold_as_well(lake: Lake, postgres: str) -> None:
    arguments = ("--symbols", "AAPL", "MSFT", "--months", *MONTHS[:8])
    with small_vendor(daily_limit=12) as vendor:
        runs = four_at_once(lake, postgres, vendor, 12, *arguments)

    check_arrivals([at for at, _ in vendor.log], vendor.cells, 12)
    assert live_cells(lake) == set(vendor.cells)
    assert cells_by_state(postgres) == {"done": 12, "planned": 4}
    check_codes(runs)
    assert all("12 of 12 were sent" in run.output for run in runs), runs


def test_on_postgresql_the_cell_of_a_killed_fetcher_is_free_at_once(lake: Lake, postgres: str) -> None:
    arguments = ("--provider", "alpha_vantage", "--symbols", "AAPL", "--months", *MONTHS[:2])
    with small_vendor(seconds=1.0) as vendor:
        killed = fetch_process(lake.url, vendor, *arguments, DATABASE_URL=postgres)
        deadline = time.monotonic() + 60
        while not vendor.log and time.monotonic() < deadline:
            time.sleep(0.01)
        killed.kill()
        killed.communicate()
        assert cells_by_state(postgres) == {"fetching": 1, "planned": 1}
        began = time.monotonic()
        ran = finished(fetch_process(lake.url, vendor, *arguments, DATABASE_URL=postgres))

    assert ran.code == 0, ran.output
    assert cells_by_state(postgres) == {"done": 2}
    assert Counter(vendor.cells) == {f"AAPL {MONTHS[1]}": 2, f"AAPL {MONTHS[0]}": 1}
    # The lease is an hour.
    assert time.monotonic() - began < 60


def test_killed_at_random_and_started_again_the_plan_completes_with_exactly_its_cells(lake: Lake, sqlite: str) -> None:
    arguments = ("--provider", "alpha_vantage", "--symbols", "AAPL", "MSFT", "--months", *MONTHS)
    expected = {f"{symbol} {month}" for symbol in ("AAPL", "MSFT") for month in MONTHS}
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    killed = 0
    with small_vendor(seconds=0.1) as vendor:
        environment = fetch_environment(lake.url, vendor) | {"DATABASE_URL": sqlite}
        with forks(environment, "market.management.commands.fetch_prices") as forking:
            for _ in range(ROUNDS):
                fetcher = forking.start(environment, "fetch_prices", *arguments)
                fetcher.ends_within(chance.uniform(0.05, 1.2))
                killed += fetcher.kill()
                assert live_cells(lake) <= expected, f"seed {seed}"
            code, output = forking.start(environment, "fetch_prices", *arguments).finish()

    assert code == 0, f"seed {seed}: {output}"
    assert live_cells(lake) == expected, f"seed {seed}"
    assert cells_by_state(sqlite)["fetching"] == 0
    assert len(vendor.log) <= len(expected) + killed, f"seed {seed}: {Counter(vendor.cells).most_common(3)}"
    assert set(vendor.cells) == expected
