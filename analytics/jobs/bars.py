"""Bars of one table version as a DataFrame, the same on every engine."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import groupby

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.jobs.plan import PartWork
from analytics.jobs.report import BarsIncomplete
from analytics.transforms.bars import is_regular
from analytics.transforms.catalog import Transform
from market.lake.tables import Part, PartFile, Table

SURVEY_ROWS = 2_000_000
_COLUMNS = (
    "session date, bar_start timestamp, phase string, open double, high double, low double, close double, "
    "volume bigint, quarantined boolean"
)


def load_bars(session: SparkSession, table: Table, files: Iterable[PartFile]) -> DataFrame:
    """Read files of a table version; one row per bar, partition columns as strings, no promised order.

    Sail gives partition columns of explicitly named files as null, without an error, so none is asked for:
    `symbol` is a literal per symbol and `month` follows from `session`.
    """
    by_symbol = groupby(sorted(files, key=lambda file: file.part.symbol), key=lambda file: file.part.symbol)
    frames = [_load_symbol(session, symbol, [f"{table.url}/{file.path}" for file in own]) for symbol, own in by_symbol]
    return reduce(DataFrame.unionByName, frames)


def _load_symbol(session: SparkSession, symbol: str, urls: list[str]) -> DataFrame:
    bars = session.read.schema(_COLUMNS).parquet(*urls)
    return bars.select(F.lit(symbol).alias("symbol"), F.date_format("session", "yyyy-MM").alias("month"), "*")


def load_sources(session: SparkSession, table: Table, works: Sequence[PartWork]) -> DataFrame:
    """Return what each part is made from, `month` naming that part: a bar comes once for every part it serves."""
    bars = load_bars(session, table, {file for work in works for file in work.sources})
    serves = _frame(
        session,
        symbol=[file.part.symbol for work in works for file in work.sources],
        source_month=[file.part.month for work in works for file in work.sources],
        month=[work.part.month for work in works for _ in work.sources],
    )
    return bars.withColumnRenamed("month", "source_month").join(
        F.broadcast(serves.distinct()), ["symbol", "source_month"]
    )


def own_rows(results: DataFrame) -> DataFrame:
    """Drop the rows of earlier months, which were only looked back on."""
    return results.where(F.date_format("session", "yyyy-MM") == F.col("month"))


def with_inputs(session: SparkSession, results: DataFrame, works: Sequence[PartWork]) -> DataFrame:
    """Add `inputs`, the fingerprint that becomes part of each file's path."""
    inputs = _frame(
        session,
        symbol=[work.part.symbol for work in works],
        month=[work.part.month for work in works],
        inputs=[work.inputs for work in works],
    )
    return results.join(F.broadcast(inputs), ["symbol", "month"])


def survey_bars(
    session: SparkSession, table: Table, files: Iterable[PartFile], transforms: Sequence[Transform]
) -> dict[str, dict[Part, int]]:
    """Count the rows that each transform must give for each part.

    Raises BarsIncomplete when the engine does not see exactly the rows of the table version: Sail reads a
    missing file as no rows.
    """
    expected: dict[str, dict[Part, int]] = {transform.name: {} for transform in transforms}
    for some in _by_rows(files, SURVEY_ROWS):
        counted = _count(load_bars(session, table, some), transforms)
        _check_rows({part: row["rows"] for part, row in counted.items()}, some)
        for name, of_table in expected.items():
            of_table |= {part: row[name] for part, row in counted.items()}
    return expected


def _count(bars: DataFrame, transforms: Sequence[Transform]) -> dict[Part, dict[str, int]]:
    """Count a part's rows, and in the same pass what the transforms make of its regular bars; the others are nulls."""
    regular = [F.when(is_regular(), F.col(name)).alias(name) for name in ("session", "bar_start")]
    wanted = [transform.expected_rows().alias(transform.name) for transform in transforms]
    by_part = bars.select("symbol", "month", *regular).groupBy("symbol", "month")
    counted = by_part.agg(F.count("*").alias("rows"), *wanted).toArrow().to_pylist()
    return {Part(row.pop("symbol"), row.pop("month")): row for row in counted}


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


def _frame(session: SparkSession, **columns: list[str]) -> DataFrame:
    return session.createDataFrame(pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}))
