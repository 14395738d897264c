"""What the log of a Delta table says of files, and what is said there of new ones."""

import json
import time
from collections import defaultdict
from collections.abc import Collection, Iterator
from sys import intern
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.transaction import AddAction

if TYPE_CHECKING:
    from market.lake.snapshots import Part, PartFile


def live_files(
    table: DeltaTable, known: Collection[str] = ()
) -> tuple[set[str], Iterator[tuple[str, str, str, int, int, int]]]:
    """Return the paths of all files of a version, and symbol, month, path, size, rows, time of those not known.

    The time is that of the commit, in milliseconds since 1970 UTC.
    """
    actions = pa.RecordBatchReader.from_stream(table.get_add_actions(flatten=True)).read_all()
    live: list[Any] = actions["path"].to_pylist()
    if known:
        # Not without need: a process that begins would load one more module for it.
        new = [number for number, path in enumerate(live) if path not in known]
        actions = actions.take(pa.array(new, pa.int64()))
    names = ["partition.symbol", "partition.month", "path", "size_bytes", "num_records", "modification_time"]
    columns: Iterator[list[Any]] = (actions[name].to_pylist() for name in names)
    symbols, months, *others = columns
    # A table of many parts has few symbols and months.
    return set(live), zip(map(intern, symbols), map(intern, months), *others, strict=True)


def add_action(file: "PartFile") -> AddAction:
    return AddAction(
        path=file.path,
        size=file.size,
        partition_values={"symbol": file.part.symbol, "month": file.part.month},
        modification_time=now_ms() if file.committed_ms is None else file.committed_ms,
        data_change=True,
        stats=json.dumps({"numRecords": file.rows}),
    )


def now_ms() -> int:
    """Return the milliseconds since 1970 UTC, which a table's log counts in."""
    return time.time_ns() // 1_000_000


def rectangles(parts: "Collection[Part]") -> "list[set[Part]]":
    """Split parts into sets that are a full product of symbols and months, as a transaction's filter needs."""
    months: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        months[part.symbol].add(part.month)
    groups: dict[frozenset[str], set[Part]] = defaultdict(set)
    for part in sorted(parts):
        groups[frozenset(months[part.symbol])].add(part)
    return list(groups.values())
