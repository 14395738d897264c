"""Snapshots of the lake's tables that a web process keeps in memory.

Within `MAX_AGE_SECONDS` of the last look a request costs no input or output; after that, one look at the table's
log. What was read of a part is kept under the paths of its files, which never change, so a new version of the
table forgets only the parts that it replaced.
"""

import hashlib
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import count
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from analytics.queries.cache import ByteCache
from analytics.queries.summaries import SUMMARY_COLUMNS, PartSummary, summarize
from analytics.schemas import derived_table
from market.actions import actions_table, daily_figures_table
from market.corrections import corrections_table
from market.lake.location import Lake, configured_lake
from market.lake.schemas import bars_table
from market.lake.snapshots import Part, Snapshot
from market.lake.tables import Table
from market.lake.watch import TableWatch
from market.quality.table import findings_table

MAX_AGE_SECONDS = 1.0
PARTS_CACHE_BYTES = 64 * 2**20
SUMMARIES_KEPT = 100_000


class HasBytes(Protocol):
    @property
    def nbytes(self) -> int: ...


Held = TypeVar("Held", bound=HasBytes)


class TableView:
    """One version of a table, indexed by part; `serial` is another for every view of this process."""

    _serials = count()

    def __init__(self, snapshot: Snapshot) -> None:
        self.serial = next(self._serials)
        self.snapshot = snapshot
        self.version = snapshot.version
        self.parts = snapshot.parts
        self._fingerprints: dict[Part, str] = {}

    @cached_property
    def months(self) -> dict[str, list[str]]:
        """The months `YYYY-MM` of each symbol, both ascending."""
        months: dict[str, list[str]] = defaultdict(list)
        for part in sorted(self.parts):
            months[part.symbol].append(part.month)
        return dict(months)

    def parts_of(self, symbol: str, first_month: str, last_month: str) -> list[Part]:
        """Return the parts of a symbol from one month to another, both included, ascending."""
        return [Part(symbol, month) for month in self.months.get(symbol, []) if first_month <= month <= last_month]

    def rows(self, part: Part) -> int:
        return sum(file.rows for file in self.parts[part])

    def committed_at(self, part: Part) -> datetime | None:
        """Return when the newest file of a part was committed, aware UTC."""
        return max((file.committed_at for file in self.parts[part] if file.committed_at), default=None)

    def fingerprint(self, part: Part) -> str:
        """Return 12 hex digits that change exactly when the part's files do."""
        if part not in self._fingerprints:
            paths = "\n".join(file.path for file in self.parts[part])
            self._fingerprints[part] = hashlib.sha256(paths.encode()).hexdigest()[:12]
        return self._fingerprints[part]

    def read(self, part: Part, columns: Sequence[str]) -> pa.Table:
        """Read columns of one part from the lake; rows in the order of the files."""
        return self.snapshot.read_part(part, columns)


class LakeReader:
    """The tables of one lake, for the threads of one process."""

    def __init__(self, lake: Lake, clock: Callable[[], float] = time.monotonic) -> None:
        self.lake = lake
        self._parts: ByteCache[Any] = ByteCache(PARTS_CACHE_BYTES, size_of=lambda held: held.nbytes)
        self._summaries: ByteCache[PartSummary] = ByteCache(SUMMARIES_KEPT, size_of=lambda _: 1)
        self._clock = clock
        self._watched: dict[str, _Watched] = {}
        self._lock = threading.Lock()

    def view(self, name: str) -> TableView:
        """Return a version of the table that was the newest at most a second ago. Raises LakeUnreachable."""
        with self._lock:
            watched = self._watched.get(name)
            if watched is None:
                watched = self._watched[name] = _Watched(_table(self.lake, name), self._clock)
        return watched.view()

    def read(self, view: TableView, part: Part, columns: Sequence[str]) -> pa.Table:
        """Read columns of one part of a view, from memory if its files are still those read last."""
        return self.derive(view, part, columns, _as_it_is)

    def derive(self, view: TableView, part: Part, columns: Sequence[str], build: Callable[[pa.Table], Held]) -> Held:
        """Return what `build`, a function of a module, makes of columns of one part; kept as `read` keeps rows."""
        key = (view.snapshot.table.name, part, view.fingerprint(part), tuple(columns), build)
        held: Held = self._parts.get_or_build(key, lambda: build(view.read(part, columns)))
        return held

    def remember(self, key: Hashable, build: Callable[[], Held]) -> Held:
        """Return what `build` makes, kept under a key that must name all that it is made from."""
        held: Held = self._parts.get_or_build(key, build)
        return held

    def summary(self, bars: TableView, part: Part) -> PartSummary:
        """Summarize a part that the view of `bars` has."""
        key = (part, bars.fingerprint(part))
        return self._summaries.get_or_build(key, lambda: summarize(bars.read(part, SUMMARY_COLUMNS)))


class _Watched:
    """The newest view of one table; while one thread looks for a newer one, the others use what is there."""

    def __init__(self, table: Table, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._watch = TableWatch(table)
        self._view: TableView | None = None
        self._looked_at = float("-inf")

    def view(self) -> TableView:
        view = self._view
        if view is not None and self._clock() - self._looked_at < MAX_AGE_SECONDS:
            return view
        if view is not None and self._lock.locked():
            return view
        with self._lock:
            return self._look()

    def _look(self) -> TableView:
        now = self._clock()
        if self._view is not None and now - self._looked_at < MAX_AGE_SECONDS:
            return self._view
        snapshot = self._watch.snapshot()
        if self._view is None or not _same(self._view.snapshot, snapshot):
            self._view = TableView(snapshot)
        self._looked_at = now
        return self._view


def _same(one: Snapshot, other: Snapshot) -> bool:
    return one is other or (one.version == other.version and one.parts == other.parts)


def _as_it_is(table: pa.Table) -> pa.Table:
    return table


# Tables that are written on arrival; all others are derived.
_MARKET_TABLES: dict[str, Callable[[Lake], Table]] = {
    "bars": bars_table,
    "corporate_actions": actions_table,
    "corrections": corrections_table,
    "daily_figures": daily_figures_table,
    "quality_findings": findings_table,
}


def _table(lake: Lake, name: str) -> Table:
    make = _MARKET_TABLES.get(name)
    return make(lake) if make else derived_table(lake, name)


@lru_cache(maxsize=4)
def _reader_of(lake: Lake) -> LakeReader:
    return LakeReader(lake)


def configured_reader() -> LakeReader:
    """Return this process's reader of the lake that the settings name."""
    return _reader_of(configured_lake())
