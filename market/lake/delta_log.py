"""What the log of a Delta table says of files, and what is said there of new ones."""

import json
import time
from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from sys import intern
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.transaction import AddAction

if TYPE_CHECKING:
    from market.lake.tables import Part, PartFile


def live_files(table: DeltaTable) -> Iterator[tuple[str, str, str, int, int, datetime]]:
    """Return symbol, month, path, size, rows, and time of commit of each file of a version."""
    actions = pa.RecordBatchReader.from_stream(table.get_add_actions(flatten=True)).read_all()
    names = ["partition.symbol", "partition.month", "path", "size_bytes", "num_records", "modification_time"]
    columns: Iterator[list[Any]] = (actions[name].to_pylist() for name in names)
    symbols, months, paths, sizes, rows, times = columns
    # A table of many parts has few symbols, months and commits.
    return zip(map(intern, symbols), map(intern, months), paths, sizes, rows, map(_time_of, times), strict=True)


@lru_cache(maxsize=1024)
def _time_of(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def add_action(file: "PartFile") -> AddAction:
    return AddAction(
        path=file.path,
        size=file.size,
        partition_values={"symbol": file.part.symbol, "month": file.part.month},
        modification_time=round((file.committed_at or now()).timestamp() * 1000),
        data_change=True,
        stats=json.dumps({"numRecords": file.rows}),
    )


def now() -> datetime:
    """Return the time in whole milliseconds, as a table's log keeps it."""
    return datetime.fromtimestamp(int(time.time() * 1000) / 1000, UTC)


def rectangles(parts: "Collection[Part]") -> "list[set[Part]]":
    """Split parts into sets that are a full product of symbols and months, as a transaction's filter needs."""
    months: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        months[part.symbol].add(part.month)
    groups: dict[frozenset[str], set[Part]] = defaultdict(set)
    for part in sorted(parts):
        groups[frozenset(months[part.symbol])].add(part)
    return list(groups.values())
