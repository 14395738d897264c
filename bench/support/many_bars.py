"""A lake of cheap made-up bars: many symbols, many sessions, regular minutes and the auction bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa

from market.calendar import next_session, previous_session, session_hours
from market.lake.location import Lake
from market.lake.parts import write_parts
from market.lake.schemas import BAR_SCHEMA, bars_table
from market.lake.snapshots import PartFile

LAST_SESSION = date(2026, 10, 14)
FETCHED_AT = datetime(2026, 11, 1, tzinfo=UTC)
_MINUTE = np.int64(60_000_000)


@dataclass(frozen=True)
class Minutes:
    """The minutes of some sessions, ascending; `months` maps `YYYY-MM` to its rows."""

    starts: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    sessions: "np.ndarray[tuple[int], np.dtype[np.int32]]"
    regular: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
    months: dict[str, slice]


def sessions_until(last: date, count: int) -> list[date]:
    days = [last]
    while len(days) < count:
        days.append(previous_session(days[-1]))
    return days[::-1]


def minutes_of(sessions: Sequence[date]) -> Minutes:
    hours = [session_hours(session) for session in sessions]
    counts = [each.regular_minutes + 1 for each in hours]
    opens = [np.int64(int(each.session_open.timestamp())) * 1_000_000 for each in hours]
    starts = np.concatenate([opened + _MINUTE * np.arange(count) for opened, count in zip(opens, counts, strict=True)])
    days = np.repeat([(session - date(1970, 1, 1)).days for session in sessions], counts).astype(np.int32)
    regular = np.concatenate([np.arange(count) < count - 1 for count in counts])
    names = np.repeat([f"{session:%Y-%m}" for session in sessions], counts)
    months = {}
    for month in sorted(set(names)):
        rows = np.flatnonzero(names == month)
        months[str(month)] = slice(int(rows[0]), int(rows[-1]) + 1)
    return Minutes(starts, days, regular, months)


def make_bars(symbol: str, minutes: Minutes) -> pa.Table:
    """Return one symbol's random walk, in cents; the same for the same symbol, and a longer one begins alike."""
    count = len(minutes.starts)
    generator = np.random.default_rng([ord(letter) for letter in symbol])
    steps = generator.integers(-6, 7, size=(count, 4))
    close = 20_000 + np.abs(np.cumsum(steps[:, 0]))
    opened = np.concatenate([[20_000], close[:-1]])
    high = np.maximum(opened, close) + np.abs(steps[:, 1])
    low = np.minimum(opened, close) - np.abs(steps[:, 2])
    volume = 100 + 37 * np.abs(steps[:, 3]) + (close % 997)
    months = np.concatenate([np.full(rows.stop - rows.start, month) for month, rows in minutes.months.items()])
    columns = {
        "symbol": pa.repeat(symbol, count),
        "month": pa.array(months, pa.string()),
        "session": pa.array(minutes.sessions, pa.int32()).cast(pa.date32()),
        "bar_start": pa.array(minutes.starts, pa.int64()).cast(BAR_SCHEMA.field("bar_start").type),
        "phase": pa.array(np.where(minutes.regular, "regular", "auction"), pa.string()),
        **{name: values / 100 for name, values in (("open", opened), ("high", high), ("low", low), ("close", close))},
        "volume": volume,
        "flags": pa.ListArray.from_arrays(
            pa.array(np.zeros(count + 1, np.int32), pa.int32()), pa.array([], pa.string())
        ),
        "quarantined": np.zeros(count, bool),
        "provider": pa.repeat("synthetic", count),
        "fetched_at": pa.repeat(pa.scalar(FETCHED_AT, BAR_SCHEMA.field("fetched_at").type), count),
    }
    return pa.table(columns).select(BAR_SCHEMA.names).cast(BAR_SCHEMA)


def names_of(symbols: int) -> list[str]:
    return ["AAPL", "MSFT", *(f"S{number:03}" for number in range(symbols))][:symbols]


def build_lake(lake: Lake, symbols: int, sessions: int) -> int:
    """Write bars up to LAST_SESSION in one commit; return how many."""
    minutes = minutes_of(sessions_until(LAST_SESSION, sessions))
    table = bars_table(lake)
    files: list[PartFile] = []
    for symbol in names_of(symbols):
        bars = make_bars(symbol, minutes)
        for rows in minutes.months.values():
            files += write_parts(table, bars.slice(rows.start, rows.stop - rows.start), "bench")
    table.publish(table.snapshot(), files, {file.part for file in files}, {"run_id": "bench"})
    return sum(file.rows for file in files)


def add_session(lake: Lake, symbols: int, sessions: int) -> date:
    """Publish the last month of every symbol with one session more than the lake has; return that session.

    `sessions` is how many the lake was built with.
    """
    table = bars_table(lake)
    before = table.snapshot()
    newest = max(part for part in before.parts if part.symbol == "AAPL")
    days = before.read_part(newest, ["session"])["session"].to_numpy()
    added = next_session(days.max().astype("datetime64[D]").item())
    first = sessions_until(LAST_SESSION, sessions)[0]
    all_sessions = [first]
    while all_sessions[-1] < added:
        all_sessions.append(next_session(all_sessions[-1]))
    minutes = minutes_of(all_sessions)
    rows = minutes.months[f"{added:%Y-%m}"]
    files: list[PartFile] = []
    for symbol in names_of(symbols):
        bars = make_bars(symbol, minutes).slice(rows.start, rows.stop - rows.start)
        files += write_parts(table, bars, f"bench-{added}", before)
    table.publish(before, files, {file.part for file in files}, {"run_id": f"bench-{added}"})
    return added
