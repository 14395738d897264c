"""What functions over whole parts have in common: Arrow in, Arrow out, numpy in between, null where undefined.

A function gets every row of one part (lookback included) in one call, so its result does not depend on how an
engine splits the rows, and all engines give the same bits.
"""

from collections.abc import Callable

import pyarrow as pa
from pyspark import cloudpickle
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema

import analytics.formulas
import analytics.schemas
import analytics.transforms

PartFunction = Callable[[pa.Table], pa.Table]

# The workers of a cluster do not have this package, so what they run travels by value, with all that it calls.
for _package in (analytics.formulas, analytics.schemas, analytics.transforms):
    cloudpickle.register_pickle_by_value(_package)  # type: ignore[no-untyped-call]  # vendored, untyped


def derive_parts(bars: DataFrame, function: PartFunction, schema: pa.Schema) -> DataFrame:
    """Apply a function to each part, whose result has the columns of the schema."""
    columns = from_arrow_schema(schema)
    return bars.groupBy("symbol", "month").applyInArrow(function, columns).select(schema.names)
