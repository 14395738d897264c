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

# Symbol, month, path, size in bytes, rows, and when it was committed in milliseconds since 1970 UTC.
_Said = tuple[str, str, str, int, int, int]


class CommitUnknown(Exception):
    """A commit does something else than to add and remove files, or says too little of them."""


def live_files(table: DeltaTable, known: Collection[str] = ()) -> tuple[set[str], Iterator[_Said]]:
    """Return the paths of all files of a version, and what the log says of those not known."""
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


def commit_path(version: int) -> str:
    """Return where in a table's folder is what its log says of the commit that made a version."""
    return f"_delta_log/{version:020}.json"


def file_changes(commit: bytes) -> tuple[list[_Said], dict[str, tuple[str, str]]]:
    """Return what a commit says of the files that it adds, and symbol and month of those it removes, by path.

    Source: the Delta transaction log protocol, "Actions". Raises CommitUnknown.
    """
    added: list[_Said] = []
    removed: dict[str, tuple[str, str]] = {}
    try:
        for line in commit.splitlines():
            for kind, action in json.loads(line).items():
                if kind == "add":
                    added.append(_said(action))
                elif kind == "remove":
                    removed[action["path"]] = _part_of(action)
                elif kind != "commitInfo":
                    raise CommitUnknown(kind)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CommitUnknown(str(error)) from error
    return added, removed


def _said(add: dict[str, Any]) -> _Said:
    if add.get("deletionVector"):
        raise CommitUnknown("deletionVector")
    rows = json.loads(add["stats"])["numRecords"]
    return *_part_of(add), add["path"], add["size"], rows, add["modificationTime"]


def _part_of(action: dict[str, Any]) -> tuple[str, str]:
    values = action["partitionValues"]
    # As in `live_files`; and what is no text is refused.
    return intern(values["symbol"]), intern(values["month"])


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
