"""Which basis the prices of a bar are on, seen from the end of the part that it serves."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.formulas.basis import basis_of_sessions
from analytics.jobs.plan import PartWork
from market.calendar import sessions_in_range
from market.months import Month

_KEY = ("symbol", "month", "source_symbol", "session")
_FIELDS: list[tuple[str, pa.DataType]] = [
    ("symbol", pa.string()),
    ("month", pa.string()),
    ("source_symbol", pa.string()),
    ("session", pa.date32()),
    ("basis", pa.float64()),
]


def with_basis(session: SparkSession, bars: DataFrame, works: Sequence[PartWork]) -> DataFrame:
    """Add `basis`, how many shares of the part's end one share of a bar's session became: 1.0 where no split follows.

    Divided by it, prices of one part compare with each other; volumes are multiplied by it.
    """
    rows = [row for work in works for row in _rows(work)]
    table = session.createDataFrame(pa.Table.from_pylist(rows, schema=pa.schema(_FIELDS)))
    joined = bars.join(F.broadcast(table), list(_KEY), "left")
    return joined.withColumn("basis", F.coalesce("basis", F.lit(1.0)))


def _rows(work: PartWork) -> Iterator[dict[str, Any]]:
    for symbol, month in sorted({(file.part.symbol, file.part.month) for file in work.sources}):
        splits = [(split.session, split.factor) for split in work.splits if split.symbol == symbol]
        days = _sessions_before(splits, month)
        for day, basis in zip(days, basis_of_sessions(np.array(days, "datetime64[D]"), splits).tolist(), strict=True):
            values = (work.part.symbol, work.part.month, symbol, day, basis)
            yield dict(zip((*_KEY, "basis"), values, strict=True))


def _sessions_before(splits: Sequence[tuple[date, float]], month: str) -> list[date]:
    """Return the sessions of a month that some split comes after."""
    if not splits:
        return []
    parsed = Month.parse(month)
    days = sessions_in_range(parsed.first_date, parsed.last_date)
    return [day for day in days if day < splits[-1][0]]
