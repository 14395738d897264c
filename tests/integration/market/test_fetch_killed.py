"""Killed at any moment, `fetch_prices` leaves whole months or nothing, and the next run completes."""

import random
import signal
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from market.lake.location import Lake
from market.lake.tables import Part
from market.months import Month
from market.providers.synthetic.provider import Synthetic
from tests.builders import make_lake
from tests.fetching import bars, fetch_process, finished
from tests.servers import Vendor

SYMBOLS, MONTHS = ("AAPL", "MSFT"), ("2026-08", "2026-09")
ARGUMENTS = ("--provider", "alpha_vantage", "--symbols", *SYMBOLS, "--months", *MONTHS)
ROUNDS = 20


def expected_starts(part: Part) -> list[Any]:
    provider, month = Synthetic(), Month.parse(part.month)
    return provider.parse(provider.fetch_month(part.symbol, month, datetime.now(UTC))).bars["bar_start"].to_pylist()


@pytest.fixture(scope="module")
def whole() -> dict[Part, list[Any]]:
    parts = [Part(symbol, month) for symbol in SYMBOLS for month in MONTHS]
    return {part: expected_starts(part) for part in parts}


def live(lake: Lake) -> dict[Part, list[Any]]:
    snapshot = bars(lake)
    return {part: snapshot.read_part(part, ["bar_start"])["bar_start"].to_pylist() for part in snapshot.parts()}


def kill_after(process: "subprocess.Popen[str]", seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.communicate()


def kill_after_commits(process: "subprocess.Popen[str]", log: Path, commits: int) -> None:
    """Kill in the middle of the work, which moments drawn from the whole run may all miss."""
    while len(list(log.glob("*.json"))) < commits and process.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.005)
    kill_after(process, 0)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_kill_leaves_whole_months_and_the_next_run_completes(
    tmp_path: Path, vendor: Vendor, whole: dict[Part, list[Any]]
) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    first = fetch_process(make_lake(tmp_path / "first").url, vendor, *ARGUMENTS)
    began = time.monotonic()
    assert finished(first).code == 0
    usual = time.monotonic() - began
    partly = 0
    for number in range(ROUNDS):
        lake = make_lake(tmp_path / f"{number}")

        process = fetch_process(lake.url, vendor, *ARGUMENTS)
        if number % 4:
            kill_after(process, chance.uniform(0.3, 1.0) * usual)
        else:
            kill_after_commits(process, tmp_path / f"{number}/tables/bars/_delta_log", chance.randint(2, 4))

        left = live(lake)
        assert left == {part: whole[part] for part in left}, f"seed {seed}, round {number}"
        partly += 0 < len(left) < len(whole)
        ran = finished(fetch_process(lake.url, vendor, *ARGUMENTS))
        assert ran.code == 0, ran.output
        assert live(lake) == whole, f"seed {seed}, round {number}"
    assert partly, f"no kill hit a run at work (seed {seed})"


@pytest.mark.slow
def test_two_processes_at_once_fetch_each_bar_once(
    tmp_path: Path, vendor: Vendor, whole: dict[Part, list[Any]]
) -> None:
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
