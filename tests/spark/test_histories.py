"""However bars come, late, corrected or with kills in between, the tables are to the bit those of a full rebuild."""

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from analytics.engines.base import connect_mode
from analytics.jobs import compute, run
from analytics.jobs.report import ProcessRequest
from analytics.jobs.run import process_prices
from market.calendar import session_hours
from market.lake.location import Lake
from market.lake.schemas import bars_table
from market.progress import SilentProgress
from tests.builders import make_bar, make_lake, write_bars
from tests.processing import NOW, read_tables
from tests.spark.conftest import PYSPARK_LEAKS, OpenSession

# As many as CI has time for. Of more: HISTORIES=200 python -m pytest tests/spark/test_histories.py -k spark
HISTORIES = os.environ.get("HISTORIES")
USUAL = {"embedded": 4, "spark": 1}
SYMBOLS = ("AAPL", "MSFT", "0700")
MONTHS = ((2026, 8), (2026, 9), (2026, 10))
FIRST_DAYS = {8: 3, 9: 1, 10: 1}
STEPS = 4
# From several batches a table to one.
BATCH_ROWS = (150, 500, 2_000)


class Killed(BaseException):
    """Not an Exception, so that nothing tidies up, as after a kill."""


class Kill(SilentProgress):
    """End the run when it has told so many steps."""

    def __init__(self, after: int) -> None:
        self.left = after

    def advance(self, message: str) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


def month_of_bars(chance: random.Random, symbol: str, year: int, month: int) -> list[dict[str, Any]]:
    """Return one or two short sessions, with gaps, of a random walk; some bars are quarantined."""
    bars = []
    for day in range(chance.randint(1, 2)):
        session = date(year, month, FIRST_DAYS[month] + day)
        opened, price = session_hours(session).session_open, chance.uniform(5, 500)
        for minute in sorted(chance.sample(range(60), chance.randint(1, 50))):
            price = round(max(1, price * chance.uniform(0.99, 1.01)), 4)
            bar = make_bar(
                symbol=symbol,
                bar_start=opened + timedelta(minutes=minute),
                open=price,
                high=round(price * 1.002, 4),
                low=round(price * 0.998, 4),
                close=round(price * chance.uniform(0.998, 1.002), 4),
                volume=chance.choice([0, chance.randint(1, 10**6)]),
            )
            bars.append(bar | ({"quarantined": True, "flags": ["bad_print"]} if chance.random() < 0.02 else {}))
    return bars


def withdraw(lake: Lake, chance: random.Random) -> None:
    """Take all bars of a symbol away, or those of one month."""
    bars = bars_table(lake).snapshot()
    chosen = chance.choice(sorted(bars.parts()))
    gone = [part for part in bars.parts() if part.symbol == chosen.symbol] if chance.random() < 0.5 else [chosen]
    # Without any bars a run is refused.
    if len(gone) < len(bars.parts()):
        bars.table.publish(bars, [], gone, {"run_id": "withdrawn"})


def live(lake: Lake, chance: random.Random, engine: str) -> None:
    """Let bars come and go in some steps, with a run after each, which may be killed at any step."""
    for _ in range(STEPS):
        for _ in range(chance.randint(1, 3)):
            write_bars(lake, month_of_bars(chance, chance.choice(SYMBOLS), *chance.choice(MONTHS)))
        if chance.random() < 0.25:
            withdraw(lake, chance)
        if chance.random() < 0.5:
            try:
                process_prices(ProcessRequest(engine), lake, NOW, Kill(chance.randint(1, 10)))
            except Killed:
                continue
        else:
            process_prices(ProcessRequest(engine), lake, NOW, SilentProgress())
    process_prices(ProcessRequest(engine), lake, NOW, SilentProgress())


@pytest.fixture
def one_session(monkeypatch: pytest.MonkeyPatch, open_session: OpenSession, engine: str) -> None:
    """Let all runs use one session of the engine, whose start would take most of the time."""
    session = open_session(engine)

    @contextmanager
    def opened(*_: Any) -> Iterator[SparkSession]:
        with connect_mode(enabled=engine == "embedded"):
            yield session

    monkeypatch.setattr(run, "open_engine", opened)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.usefixtures("one_session")
@PYSPARK_LEAKS
def test_any_history_ends_in_the_tables_of_a_full_rebuild(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = random.randrange(10**6)
    for number in range(int(HISTORIES or USUAL[engine])):
        chance = random.Random(seed + number)
        # Then even these few bars may take several commits.
        monkeypatch.setattr(compute, "BATCH_ROWS", chance.choice(BATCH_ROWS))
        lake = make_lake(tmp_path / f"{number}")
        live(lake, chance, engine)
        grown = read_tables(lake)

        process_prices(ProcessRequest(engine, full=True), lake, NOW, SilentProgress())

        rebuilt = read_tables(lake)
        assert [name for name in grown if grown[name] != rebuilt[name]] == [], f"seed {seed + number}"
        shutil.rmtree(tmp_path / f"{number}")
