"""Files of `bars` that begin with all the rows of an older file and add sessions: which older ones, and how far.

A file says so in its own footer. Files never change, so what one says stays true, whoever commits in between.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from market.lake.faults import unreachable
from market.lake.snapshots import Part, PartDamaged, PartFile, Snapshot
from market.lake.tables import Table

_KEY = b"stockcompare.grown_from"
# What analytics makes numbers of. Where a bar is from, or why it was flagged, may change with every reply.
COMPARED = ("session", "bar_start", "phase", "open", "high", "low", "close", "volume", "quarantined")
# About two months of daily fetches.
_MOST_ANCESTORS = 40


class Ancestor(NamedTuple):
    """An older file of the same part, whose rows are the newer one's first `rows`, the last of them of `session`."""

    path: str
    rows: int
    session: date


def ancestors_of(live: Snapshot, part: Part, bars: pa.Table) -> tuple[Ancestor, ...]:
    """Return the files that `bars`, the part's new rows, begin with, newest first: the live one and its own ancestors.

    All rows after an ancestor's are of later sessions. None for a part without bars, or with damaged ones, whose place
    the new ones take. Raises LakeUnreachable.
    """
    files = live.parts.get(part, ())
    if len(files) != 1 or not files[0].rows:
        return ()
    try:
        old = live.read_file(files[0], COMPARED)
    except PartDamaged:
        return ()
    equal = _rows_alike(old, bars)
    itself = Ancestor(files[0].path, files[0].rows, old["session"][-1].as_py())
    known = [itself, *read_ancestors(live.table, files[0])]
    return tuple(found for found in known if _begins_with(bars, found, equal))[:_MOST_ANCESTORS]


def footer_entry(ancestors: Sequence[Ancestor]) -> dict[bytes, bytes]:
    """Return what the footer of a new file says of its ancestors."""
    told = [[path, rows, session.isoformat()] for path, rows, session in ancestors]
    return {_KEY: json.dumps(told).encode()} if told else {}


def read_ancestors(table: Table, file: PartFile) -> tuple[Ancestor, ...]:
    """Return what a file says of its ancestors, newest first; a damaged one says nothing. Raises LakeUnreachable."""
    try:
        with table.filesystem().open_input_file(file.path) as handle:
            told = (pq.read_metadata(handle).metadata or {}).get(_KEY, b"[]")
    except (FileNotFoundError, pa.ArrowInvalid):
        return ()
    except OSError as error:
        raise unreachable(table.lake, error) from error
    return tuple(Ancestor(path, rows, date.fromisoformat(session)) for path, rows, session in json.loads(told))


def _rows_alike(old: pa.Table, new: pa.Table) -> int:
    """Return with how many equal rows two tables begin."""
    rows = min(old.num_rows, new.num_rows)
    alike = np.ones(rows, bool)
    for name in COMPARED:
        one, other = (table[name].slice(0, rows).combine_chunks() for table in (old, new))
        alike &= one.to_numpy(zero_copy_only=False) == other.to_numpy(zero_copy_only=False)
    return rows if alike.all() else int(np.argmin(alike))


def _begins_with(bars: pa.Table, ancestor: Ancestor, equal: int) -> bool:
    if ancestor.rows > equal:
        return False
    return ancestor.rows == bars.num_rows or bars["session"][ancestor.rows].as_py() > ancestor.session
