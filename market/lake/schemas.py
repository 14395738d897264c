"""The table `bars`, as it lies in the lake."""

import pyarrow as pa

from market.lake.location import Lake
from market.lake.tables import Table

INSTANT = pa.timestamp("us", tz="UTC")

# One row per (symbol, bar_start); a part's rows ascend by bar_start. Prices are quote currency as traded,
# `volume` shares, `month` the month of `session`. `flags` is sorted and empty when there is nothing to say;
# `quarantined` is true when one of them keeps the bar out of analytics. `fetched_at` is the part's, not the bar's.
BAR_SCHEMA = pa.schema(
    [
        pa.field("symbol", pa.string()),
        pa.field("month", pa.string()),
        pa.field("session", pa.date32()),
        pa.field("bar_start", INSTANT),
        pa.field("phase", pa.string()),
        pa.field("open", pa.float64()),
        pa.field("high", pa.float64()),
        pa.field("low", pa.float64()),
        pa.field("close", pa.float64()),
        pa.field("volume", pa.int64()),
        pa.field("flags", pa.list_(pa.field("element", pa.string()))),
        pa.field("quarantined", pa.bool_()),
        pa.field("provider", pa.string()),
        pa.field("fetched_at", INSTANT),
    ]
)


def bars_table(lake: Lake) -> Table:
    return Table(lake, "bars", BAR_SCHEMA)
