"""A stored JSON reply of Alpha Vantage, which names its symbol, interval and zone itself."""

import json
from typing import Any

import pyarrow as pa

from market.providers.files.columns import VALUES, NoBars
from market.providers.files.stamps import read_stamps
from market.providers.files.tables import FileRows, FileUnreadable, bar_values, check_interval
from market.providers.zones import Zone

_ZONES = {"US/Eastern": Zone.NEW_YORK, "America/New_York": Zone.NEW_YORK, "UTC": Zone.UTC}


def read_json(content: bytes) -> FileRows:
    """Read one reply. Raises FileUnreadable, NoBars and StampsUnreadable."""
    try:
        payload = json.loads(content)
        key, series = next((key, value) for key, value in payload.items() if key.startswith("Time Series ("))
        meta = {name.partition(" ")[2]: str(value) for name, value in payload["Meta Data"].items()}
        table = _table(series)
    except (ValueError, RecursionError, StopIteration, AttributeError, KeyError, TypeError) as error:
        raise NoBars("it is no JSON reply with minute bars") from error
    if key != "Time Series (1min)":
        raise NoBars(f"it holds {key}, not minutes")
    if not table.num_rows:
        raise FileUnreadable("it has no rows")
    stamps, _ = read_stamps(table["stamp"], None)
    check_interval(stamps)
    symbols = pa.chunked_array([pa.array([meta.get("Symbol", "")] * table.num_rows)])
    layout = "Alpha Vantage JSON"
    return FileRows(layout, stamps, bar_values(table), symbols, certain_zone=_ZONES.get(meta.get("Time Zone", "")))


def _table(series: dict[str, dict[str, str]]) -> pa.Table:
    columns: dict[str, Any] = {"stamp": pa.array(list(series), pa.string())}
    for name in VALUES:
        numbers = [next(value for key, value in bar.items() if key.endswith(f" {name}")) for bar in series.values()]
        columns[name] = pa.array([float(number) for number in numbers])
    return pa.table(columns)
