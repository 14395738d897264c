"""Derived tables for tests of the reading side, worked out bar by bar so that no engine is needed."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import pyarrow as pa

from analytics.schemas import derived_table
from market.calendar import NEW_YORK
from market.lake.location import Lake
from market.lake.parts import write_parts
from market.lake.tables import Snapshot

Bar = dict[str, Any]
SPANS = (20, 50, 200)


def write_derived(lake: Lake, bars: Iterable[Bar], run_id: str = "test") -> None:
    """Publish daily, hourly and moving_averages of these bars in place of every part they touch."""
    bars = sorted(bars, key=lambda bar: (bar["symbol"], bar["bar_start"]))
    used = [bar for bar in bars if bar["phase"] == "regular" and not bar["quarantined"]]
    publish_rows(lake, "daily", daily_rows(bars, used), run_id)
    publish_rows(lake, "hourly", hourly_rows(used), run_id)
    publish_rows(lake, "moving_averages", average_rows(used), run_id)


def publish_rows(lake: Lake, name: str, rows: list[dict[str, Any]], run_id: str) -> Snapshot:
    table = derived_table(lake, name)
    files = write_parts(table, pa.Table.from_pylist(rows, schema=table.schema), run_id)
    return table.publish(table.snapshot(), files, {file.part for file in files}, {"run_id": run_id})


def daily_rows(bars: list[Bar], used: list[Bar]) -> list[dict[str, Any]]:
    rows = []
    for (symbol, session), group in groupby(used, key=lambda bar: (bar["symbol"], bar["session"])):
        of_session = [bar for bar in bars if (bar["symbol"], bar["session"]) == (symbol, session)]
        volume = sum(bar["volume"] for bar in of_session if not bar["quarantined"])
        rows.append({**aggregate(list(group)), "volume_all_phases": volume})
    return rows


def hourly_rows(used: list[Bar]) -> list[dict[str, Any]]:
    def hour(bar: Bar) -> Any:
        return bar["bar_start"].astimezone(NEW_YORK).replace(minute=0, second=0)

    grouped = groupby(used, key=lambda bar: (bar["symbol"], hour(bar)))
    return [{**aggregate(list(group)), "hour_start": start} for (_, start), group in grouped]


def aggregate(bars: list[Bar]) -> dict[str, Any]:
    count, volume = len(bars), sum(bar["volume"] for bar in bars)
    return {
        **{name: bars[0][name] for name in ("symbol", "month", "session")},
        "bar_count": count,
        "open": bars[0]["open"],
        "high": max(bar["high"] for bar in bars),
        "low": min(bar["low"] for bar in bars),
        "close": bars[-1]["close"],
        "volume": volume,
        **{f"mean_{name}": sum(bar[name] for bar in bars) / count for name in ("open", "high", "low", "close")},
        "vwap_close": sum(bar["close"] * bar["volume"] for bar in bars) / volume,
    }


def average_rows(used: list[Bar]) -> list[dict[str, Any]]:
    """Return the averages; the exponential ones stand in as the simple ones."""
    rows = []
    for _, group in groupby(used, key=lambda bar: bar["symbol"]):
        bars = list(group)
        for number, bar in enumerate(bars):
            row = {name: bar[name] for name in ("symbol", "month", "session", "bar_start", "close")}
            for span in SPANS:
                window = [each["close"] for each in bars[max(0, number + 1 - span) : number + 1]]
                mean = sum(window) / span if len(window) == span else None
                row |= {f"sma_{span}": mean, f"ema_{span}": mean}
            rows.append(row)
    return rows
