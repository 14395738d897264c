"""What companies did to their shares, and what the exchange said of whole sessions: two tables beside the bars.

Both are partitioned by symbol and month (of the session that an entry takes effect on or is of).
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Any

import pyarrow as pa

from market.lake.location import Lake
from market.lake.parts import write_parts
from market.lake.schemas import INSTANT
from market.lake.snapshots import Part, PartFile, Snapshot
from market.lake.tables import Table, TableChanged
from market.months import Month
from market.providers.facts import DailyBar, Dividend, Split

_MAX_RACES = 30
_READERS = 16
# Begins the paths of files that hold dividends only: every run of process_prices looks for splits, which are rare.
_DIVIDENDS = "dividends"

# One row per (symbol, session, kind): from `session` on, one old share is `value` new ones (split), or who holds the
# share before it gets `value` dollars (dividend).
_ACTIONS: list[tuple[str, pa.DataType]] = [
    ("symbol", pa.string()),
    ("month", pa.string()),
    ("session", pa.date32()),
    ("kind", pa.string()),
    ("value", pa.float64()),
    ("provider", pa.string()),
    ("fetched_at", INSTANT),
]
ACTIONS_SCHEMA = pa.schema(_ACTIONS)
# One row per (symbol, session), as traded.
_DAILY: list[tuple[str, pa.DataType]] = [
    ("symbol", pa.string()),
    ("month", pa.string()),
    ("session", pa.date32()),
    ("open", pa.float64()),
    ("high", pa.float64()),
    ("low", pa.float64()),
    ("close", pa.float64()),
    ("volume", pa.int64()),
    ("provider", pa.string()),
    ("fetched_at", INSTANT),
]
DAILY_FIGURES_SCHEMA = pa.schema(_DAILY)


class ActionKind(StrEnum):
    SPLIT = "split"
    DIVIDEND = "dividend"


@dataclass(frozen=True, order=True, slots=True)
class Action:
    """A split or a dividend that takes effect at the opening of `session`."""

    session: date
    kind: str
    value: float


def actions_table(lake: Lake) -> Table:
    return Table(lake, "corporate_actions", ACTIONS_SCHEMA)


def daily_figures_table(lake: Lake) -> Table:
    return Table(lake, "daily_figures", DAILY_FIGURES_SCHEMA)


@dataclass(frozen=True, slots=True)
class Source:
    """Who said it and when (aware UTC)."""

    symbol: str
    provider: str
    fetched_at: datetime


def store_actions(lake: Lake, source: Source, splits: Iterable[Split], dividends: Iterable[Dividend]) -> bool:
    """Put all actions of a symbol in place of those that are there; tell whether that changed anything.

    Raises LakeUnreachable, and TableChanged when races never end.
    """
    entries = [Action(split.effective, ActionKind.SPLIT, split.factor) for split in splits]
    entries += [Action(dividend.ex_date, ActionKind.DIVIDEND, dividend.amount) for dividend in dividends]
    rows = [
        {"session": action.session, "kind": str(action.kind), "value": action.value} for action in sorted(set(entries))
    ]
    return _replace(actions_table(lake), source, rows, whole=True)


def store_daily(lake: Lake, source: Source, bars: Iterable[DailyBar]) -> bool:
    """Add a symbol's daily figures, later ones over earlier ones of the same session; tell whether anything changed."""
    names = ("session", "open", "high", "low", "close", "volume")
    rows = [{name: getattr(bar, name) for name in names} for bar in sorted(bars, key=lambda bar: bar.session)]
    return _replace(daily_figures_table(lake), source, rows, whole=False)


