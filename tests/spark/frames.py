"""Run one transform on bars written as records, and read its rows back in order of time."""

from collections.abc import Iterable
from typing import Any

from pyspark.sql import SparkSession

from analytics.transforms.catalog import TRANSFORMS
from tests.builders import make_bars_table

Rows = list[dict[str, Any]]


def derive(session: SparkSession, table: str, bars: Iterable[dict[str, Any]]) -> Rows:
    """Return the rows of a derived table, ascending; their columns must be exactly the table's schema."""
    transform = TRANSFORMS[table]
    derived = transform.function()(session.createDataFrame(make_bars_table(bars))).toArrow()
    assert [(field.name, field.type) for field in derived.schema] == [
        (field.name, field.type) for field in transform.schema
    ]
    return derived.sort_by([(name, "ascending") for name in ("symbol", "month", *transform.sort_by)]).to_pylist()
