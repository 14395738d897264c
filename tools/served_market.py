"""A market of two symbols in a lake, processed and opened, and its bars for plain programs.

Thirteen months: a few bars in most sessions, the last eight whole but for minutes that are missing, in doubt or
without volume, with extended hours around them.
"""

import math
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import django
import plain_measures as plain
import pyarrow as pa

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from analytics.jobs.report import ProcessRequest  # noqa: E402  # the path must be set first
from analytics.jobs.run import process_prices  # noqa: E402
from analytics.queries.reader import LakeReader  # noqa: E402
from analytics.schemas import derived_table  # noqa: E402
from analytics.transforms.catalog import TRANSFORMS  # noqa: E402
from market.calendar import session_hours, sessions_in_range  # noqa: E402
from market.progress import SilentProgress  # noqa: E402
from tests.builders import make_bar, make_lake, write_bars  # noqa: E402

SYMBOLS = ("AAPL", "MSFT")
FIRST, LAST = date(2025, 9, 22), date(2026, 10, 16)
# After the last session.
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
WHOLE_SESSIONS = 8
SPARSE_STEP = 29

Bars = list[plain.Bar]


@dataclass(frozen=True)
class Market:
    """The bars of each symbol in order of time, and a reader of the lake in which they lie and were processed."""

    bars: dict[str, Bars]
    reader: LakeReader

    def stored(self, table: str) -> pa.Table:
        """Return a derived table by symbol and in order of time."""
        derived = derived_table(self.reader.lake, table)
        keys = ("symbol", "month", *TRANSFORMS[table].sort_by)
        rows: pa.Table = derived.snapshot().read(derived.schema.names).sort_by([(key, "ascending") for key in keys])
        return rows


@contextmanager
def processed_market() -> Iterator[Market]:
    walks = {"AAPL": list(_walk("AAPL", 1, 150.0)), "MSFT": list(_walk("MSFT", 2, 400.0))}
    with tempfile.TemporaryDirectory() as folder:
        lake = make_lake(Path(folder))
        write_bars(lake, [_as_stored(bar) for bars in walks.values() for bar in bars])
        process_prices(ProcessRequest("embedded"), lake, NOW, SilentProgress())
        yield Market(walks, LakeReader(lake))


def _walk(symbol: str, seed: int, price: float) -> Iterator[plain.Bar]:
    chance, market = Random(seed), Random(0)
    sessions = sessions_in_range(FIRST, LAST)
    for number, session in enumerate(sessions):
        hours = session_hours(session)
        whole = number >= len(sessions) - WHOLE_SESSIONS
        minutes = range(-3, hours.regular_minutes + 2) if whole else range(0, hours.regular_minutes, SPARSE_STEP)
        price *= math.exp(chance.gauss(0, 0.004) + market.gauss(0, 0.006))
        for minute in minutes:
            opened, price = price, price * math.exp(chance.gauss(0, 0.0005) + market.gauss(0, 0.0005))
            if whole and minute > 0 and chance.random() < 0.03:
                continue
            start = hours.session_open + timedelta(minutes=minute)
            yield {
                "symbol": symbol,
                "session": session,
                "bar_start": start,
                "minute": minute,
                "hour": start.replace(minute=0),
                "phase": str(hours.phase_of(start)),
                "open": round(opened, 4),
                "high": round(max(opened, price) * (1 + chance.uniform(0.0001, 0.0005)), 4),
                "low": round(min(opened, price) * (1 - chance.uniform(0.0001, 0.0005)), 4),
                "close": round(price, 4),
                "volume": 0 if chance.random() < 0.01 else chance.randrange(1, 50_000),
                "quarantined": whole and minute > 0 and chance.random() < 0.01,
                "repaired": chance.random() < 0.01,
            }


def _as_stored(bar: plain.Bar) -> dict[str, Any]:
    flags = ["bad_print"] * bar["quarantined"] + ["ohlc_repaired"] * bar["repaired"]
    kept = {name: bar[name] for name in ("symbol", "bar_start", "open", "high", "low", "close", "volume")}
    return make_bar(**kept, quarantined=bar["quarantined"], flags=flags)
