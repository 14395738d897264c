"""Bars of one table version as a DataFrame, the same on every engine."""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.engines.files import Labelled, read_labelled
from analytics.jobs.plan import PartWork
from market.calendar import session_hours, sessions_in_range
from market.lake.snapshots import PartFile
from market.lake.tables import Table

_COLUMNS = (
    "session date, bar_start timestamp, phase string, open double, high double, low double, close double, "
    "volume bigint, flags array<string>, quarantined boolean, provider string, fetched_at timestamp"
)


def load_bars(session: SparkSession, table: Table, files: Iterable[PartFile]) -> DataFrame:
    """Read files of a table version; one row per bar, partition columns as strings, no promised order.

    Sail gives partition columns of explicitly named files as null, without an error, so none is asked for: `symbol`
    is told of each file and `month` follows from `session`.
    """
    groups = [Labelled({"symbol": symbol}, urls) for symbol, urls in _urls(table, files)]
    return read_labelled(session, _COLUMNS, groups).withColumn("month", F.date_format("session", "yyyy-MM"))


def load_runs(session: SparkSession, table: Table, runs: Sequence[Sequence[PartWork]]) -> DataFrame:
    """Return the bars of each run once, with its number in `run`; the symbol of a bar is `source_symbol`."""
    groups = [
        Labelled({"run": number, "source_symbol": symbol}, urls)
        for number, works in enumerate(runs)
        for symbol, urls in _urls(table, {file for work in works for file in work.sources})
    ]
    return read_labelled(session, _COLUMNS, groups).withColumn("month", F.date_format("session", "yyyy-MM"))


def _urls(table: Table, files: Iterable[PartFile]) -> Iterator[tuple[str, list[str]]]:
    """Return the files of each symbol."""
    for symbol, own in groupby(sorted(files, key=lambda file: file.part.symbol), key=lambda file: file.part.symbol):
        yield symbol, [f"{table.url}/{file.path}" for file in own]


def load_sources(session: SparkSession, table: Table, works: Sequence[PartWork]) -> DataFrame:
    """Return what each part is made from, a bar once for every part it serves.

    `symbol` and `month` name that part; the symbol and month of the bar are `source_symbol` and `source_month`.
    """
    bars = load_bars(session, table, {file for work in works for file in work.sources})
    if all(file.part == work.part for work in works for file in work.sources):
        return bars.withColumn("source_symbol", F.col("symbol"))
    serves = _frame(
        session,
        source_symbol=[file.part.symbol for work in works for file in work.sources],
        source_month=[file.part.month for work in works for file in work.sources],
        symbol=[work.part.symbol for work in works for _ in work.sources],
        month=[work.part.month for work in works for _ in work.sources],
    )
    own = bars.withColumnsRenamed({"symbol": "source_symbol", "month": "source_month"})
    return own.join(F.broadcast(serves.distinct()), ["source_symbol", "source_month"])


def with_calendar(session: SparkSession, bars: DataFrame, months: Iterable[str]) -> DataFrame:
    """Add `session_minutes`, how many minutes the regular session has, to the bars of these months."""
    sessions = [day for month in sorted(set(months)) for day in _sessions(month)]
    lengths = pa.table(
        {
            "session": pa.array(sessions, pa.date32()),
            "session_minutes": pa.array([session_hours(day).regular_minutes for day in sessions], pa.int32()),
        }
    )
    return bars.join(F.broadcast(session.createDataFrame(lengths)), ["session"])


def _sessions(month: str) -> list[date]:
    first = date.fromisoformat(f"{month}-01")
    return sessions_in_range(first, first.replace(day=monthrange(first.year, first.month)[1]))


def own_rows(results: DataFrame) -> DataFrame:
    """Drop the rows of earlier months, which were only looked back on."""
    return results.where(F.date_format("session", "yyyy-MM") == F.col("month"))


def with_inputs(session: SparkSession, results: DataFrame, works: Sequence[PartWork]) -> DataFrame:
    """Add `inputs`, what becomes part of each file's path."""
    inputs = _frame(
        session,
        symbol=[work.part.symbol for work in works],
        month=[work.part.month for work in works],
        inputs=[work.inputs for work in works],
    )
    return results.join(F.broadcast(inputs), ["symbol", "month"])


def _frame(session: SparkSession, **columns: list[str]) -> DataFrame:
    return session.createDataFrame(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}))
