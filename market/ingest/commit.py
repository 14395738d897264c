"""Put a month's bars into the table `bars`, unless that would lose good ones."""

import time
from collections.abc import Callable, Mapping
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc

from market.corrections import BAR_COLUMNS
from market.ingest.plan import check_same_kind
from market.lake.parts import write_parts
from market.lake.schemas import BAR_SCHEMA
from market.lake.snapshots import Part, Snapshot
from market.lake.tables import Table, TableChanged
from market.providers.base import Provider

# Each lost race means that another process has committed; that many in a row do not happen by chance.
_MAX_RACES = 30
_COMPARED = [name for name in BAR_SCHEMA.names if name not in ("symbol", "month", "fetched_at")]


class Verdict(StrEnum):
    """What became of a month's bars."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SHRUNK = "shrunk"


def commit_month(
    table: Table,
    bars: pa.Table,
    *,
    provider: Provider,
    run_id: str,
    metadata: Mapping[str, str],
    force: bool,
    replaced: Callable[[pa.Table], object] = lambda old: None,
) -> Verdict:
    """Replace a part by bars of one symbol-month in one transaction, if they are new and no fewer than it has.

    `replaced` is given the bars that were replaced, once they are. Every lost race is decided anew from what the winner
    wrote. Raises DataMixed, LakeUnreachable and TableChanged when races never end.
    """
    part = Part(bars["symbol"][0].as_py(), bars["month"][0].as_py())
    files = None
    for race in range(_MAX_RACES):
        snapshot = table.snapshot()
        check_same_kind(snapshot, provider)
        verdict = _judge(snapshot, part, bars, force)
        if verdict not in (Verdict.ADDED, Verdict.UPDATED):
            return verdict
        files = files or write_parts(table, bars, run_id, snapshot)
        try:
            table.publish(snapshot, files, {part}, {"run_id": run_id, **metadata})
        except TableChanged:
            time.sleep(0.01 * race)
        else:
            if verdict is Verdict.UPDATED:
                replaced(snapshot.read_part(part, BAR_COLUMNS))
            return verdict
    raise TableChanged(f"{table.name} was changed by others {_MAX_RACES} times in a row; run again.")


def _judge(snapshot: Snapshot, part: Part, bars: pa.Table, force: bool) -> Verdict:
    live_rows = sum(file.rows for file in snapshot.files if file.part == part)
    if not live_rows:
        return Verdict.ADDED
    if not force and (bars.num_rows < live_rows or _lacks_sessions(snapshot.read_part(part, ["session"]), bars)):
        return Verdict.SHRUNK
    if bars.num_rows == live_rows and _equal(snapshot.read_part(part, _COMPARED), bars.select(_COMPARED)):
        return Verdict.UNCHANGED
    return Verdict.UPDATED


def _lacks_sessions(live: pa.Table, bars: pa.Table) -> bool:
    # Half a month may have more bars than the other half, which it would replace.
    return not set(pc.unique(live["session"]).to_pylist()) <= set(pc.unique(bars["session"]).to_pylist())


def _equal(live: pa.Table, bars: pa.Table) -> bool:
    return bool(live.combine_chunks() == bars.combine_chunks())
