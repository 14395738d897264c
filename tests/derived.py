"""Derived tables for tests of the reading side, worked out bar by bar so that no engine is needed."""

import math
from collections.abc import Iterable
from itertools import combinations, groupby
from typing import Any

import pyarrow as pa

from analytics.schemas import VOLATILITY_SCHEMA, derived_table, pair_name
from market.calendar import NEW_YORK, session_hours
from market.lake.location import Lake
from market.lake.parts import write_parts
from market.lake.snapshots import Snapshot

Bar = dict[str, Any]
SPANS = (20, 50, 200)


def write_derived(lake: Lake, bars: Iterable[Bar], run_id: str = "test") -> None:
    """Publish every derived table of these bars in place of their parts; not all of their columns."""
    bars = sorted(bars, key=lambda bar: (bar["symbol"], bar["bar_start"]))
    used = [bar for bar in bars if bar["phase"] == "regular" and not bar["quarantined"]]
    publish_rows(lake, "daily", daily_rows(bars, used), run_id)
    publish_rows(lake, "hourly", hourly_rows(used), run_id)
    publish_rows(lake, "moving_averages", average_rows(used), run_id)
    publish_rows(lake, "volatility", volatility_rows(used), run_id)
    publish_rows(lake, "quality", quality_rows(bars), run_id)
    publish_rows(lake, "pairs", pair_rows(used), run_id)
    publish_rows(lake, "returns", minute_rows(used), run_id)
    publish_rows(lake, "indicators", minute_rows(used), run_id)
    publish_rows(lake, "seasonality", seasonality_rows(used), run_id)


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


def volatility_rows(used: list[Bar]) -> list[dict[str, Any]]:
    """Return the log return over the session squared as every variance, and no other measure."""
    rows = []
    for _, group in groupby(used, key=lambda bar: (bar["symbol"], bar["session"])):
        bars = list(group)
        variance = math.log(bars[-1]["close"] / bars[0]["close"]) ** 2
        counts = {"bar_count": len(bars), "return_count_5min": len(bars) // 5}
        measures = {name: variance for name in VOLATILITY_SCHEMA.names if name.startswith("realised_variance_")}
        rows.append({**{name: bars[0][name] for name in ("symbol", "month", "session")}, **counts, **measures})
    return rows


def quality_rows(bars: list[Bar]) -> list[dict[str, Any]]:
    rows = []
    for (_, session), group in groupby(bars, key=lambda bar: (bar["symbol"], bar["session"])):
        of_session = list(group)
        regular = [bar for bar in of_session if bar["phase"] == "regular"]
        expected = session_hours(session).regular_minutes
        rows.append(
            {
                **{name: of_session[-1][name] for name in ("symbol", "month", "session", "provider", "fetched_at")},
                "expected_minutes": expected,
                "present_minutes": len(regular),
                "missing_minutes": expected - len(regular),
                "quarantined_minutes": sum(bar["quarantined"] for bar in regular),
                "repaired_minutes": 0,
                "bar_count": len(of_session),
                "quarantined_bars": sum(bar["quarantined"] for bar in of_session),
                "last_bar_start": of_session[-1]["bar_start"],
            }
        )
    return rows


def pair_rows(used: list[Bar]) -> list[dict[str, Any]]:
    """Return how many minutes two symbols have in common, the last ratio, and a made-up hedge."""
    closes: dict[tuple[str, Any], dict[Any, float]] = {}
    for bar in used:
        closes.setdefault((bar["symbol"], bar["session"]), {})[bar["bar_start"]] = bar["close"]
    rows = []
    for a, b in combinations(sorted({symbol for symbol, _ in closes}), 2):
        for session in sorted({session for symbol, session in closes if symbol == a and (b, session) in closes}):
            of_a, of_b = closes[a, session], closes[b, session]
            matched = sorted(of_a.keys() & of_b.keys())
            rows.append(
                {
                    "symbol": pair_name(a, b),
                    "month": f"{session:%Y-%m}",
                    "symbol_a": a,
                    "symbol_b": b,
                    "session": session,
                    "matched_minutes": len(matched),
                    "unmatched_minutes_a": len(of_a) - len(matched),
                    "unmatched_minutes_b": len(of_b) - len(matched),
                    "return_count_1min": len(matched) - 1,
                    "ratio_last": of_a[matched[-1]] / of_b[matched[-1]],
                    "hedge_ratio": 0.5,
                    "hedge_intercept": 1.0,
                }
            )
    return rows


def minute_rows(used: list[Bar]) -> list[dict[str, Any]]:
    """Return the keys of bars with a price, shares and an index that stand in for the measures of their kind."""
    keys = ("symbol", "month", "session", "bar_start")
    return [
        {
            **{name: bar[name] for name in keys},
            "vwap_session": bar["close"],
            "obv_session": bar["volume"],
            "rsi_14": 50.0,
        }
        for bar in used
    ]


def seasonality_rows(used: list[Bar]) -> list[dict[str, Any]]:
    """Return how many sessions have each minute, and a made-up volume."""
    counted: dict[tuple[str, str, int], int] = {}
    for bar in used:
        minute = (bar["bar_start"] - session_hours(bar["session"]).session_open).seconds // 60
        key = (bar["symbol"], bar["month"], minute)
        counted[key] = counted.get(key, 0) + 1
    return [
        {
            "symbol": symbol,
            "month": month,
            "minute_of_session": minute,
            "session_count": count,
            "mean_volume": 300.0,
            "volume_share": 0.01,
        }
        for (symbol, month, minute), count in sorted(counted.items())
    ]
