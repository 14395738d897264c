"""Run one transform on bars written as records, and read its rows back in order of time."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from analytics.jobs.bars import with_calendar
from analytics.schemas import pair_name
from analytics.transforms.catalog import TRANSFORMS, Transform
from tests.builders import make_bars_table

Rows = list[dict[str, Any]]


def derive(session: SparkSession, table: str, bars: Iterable[dict[str, Any]], partitions: int | None = None) -> Rows:
    """Return the rows of a derived table, ascending; their columns must be exactly the table's schema."""
    transform = TRANSFORMS[table]
    given = _input(session, transform, list(bars))
    derived = transform.function()(given.repartition(partitions) if partitions else given).toArrow()
    assert [(field.name, field.type) for field in derived.schema] == [
        (field.name, field.type) for field in transform.schema
    ]
    return derived.sort_by([(name, "ascending") for name in ("symbol", "month", *transform.sort_by)]).to_pylist()


def _input(session: SparkSession, transform: Transform, bars: list[dict[str, Any]]) -> DataFrame:
    """Return the bars as the job hands them over: for each pair those of both, and beside the calendar if need be."""
    sources = bars
    if transform.of_pairs:
        symbols = sorted({bar["symbol"] for bar in bars})
        sources = [
            bar | {"symbol": pair_name(*pair), "source_symbol": bar["symbol"]}
            for pair in combinations(symbols, 2)
            for bar in bars
            if bar["symbol"] in pair
        ]
    table = make_bars_table(sources)
    if transform.of_pairs:
        table = table.append_column("source_symbol", pa.array([bar["source_symbol"] for bar in sources], pa.string()))
    frame = session.createDataFrame(table)
    return with_calendar(session, frame, {bar["month"] for bar in bars}) if transform.needs_calendar else frame
