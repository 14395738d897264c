"""What the bars say that parts must have, for the results to be held to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from threading import Lock
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.jobs.bars import load_bars
from analytics.jobs.plan import PartWork, TablePlan
from analytics.jobs.report import BarsIncomplete
from analytics.schemas import pair_symbols
from analytics.transforms.catalog import Transform
from market.lake.snapshots import Part, PartFile
from market.lake.tables import Table

SURVEY_ROWS = 250_000
MOST_SURVEYS = 24


class Survey:
    """Looks through the bars of all parts that are made anew when the first of them asks; those gone on with do not."""

    def __init__(self, session: SparkSession, bars: Table, plans: Sequence[TablePlan]) -> None:
        self._session = session
        self._bars = bars
        self._transforms = [plan.transform for plan in plans]
        works = [work for plan in plans for work in plan.stale if not work.gone_on]
        self._files = {file for work in works for file in work.sources}
        self._lock = Lock()

    def expected_rows(self, transform: Transform, works: Iterable[PartWork]) -> dict[Part, int]:
        """Return how many rows parts must have, as the transform says of their bars.

        Raises BarsIncomplete when the engine does not see exactly the rows of the table version: Sail reads a missing
        file as no rows.
        """
        with self._lock:
            surveyed = {part: row[transform.name] for part, row in self._surveyed.items()}
        if not transform.of_pairs:
            return {work.part: surveyed.get(work.part, 0) for work in works}
        return {work.part: _matched(surveyed.get(part, ()) for part in _both(work.part)) for work in works}

    @cached_property
    def _surveyed(self) -> Mapping[Part, Mapping[str, Any]]:
        # As many looks at most as there are batches of a table.
        at_once = max(SURVEY_ROWS, sum(file.rows for file in self._files) // MOST_SURVEYS)
        surveyed: dict[Part, dict[str, Any]] = {}
        for some in _by_rows(self._files, at_once):
            counted = count_bars(load_bars(self._session, self._bars, some), self._transforms)
            _check_rows({part: row["rows"] for part, row in counted.items()}, some)
            surveyed |= counted
        return surveyed


def count_bars(bars: DataFrame, transforms: Sequence[Transform]) -> dict[Part, dict[str, Any]]:
    """Count a part's rows, and in the same pass what the transforms make of them."""
    wanted = [transform.expected_rows().alias(transform.name) for transform in transforms]
    # A month as a date is cheaper to make of each bar than one as a text.
    by_part = bars.groupBy("symbol", F.trunc("session", "month").alias("first_day"))
    counted = by_part.agg(F.count("*").alias("rows"), *wanted).toArrow().to_pylist()
    return {Part(row.pop("symbol"), f"{row.pop('first_day'):%Y-%m}"): row for row in counted}


def _matched(minutes: Iterable[Iterable[Any]]) -> int:
    """Return how many minutes all have."""
    return len(set.intersection(*map(set, minutes)))


def _both(pair: Part) -> list[Part]:
    return [Part(symbol, pair.month) for symbol in pair_symbols(pair.symbol)]


def _by_rows(files: Iterable[PartFile], most_rows: int) -> Iterator[list[PartFile]]:
    """Split files, whole parts together, into lists of about so many rows."""
    some: list[PartFile] = []
    for _, of_part in groupby(sorted(files, key=lambda file: (file.part, file.path)), key=lambda file: file.part):
        some += of_part
        if sum(file.rows for file in some) >= most_rows:
            yield some
            some = []
    if some:
        yield some


def _check_rows(seen: dict[Part, int], files: Iterable[PartFile]) -> None:
    listed: dict[Part, int] = {}
    for file in files:
        listed[file.part] = listed.get(file.part, 0) + file.rows
    for part in sorted(listed.keys() | seen.keys()):
        if listed.get(part, 0) != seen.get(part, 0):
            raise BarsIncomplete(
                f"The engine read {seen.get(part, 0)} bars of {part} where the table has {listed.get(part, 0)}; "
                "fetch that month again if its files are damaged."
            )
