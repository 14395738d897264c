"""The table `bars`, as it lies in the lake."""

import pyarrow as pa

from market.lake.location import Lake
from market.lake.tables import Table

INSTANT = pa.timestamp("us", tz="UTC")

# BAR_SCHEMA: one row per (symbol, bar_start); a part's rows ascend by bar_start. Prices are quote currency as traded,
# `volume` shares, `month` the month of `session`. `flags` is sorted and empty when there is nothing to say;
# `quarantined` is true when one of them keeps the bar out of analytics. `fetched_at` is the part's, not the bar's.
_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("symbol", pa.string()),
    ("month", pa.string()),
    ("session", pa.date32()),
    ("bar_start", INSTANT),
    ("phase", pa.string()),
    ("open", pa.float64()),
    ("high", pa.float64()),
    ("low", pa.float64()),
    ("close", pa.float64()),
    ("volume", pa.int64()),
    ("flags", pa.list_(pa.field("element", pa.string()))),
    ("quarantined", pa.bool_()),
    ("provider", pa.string()),
    ("fetched_at", INSTANT),
]
BAR_SCHEMA = pa.schema(_COLUMNS)


def bars_table(lake: Lake) -> Table:
    return Table(lake, "bars", BAR_SCHEMA)
