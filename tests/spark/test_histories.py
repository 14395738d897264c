"""However bars and splits come and go, with kills in between, the tables are to the bit those of a full rebuild."""

import os
import random
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from analytics.engines.base import connect_mode
from analytics.jobs import compute, run
from analytics.jobs.report import ProcessRequest
from analytics.jobs.run import process_prices
from market.calendar import session_hours, sessions_in_range
from market.lake.location import Lake
from market.lake.schemas import BAR_SCHEMA, bars_table
from market.lake.snapshots import Part
from market.progress import SilentProgress
from market.providers.facts import Split
from tests.builders import make_bar, make_lake, write_bars
from tests.processing import NOW, read_tables
from tests.spark.conftest import PYSPARK_LEAKS, OpenSession
from tests.split_market import tell_splits

# As many as CI has time for. Of more: HISTORIES=200 python -m pytest tests/spark/test_histories.py, with -m spark or
# -m "not spark" for one engine.
# With AT_ONCE=50 there are fifty in one lake, of symbols of their own, which costs little more than one.
HISTORIES, AT_ONCE = os.environ.get("HISTORIES"), os.environ.get("AT_ONCE", "1")
USUAL = {"embedded": 4, "spark": 1}
SYMBOLS = ("AAPL", "MSFT", "0700")
MONTHS = ((2026, 8), (2026, 9), (2026, 10))
FIRST_DAYS = {8: 3, 9: 1, 10: 1}
FACTORS = (2.0, 7.0, 1.5, 0.1)
STEPS = 4
MOST_COMPARED = 12
# From several batches a table to one.
BATCH_ROWS = (400, 1_000, 4_000)


Bar = dict[str, Any]


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


def month_of_bars(chance: random.Random, symbol: str, year: int, month: int) -> list[Bar]:
    """Return one or two short sessions."""
    days = [date(year, month, FIRST_DAYS[month] + day) for day in range(chance.randint(1, 2))]
    return [bar for day in days for bar in session_of_bars(chance, symbol, day)]


def session_of_bars(chance: random.Random, symbol: str, session: date, most: int = 50) -> list[Bar]:
    """Return a random walk with gaps; some bars are quarantined."""
    bars = []
    opened, price = session_hours(session).session_open, chance.uniform(5, 500)
    for minute in sorted(chance.sample(range(most + 10), chance.randint(1, most))):
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


def symbols_of(number: int) -> list[str]:
    return [f"{symbol}{number or ''}" for symbol in SYMBOLS]


def arrive(lake: Lake, chances: Sequence[random.Random]) -> None:
    """Write months of bars, new or in place of others."""
    arrived: dict[tuple[str, int], list[Bar]] = {}
    for number, chance in enumerate(chances):
        for _ in range(chance.randint(1, 3)):
            symbol, (year, month) = chance.choice(symbols_of(number)), chance.choice(MONTHS)
            arrived[symbol, month] = month_of_bars(chance, symbol, year, month)
    write_bars(lake, [bar for bars in arrived.values() for bar in bars])


def go_on(lake: Lake, chances: Sequence[random.Random]) -> None:
    """Add the next session to a month, mostly to the one that had the last one; in some correct an earlier bar, too."""
    months: dict[Part, list[Bar]] = defaultdict(list)
    for bar in bars_table(lake).snapshot().read(BAR_SCHEMA.names).to_pylist():
        months[Part(bar["symbol"], bar["month"])].append(bar)
    gone_on: list[Bar] = []
    for number, chance in enumerate(chances):
        own = sorted(part for part in months if part.symbol in symbols_of(number))
        if own and chance.random() < 0.8:
            part = own[0] if chance.random() < 0.7 else chance.choice(own)
            bars = sorted(months[part], key=lambda bar: bar["bar_start"])
            if chance.random() < 0.3:
                corrected = chance.randrange(len(bars))
                bars[corrected] |= {"close": bars[corrected]["open"], "volume": chance.randint(1, 10**6)}
            *_, session = sessions_in_range(bars[-1]["session"], bars[-1]["session"] + timedelta(days=7))[:2]
            if f"{session:%Y-%m}" == part.month:
                # As long as one of the longest windows, in some.
                bars += session_of_bars(chance, part.symbol, session, most=chance.choice([50, 380]))
            gone_on += bars
    if gone_on:
        write_bars(lake, gone_on)


def withdraw(lake: Lake, chances: Sequence[random.Random]) -> None:
    """Take all bars of a symbol away, or those of one month, in some histories."""
    bars = bars_table(lake).snapshot()
    parts, gone = sorted(bars.parts), set[Part]()
    for number, chance in enumerate(chances):
        own = [part for part in parts if part.symbol in symbols_of(number)]
        if own and chance.random() < 0.25:
            chosen = chance.choice(own)
            gone |= {part for part in own if part.symbol == chosen.symbol} if chance.random() < 0.5 else {chosen}
    # Without any bars a run is refused.
    if 0 < len(gone) < len(parts):
        bars.table.publish(bars, [], gone, {"run_id": "withdrawn"})


def split(lake: Lake, chances: Sequence[random.Random]) -> None:
    """Learn of splits of a symbol, which take the place of those that were known of it, in some histories."""
    for number, chance in enumerate(chances):
        if chance.random() < 0.4:
            days = [date(year, month, FIRST_DAYS[month] + chance.randint(0, 1)) for year, month in MONTHS]
            chosen = sorted(chance.sample(days, chance.randint(0, 2)))
            splits = [Split(day, chance.choice(FACTORS)) for day in chosen]
            tell_splits(lake, {chance.choice(symbols_of(number)): splits})


def live(lake: Lake, chances: Sequence[random.Random], request: ProcessRequest) -> None:
    """Let histories of symbols of their own go on in steps, with a run after each, which may be killed at any step."""
    process = partial(process_prices, request, lake, NOW)
    for _ in range(STEPS):
        arrive(lake, chances)
        withdraw(lake, chances)
        go_on(lake, chances)
        split(lake, chances)
        # Suppressed: as after a kill, nothing tidies up, and the next run finds what there is.
        with suppress(Killed):
            process(Kill(chances[0].randint(1, 10)) if chances[0].random() < 0.5 else SilentProgress())
    process(SilentProgress())


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
    count, at_once = int(HISTORIES or USUAL[engine]), int(AT_ONCE)
    seed = random.randrange(10**6)
    for first in range(seed, seed + count, at_once):
        chances = [random.Random(number) for number in range(first, min(first + at_once, seed + count))]
        # Then even these few bars may take several commits.
        monkeypatch.setattr(compute, "BATCH_ROWS", len(chances) * chances[0].choice(BATCH_ROWS))
        lake = make_lake(tmp_path / f"{first}")
        # Of many histories at once, one symbol each of some is compared with the others': all pairs would be thousands.
        universe = tuple(symbols_of(number)[0] for number in range(0, len(chances), -(-len(chances) // MOST_COMPARED)))
        request = ProcessRequest(engine, universe=universe if len(chances) > 1 else None)
        live(lake, chances, request)
        grown = read_tables(lake)

        process_prices(replace(request, full=True), lake, NOW, SilentProgress())

        rebuilt = read_tables(lake)
        assert [name for name in grown if grown[name] != rebuilt[name]] == [], f"seed {first}"
        shutil.rmtree(tmp_path / f"{first}")
