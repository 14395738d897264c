"""The bars that parts are gone on with: the last rows of many files, read once for all tables.

They are read here and not by the engine, to which each file is a task of its own whose first rows it throws away.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, pairwise
from threading import RLock
from typing import Any, Literal

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from analytics.jobs.bars import count_bars
from analytics.jobs.plan import PartWork
from analytics.jobs.report import ResultWrong
from analytics.transforms.catalog import Transform
from analytics.transforms.grouped import GoingOn, Held, derive_news
from market.lake.growth import COMPARED
from market.lake.parts import part_folder, split_parts, write_derived
from market.lake.tables import PARTITION_COLUMNS, Part, PartFile, Snapshot, Table

# Some 100 MB. A table whose news are more are read again for each.
_MOST_KEPT = 1_000_000
# Files are small, and in a bucket each costs a round trip.
_WRITERS = 8


class News:
    """Reads and counts the news of parts for the `transforms` of one run."""

    def __init__(self, session: SparkSession, bars: Snapshot, transforms: Sequence[Transform]) -> None:
        self._session, self._bars = session, bars
        self._transforms = [transform for transform in transforms if transform.goes_on_after is not None]
        self._kept: dict[tuple[str, int], pa.Table] = {}
        self._counted: dict[frozenset[tuple[str, int]], dict[Part, dict[str, Any]]] = {}
        # Batches of several tables ask at the same time, and mostly for the same.
        self._lock = RLock()

    def frame(self, works: Sequence[PartWork]) -> DataFrame:
        """Return the news of parts, as `load_bars` would. Raises LakeUnreachable."""
        with self._lock:
            news = pa.concat_tables([self._read(work) for work in works])
        return self._session.createDataFrame(news)

    def expected_rows(self, transform: Transform, works: Sequence[PartWork]) -> dict[Part, int]:
        """Return how many rows the news of each part must give. Raises LakeUnreachable."""
        which = frozenset(path for work in works for path in work.reads.items())
        with self._lock:
            if which not in self._counted:
                self._counted[which] = count_bars(self.frame(works), self._transforms)
            counted = self._counted[which]
        return {work.part: counted[work.part][transform.name] if work.part in counted else 0 for work in works}

    def _read(self, work: PartWork) -> pa.Table:
        ((path, rows),) = work.reads.items()
        if (path, rows) not in self._kept:
            if sum(map(len, self._kept.values())) + rows > _MOST_KEPT:
                self._kept.clear()
            self._kept[path, rows] = self._read_file(work, rows)
        return self._kept[path, rows]

    def _read_file(self, work: PartWork, rows: int) -> pa.Table:
        file = work.sources[-1]
        # A copy: a slice would keep the whole month.
        news = self._bars.read_file(file, COMPARED).slice(file.rows - rows)
        for name, value in (("month", work.part.month), ("symbol", work.part.symbol)):
            news = news.add_column(0, name, pa.repeat(value, rows))
        return news.take(pa.array(range(rows), pa.int64()))


def derive_further(news: DataFrame, transform: Transform, derived: Snapshot, works: Sequence[PartWork]) -> DataFrame:
    """Return the rows that parts get from their news. Raises LakeUnreachable."""
    whole = transform.whole_parts()
    if whole is None or whole.going_on is None:
        return transform.function()(news)
    return derive_news(news, whole, _held(derived, [work.part for work in works], whole.going_on))


def write_further(
    results: pa.Table, transform: Transform, derived: Table, folder: str, works: Sequence[PartWork]
) -> list[PartFile]:
    """Write the rows that parts get below a folder of the table, a file each, even without rows.

    Raises ResultWrong for rows of another part, LakeUnreachable.
    """
    keys: list[tuple[str, Literal["ascending", "descending"]]] = [
        (name, "ascending") for name in (*PARTITION_COLUMNS, *transform.sort_by)
    ]
    ordered = results.select(derived.schema.names).cast(derived.schema).sort_by(keys)
    given, nothing = dict(split_parts(ordered)), derived.schema.empty_table().drop_columns(list(PARTITION_COLUMNS))
    if others := given.keys() - {work.part for work in works}:
        raise ResultWrong(f"{derived.name} got rows for {min(others)}, which nothing was asked of")

    def write(work: PartWork) -> PartFile:
        where = f"{part_folder(folder, work.part)}/{work.folder}"
        return write_derived(derived, work.part, given.get(work.part, nothing), where)

    with ThreadPoolExecutor(_WRITERS) as pool:
        return list(pool.map(write, works))


def _held(derived: Snapshot, parts: Sequence[Part], going_on: GoingOn) -> Held:
    last = [_last_rows(derived, part, going_on) for part in parts]
    stops = [*accumulate(table.num_rows for table in last)]
    return Held(pa.concat_tables(last).combine_chunks(), dict(zip(parts, pairwise([0, *stops]), strict=True)))


def _last_rows(derived: Snapshot, part: Part, going_on: GoingOn) -> pa.Table:
    tables: list[pa.Table] = []
    for file in reversed(derived.parts()[part]):
        if sum(map(len, tables)) < going_on.rows:
            tables.insert(0, derived.read_file(file, going_on.columns))
    held = pa.concat_tables(tables)
    return held.slice(max(0, held.num_rows - going_on.rows))
