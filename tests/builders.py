"""Build bars and lakes for tests."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from market.calendar import NEW_YORK, Phase, session_hours
from market.lake.location import Lake
from market.lake.parts import write_parts
from market.lake.schemas import BAR_SCHEMA, bars_table
from market.lake.snapshots import Snapshot
from market.lake.storage import AtomicFileSystemStorage
from market.limits import Account, Limits

SESSION = date(2026, 10, 1)
FETCHED_AT = datetime(2026, 11, 10, 12, tzinfo=UTC)
UNLIMITED = Account("alpha_vantage", "of-a-test", Limits())


def make_lake(folder: Path) -> Lake:
    return Lake(url=f"file://{folder}", storage=AtomicFileSystemStorage(location=folder))


def make_bar(**overrides: Any) -> dict[str, Any]:
    """Return one bar as BAR_SCHEMA has it; `session`, `month` and `phase` follow from `bar_start` unless given."""
    bar_start = overrides.get("bar_start", session_hours(SESSION).session_open)
    session = overrides.get("session", bar_start.astimezone(NEW_YORK).date())
    bar = {
        "symbol": "AAPL",
        "month": f"{session:%Y-%m}",
        "session": session,
        "bar_start": bar_start,
        "phase": str(session_hours(session).phase_of(bar_start) or Phase.POST),
        "open": 100.0,
        "high": 101.0,
        "low": 99.0,
        "close": 100.5,
        "volume": 1000,
        "flags": [],
        "quarantined": False,
        "provider": "alpha_vantage",
        "fetched_at": FETCHED_AT,
    }
    return bar | overrides


def make_session_bars(
    symbol: str = "AAPL",
    session: date = SESSION,
    *,
    first_close: float = 100.0,
    step: float = 0.01,
    phases: Iterable[Phase] = (Phase.REGULAR,),
    minutes: int | None = None,
    **overrides: Any,
) -> list[dict[str, Any]]:
    """Return the minutes of a session in the phases named, at most `minutes` of them; close rises by `step` a bar."""
    hours = session_hours(session)
    length = int((hours.post_close - hours.pre_open).total_seconds()) // 60
    starts = [hours.pre_open + timedelta(minutes=minute) for minute in range(length)]
    chosen = [start for start in starts if hours.phase_of(start) in set(phases)][:minutes]
    bars = []
    for number, bar_start in enumerate(chosen):
        close = round(first_close + step * number, 6)
        prices = {"open": close - step, "high": close + 0.05, "low": close - step - 0.05, "close": close}
        bars.append(
            make_bar(
                symbol=symbol, session=session, bar_start=bar_start, **{**prices, "volume": 1000 + number, **overrides}
            )
        )
    return bars


def make_bars_table(bars: Iterable[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(list(bars), schema=BAR_SCHEMA)


def write_bars(lake: Lake, bars: Iterable[dict[str, Any]], run_id: str = "test") -> Snapshot:
    """Publish bars in place of every part they touch, and return the new version of the table."""
    table = bars_table(lake)
    rows = make_bars_table(sorted(bars, key=lambda bar: (bar["symbol"], bar["bar_start"])))
    live = table.snapshot()
    files = write_parts(table, rows, run_id, live)
    return table.publish(live, files, {file.part for file in files}, {"run_id": run_id})
