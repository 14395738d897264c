"""The table `corrections`: bars that a later reply changed, added late, or no longer had.

One row per (symbol, bar_start, new reply). What a reply changed is written as a whole, so that writing it again, after
a run was ended in between, changes nothing.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from market.lake.location import Lake
from market.lake.parts import write_parts
from market.lake.schemas import INSTANT
from market.lake.snapshots import Part, Snapshot
from market.lake.tables import PARTITION_COLUMNS, Table, TableChanged

_MAX_RACES = 30
VALUES = ("open", "high", "low", "close", "volume")
# `kind` is changed, late (a bar that was not there, before the last one that was) or withdrawn; the values that do not
# exist are null. `seen_at` is when the new reply was fetched; the replies are paths of raw objects without extension.
_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("symbol", pa.string()),
    ("month", pa.string()),
    ("session", pa.date32()),
    ("bar_start", INSTANT),
    ("kind", pa.string()),
    *((f"{age}_{name}", pa.int64() if name == "volume" else pa.float64()) for age in ("old", "new") for name in VALUES),
    ("old_provider", pa.string()),
    ("new_provider", pa.string()),
    ("old_fetched_at", INSTANT),
    ("seen_at", INSTANT),
    ("new_reply", pa.string()),
]
CORRECTIONS_SCHEMA = pa.schema(_COLUMNS)
BAR_COLUMNS = ("session", "bar_start", *VALUES, "provider", "fetched_at")


def corrections_table(lake: Lake) -> Table:
    return Table(lake, "corrections", CORRECTIONS_SCHEMA)


@dataclass(frozen=True, slots=True)
class Replacement:
    """Bars of one part before and after a reply (BAR_COLUMNS at least, ascending); `reply` is its path."""

    part: Part
    old: pa.Table
    new: pa.Table
    reply: str
    seen_at: datetime


def differences(replacement: Replacement) -> pa.Table:
    """Return what a reply changed of bars that were there, CORRECTIONS_SCHEMA, in order of time.

    Bars after the last old one are no corrections: they are what the reply was asked for.
    """
    old, new = (_with_suffix(table, age) for table, age in ((replacement.old, "old"), (replacement.new, "new")))
    both = old.join(new, keys="bar_start", join_type="full outer").sort_by("bar_start").combine_chunks()
    last = pc.max(replacement.old["bar_start"]).as_py()
    was, now = (pc.is_valid(both[f"{age}_provider"]).to_numpy(zero_copy_only=False) for age in ("old", "new"))
    within = pc.less_equal(both["bar_start"], pa.scalar(last, INSTANT)).to_numpy(zero_copy_only=False)
    differs = np.zeros(both.num_rows, dtype=bool)
    for name in VALUES:
        unequal = pc.not_equal(both[f"old_{name}"], both[f"new_{name}"]).fill_null(False)  # noqa: FBT003  # positional
        differs |= unequal.to_numpy(zero_copy_only=False)
    kinds = np.select([was & now & differs, was & ~now, now & ~was & within], ["changed", "withdrawn", "late"], "")
    both = both.append_column("kind", pa.array(kinds)).filter(pa.array(kinds != ""))
    return _finished(both, replacement)


def _with_suffix(bars: pa.Table, age: str) -> pa.Table:
    names = {name: name if name == "bar_start" else f"{age}_{name}" for name in BAR_COLUMNS}
    return bars.select(list(BAR_COLUMNS)).rename_columns(list(names.values()))


def _finished(rows: pa.Table, replacement: Replacement) -> pa.Table:
    count = rows.num_rows
    columns: dict[str, Any] = {
        "symbol": pa.array([replacement.part.symbol] * count, pa.string()),
        "month": pa.array([replacement.part.month] * count, pa.string()),
        "session": pc.coalesce(rows["old_session"], rows["new_session"]),
        "seen_at": pa.array([replacement.seen_at] * count, INSTANT),
        "new_reply": pa.array([replacement.reply] * count, pa.string()),
    }
    columns |= {name: rows[name] for name in rows.column_names if name in CORRECTIONS_SCHEMA.names}
    return pa.table({name: columns[name] for name in CORRECTIONS_SCHEMA.names}).cast(CORRECTIONS_SCHEMA)


def record(lake: Lake, replacement: Replacement) -> int:
    """Write down what a reply changed, once however often it is called; return the number of bars.

    Raises LakeUnreachable, and TableChanged when races never end.
    """
    rows = differences(replacement)
    table = corrections_table(lake)
    for _ in range(_MAX_RACES):
        snapshot = table.snapshot()
        kept, known = _kept(snapshot, replacement)
        if known == rows.num_rows:
            return rows.num_rows
        whole = pa.concat_tables([kept, rows])
        files = write_parts(table, whole, f"corrections-{uuid.uuid4().hex[:8]}") if whole.num_rows else []
        try:
            table.publish(snapshot, files, {replacement.part}, {"writer": "fetch_prices", "raw": replacement.reply})
        except TableChanged:
            continue
        return rows.num_rows
    raise TableChanged(f"{table.name} was changed by others {_MAX_RACES} times in a row; run again.")


def _kept(snapshot: Snapshot, replacement: Replacement) -> tuple[pa.Table, int]:
    """Return the rows of other replies, and how many there are of this one."""
    rows = read_corrections(snapshot, [replacement.part])
    mine = pc.equal(rows["new_reply"], pa.scalar(replacement.reply))
    others = rows.filter(pc.invert(mine))
    return others, rows.num_rows - others.num_rows


def read_corrections(snapshot: Snapshot, parts: Sequence[Part]) -> pa.Table:
    """Return the corrections of some parts, CORRECTIONS_SCHEMA. Raises LakeUnreachable."""
    names = [name for name in CORRECTIONS_SCHEMA.names if name not in PARTITION_COLUMNS]
    tables = []
    for part in parts:
        rows = snapshot.read_part(part, names)
        rows = rows.append_column("symbol", pa.array([part.symbol] * rows.num_rows, pa.string()))
        rows = rows.append_column("month", pa.array([part.month] * rows.num_rows, pa.string()))
        tables.append(rows.select(CORRECTIONS_SCHEMA.names))
    return pa.concat_tables(tables) if tables else CORRECTIONS_SCHEMA.empty_table()
