"""The four derived tables by DuckDB, as a whole command to compare `process_prices` with.

    python bench/support/duckdb_tables.py <folder of the table bars> <folder for the results>

SQL but for the exponential means, which are recursive: those come from pandas, a symbol at a time.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    # duckdb loads it when it is asked for a frame, which is part of what is measured.
    import pandas as pd

BARS = """
CREATE TEMP TABLE bars AS
SELECT * FROM read_parquet(getvariable('files'), hive_partitioning = true, hive_types_autocast = false)
"""
REGULAR = "CREATE TEMP VIEW regular AS SELECT * FROM bars WHERE phase = 'regular' AND NOT quarantined"
AGGREGATES = """
    count(*) AS bar_count, min_by(open, bar_start) AS open, max(high) AS high, min(low) AS low,
    max_by(close, bar_start) AS close, sum(volume)::BIGINT AS volume, avg(open) AS mean_open, avg(high) AS mean_high,
    avg(low) AS mean_low, avg(close) AS mean_close, sum(close * volume) / nullif(sum(volume), 0) AS vwap_close
"""
TABLES = {
    "daily": f"""
        SELECT * FROM (SELECT symbol, month, session, {AGGREGATES} FROM regular GROUP BY ALL)
        JOIN (SELECT symbol, month, session, sum(volume)::BIGINT AS volume_all_phases FROM bars GROUP BY ALL)
        USING (symbol, month, session) ORDER BY symbol, month, session
    """,
    "hourly": f"""
        SELECT symbol, month, session, date_trunc('hour', bar_start) AS hour_start, {AGGREGATES}
        FROM regular GROUP BY ALL ORDER BY symbol, month, hour_start
    """,
    "returns": """
        SELECT symbol, month, session, bar_start,
            CASE WHEN session = before THEN close / previous - 1 END AS simple_return,
            CASE WHEN session = before THEN ln(close / previous) END AS log_return,
            close / first_open - 1 AS cumulative_return,
            CASE WHEN session - before BETWEEN 1 AND 7 THEN open / previous - 1 END AS overnight_return
        FROM (
            SELECT *, lag(close) OVER by_time AS previous, lag(session) OVER by_time AS before,
                first(open) OVER (PARTITION BY symbol, session ORDER BY bar_start) AS first_open
            FROM regular WINDOW by_time AS (PARTITION BY symbol ORDER BY bar_start)
        ) ORDER BY symbol, month, bar_start
    """,
    "moving_averages": "SELECT * FROM averages ORDER BY symbol, month, bar_start",
}
SPANS = (20, 50, 200)
SIMPLE = ", ".join(
    f"CASE WHEN row_number() OVER by_time >= {span} THEN "
    f"avg(close) OVER (PARTITION BY symbol ORDER BY bar_start ROWS {span - 1} PRECEDING) END AS sma_{span}"
    for span in SPANS
)
AVERAGES = f"""
    SELECT symbol, month, session, bar_start, close, {SIMPLE} FROM regular
    WINDOW by_time AS (PARTITION BY symbol ORDER BY bar_start) ORDER BY symbol, bar_start
"""


def main() -> None:
    bars, results = map(Path, sys.argv[1:])
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET VARIABLE files = ?", [[str(path) for path in bars.glob("run=*/**/*.parquet")]])
    connection.execute(BARS)
    connection.execute(REGULAR)
    averages = with_exponential_means(connection.sql(AVERAGES).df())
    connection.register("averages", averages)
    for name, query in TABLES.items():
        (results / name).mkdir(parents=True)
        connection.execute(
            f"COPY ({query}) TO '{results / name}' "
            "(FORMAT parquet, COMPRESSION zstd, PARTITION_BY (symbol, month), OVERWRITE_OR_IGNORE)"
        )


def with_exponential_means(averages: "pd.DataFrame") -> "pd.DataFrame":
    for span in SPANS:
        averages[f"ema_{span}"] = averages.groupby("symbol")["close"].transform(exponential_mean, span=span)
    return averages


def exponential_mean(closes: "pd.Series[float]", span: int) -> "pd.Series[float]":
    seeded = closes.copy()
    seeded.iloc[: span - 1] = float("nan")
    seeded.iloc[span - 1] = closes.iloc[:span].mean()
    return seeded.ewm(span=span, adjust=False).mean()


if __name__ == "__main__":
    main()