def _replace(table: Table, source: Source, rows: Sequence[dict[str, Any]], *, whole: bool) -> bool:
    months = {str(Month.of(row["session"])) for row in rows}
    said = {"symbol": source.symbol, "provider": source.provider, "fetched_at": source.fetched_at}
    for _ in range(_MAX_RACES):
        snapshot = table.snapshot()
        mine = {part for part in snapshot.parts if part.symbol == source.symbol and (whole or part.month in months)}
        held = {part: _rows(snapshot, part) for part in mine}
        wanted = [{**row, **said, "month": str(Month.of(row["session"]))} for row in rows]
        if not whole:
            new = {row["session"] for row in rows}
            wanted += [row for kept in held.values() for row in kept if row["session"] not in new]
        wanted.sort(key=lambda row: (row["session"], row.get("kind", "")))
        changed = {part for part in mine | _parts(wanted) if _facts(held.get(part, [])) != _facts(_of(wanted, part))}
        if not changed:
            return False
        new_rows = [row for row in wanted if Part(row["symbol"], row["month"]) in changed]
        files = _write(table, new_rows)
        try:
            table.publish(snapshot, files, changed, {"writer": "fetch_facts"})
        except TableChanged:
            continue
        return True
    raise TableChanged(f"{table.name} was changed by others {_MAX_RACES} times in a row; run again.")


def _write(table: Table, rows: Sequence[dict[str, Any]]) -> list[PartFile]:
    run = uuid.uuid4().hex[:8]
    others = {Part(row["symbol"], row["month"]) for row in rows if row.get("kind") != ActionKind.DIVIDEND}
    named: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        named["facts" if Part(row["symbol"], row["month"]) in others else _DIVIDENDS].append(row)
    tables = {name: pa.Table.from_pylist(of_name, schema=table.schema) for name, of_name in named.items()}
    return [file for name, of_name in tables.items() for file in write_parts(table, of_name, f"{name}-{run}")]


def _parts(rows: Iterable[dict[str, Any]]) -> set[Part]:
    return {Part(row["symbol"], row["month"]) for row in rows}


def _of(rows: Iterable[dict[str, Any]], part: Part) -> list[dict[str, Any]]:
    return [row for row in rows if Part(row["symbol"], row["month"]) == part]


def _facts(rows: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return what is said, without who said it when."""
    return [tuple(value for name, value in row.items() if name != "fetched_at") for row in map(_sorted_row, rows)]


def _sorted_row(row: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(row.items()))


def _rows(snapshot: Snapshot, part: Part) -> list[dict[str, Any]]:
    names = [name for name in snapshot.table.schema.names if name not in ("symbol", "month")]
    read = snapshot.read_part(part, names).to_pylist()
    return [{"symbol": part.symbol, "month": part.month, **row} for row in read]


def read_actions(snapshot: Snapshot, symbol: str) -> list[Action]:
    """Return the actions of a symbol, ascending. Raises LakeUnreachable."""
    rows = [row for part in snapshot.parts if part.symbol == symbol for row in _rows(snapshot, part)]
    return sorted(Action(row["session"], row["kind"], row["value"]) for row in rows)


def read_splits(snapshot: Snapshot, symbols: Collection[str], until: date) -> dict[str, list[Action]]:
    """Return the splits of symbols that take effect up to a date, ascending. Raises LakeUnreachable."""
    wanted = tuple(
        file
        for file in snapshot.files
        if file.part.symbol in symbols
        and file.part.month <= str(Month.of(until))
        and not file.path.startswith(f"run={_DIVIDENDS}-")
    )
    months = Snapshot.of(snapshot.table, snapshot.version, wanted)
    found: dict[str, list[Action]] = defaultdict(list)
    with ThreadPoolExecutor(_READERS) as readers:
        for rows in readers.map(partial(_rows, months), months.parts):
            for row in rows:
                if row["kind"] == ActionKind.SPLIT and row["session"] <= until:
                    found[row["symbol"]].append(Action(row["session"], row["kind"], row["value"]))
    return {symbol: sorted(actions) for symbol, actions in found.items()}


def read_daily(snapshot: Snapshot, part: Part) -> dict[date, dict[str, Any]]:
    """Return the daily figures of a part by session. Raises LakeUnreachable."""
    return {row["session"]: row for row in _rows(snapshot, part)}


def fingerprint(actions: Iterable[Action]) -> str:
    """Return a short hash by which an adjusted series names the events it was made with."""
    text = ";".join(f"{action.session} {action.kind} {action.value!r}" for action in sorted(actions))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
