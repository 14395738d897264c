"""The bars that parts are gone on with: the last rows of many files, read once for all tables.

They are read here and not by the engine, to which each file is a task of its own whose first rows it throws away.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, pairwise
from threading import Lock
from typing import Any, Literal, Self

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from analytics.jobs.plan import PartWork, TablePlan
from analytics.jobs.report import ResultWrong
from analytics.jobs.survey import count_bars
from analytics.transforms.catalog import Transform
from analytics.transforms.grouped import GoingOn, Held, derive_news
from market.lake.growth import COMPARED
from market.lake.parts import part_folder, split_parts, write_derived
from market.lake.snapshots import Part, PartFile, Snapshot
from market.lake.tables import PARTITION_COLUMNS, Table

# Some 100 MB. When the news are more, they are read and sent again for each table.
_MOST_KEPT = 1_000_000
# Files are small, and in a bucket each costs a round trip.
_READERS = 4
_WRITERS = 8
_Reads = tuple[str, int]


class News:
    """Reads and counts the news of parts for the transforms of one run. It reads from its beginning on, until closed.

    An engine takes a while to start, most of it Python's; the news are decoded meanwhile.
    """

    def __init__(self, bars: Snapshot, plans: Sequence[TablePlan]) -> None:
        self._bars = bars
        self._transforms = [plan.transform for plan in plans if plan.transform.goes_on_after is not None]
        works = {_reads(work): work for plan in plans for work in plan.stale if work.gone_on}
        kept = works if sum(rows for _, rows in works) <= _MOST_KEPT else {}
        self._pool = ThreadPoolExecutor(_READERS, thread_name_prefix="news")
        self._kept = {reads: self._pool.submit(self._read_file, work) for reads, work in kept.items()}
        self._last = {
            (plan.transform.name, work.part): self._pool.submit(_last_rows, plan.derived, work.part, going_on)
            for plan in plans
            if (going_on := _going_on(plan.transform))
            for work in plan.stale
            if work.gone_on
        }
        self._sent: dict[frozenset[_Reads], str] = {}
        self._counted: dict[frozenset[_Reads], dict[Part, dict[str, Any]]] = {}
        # Batches of several tables ask at the same time, and mostly for the same.
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def frame(self, session: SparkSession, works: Sequence[PartWork]) -> DataFrame:
        """Return the news of parts, as `load_bars` would. Raises LakeUnreachable."""
        if not self._kept:
            return self._send(session, works)
        which = frozenset(map(_reads, works))
        with self._lock:
            if which not in self._sent:
                # As a view they travel once; what is made of them would take them along for its schema and for itself.
                name = f"news_{len(self._sent)}"
                self._send(session, works).createOrReplaceTempView(name)
                self._sent[which] = name
        return session.table(self._sent[which])

    def _send(self, session: SparkSession, works: Sequence[PartWork]) -> DataFrame:
        reading = [self._kept.get(_reads(work)) or self._pool.submit(self._read_file, work) for work in works]
        return session.createDataFrame(pa.concat_tables(news.result() for news in reading))

    def expected_rows(self, news: DataFrame, transform: Transform, works: Sequence[PartWork]) -> dict[Part, int]:
        """Return how many rows the news of each part must give."""
        which = frozenset(map(_reads, works))
        with self._lock:
            if which not in self._counted:
                self._counted[which] = count_bars(news, self._transforms)
            counted = self._counted[which]
        return {work.part: counted[work.part][transform.name] if work.part in counted else 0 for work in works}

    def derive(self, news: DataFrame, transform: Transform, works: Sequence[PartWork]) -> DataFrame:
        """Return the rows that parts get from their news. Raises LakeUnreachable."""
        whole = transform.whole_parts()
        if whole is None or whole.going_on is None:
            return transform.function()(news)
        parts = [work.part for work in works]
        last = [self._last[transform.name, part].result() for part in parts]
        stops = [*accumulate(table.num_rows for table in last)]
        where: dict[tuple[str, str], tuple[int, int]] = dict(zip(parts, pairwise([0, *stops]), strict=True))
        return derive_news(news, whole, Held(pa.concat_tables(last).combine_chunks(), where))

    def _read_file(self, work: PartWork) -> pa.Table:
        file, (_, rows) = work.sources[-1], _reads(work)
        news = self._bars.read_file(file, COMPARED).slice(file.rows - rows)
        # A copy: a slice would keep the whole month, and one piece is never copied.
        news = pa.concat_tables([news, news.slice(rows)]).combine_chunks()
        for name, value in (("month", work.part.month), ("symbol", work.part.symbol)):
            news = news.add_column(0, name, pa.repeat(value, rows))
        return news


def _reads(work: PartWork) -> _Reads:
    ((path, rows),) = work.reads.items()
    return path, rows


def _going_on(transform: Transform) -> GoingOn | None:
    whole = transform.whole_parts()
    return whole.going_on if whole else None


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


def _last_rows(derived: Snapshot, part: Part, going_on: GoingOn) -> pa.Table:
    tables: list[pa.Table] = []
    for file in reversed(derived.parts[part]):
        if sum(map(len, tables)) < going_on.rows:
            tables.insert(0, derived.read_file(file, going_on.columns))
    held = pa.concat_tables(tables)
    return held.slice(max(0, held.num_rows - going_on.rows))
