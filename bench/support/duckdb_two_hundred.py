"""Daily, hourly, moving averages and one pair by DuckDB in SQL alone, as a command to compare `process_prices` with.

    python bench/support/duckdb_two_hundred.py <folder of the table bars> <folder for the results>

The files are of the same kind: one folder per symbol and month, Parquet with zstd. Of the table `pairs` it makes what
SQL has functions for (bench/two_hundred.py compares those columns); `process_prices` makes the whole table.
"""

import sys
from pathlib import Path

import duckdb
from duckdb_tables import AGGREGATES

REGULAR = """
CREATE TEMP VIEW regular AS
SELECT * FROM read_parquet(getvariable('files'), hive_partitioning = true, hive_types_autocast = false)
WHERE phase = 'regular' AND NOT quarantined
"""
DAILY = f"""
SELECT * FROM (SELECT symbol, month, session, {AGGREGATES} FROM regular GROUP BY ALL)
JOIN (
    SELECT symbol, month, session, sum(volume)::BIGINT AS volume_all_phases
    FROM read_parquet(getvariable('files'), hive_partitioning = true, hive_types_autocast = false) GROUP BY ALL
) USING (symbol, month, session)
"""
HOURLY = f"""
SELECT symbol, month, session, date_trunc('hour', bar_start) AS hour_start, {AGGREGATES} FROM regular GROUP BY ALL
"""
SPANS = (20, 50, 200)
# A session of 390 bars is forgotten but for (1 - 2/201)^390 = 0.02, so nine leave 1e-15 of the mean of the first bars.
SESSIONS_BACK = 9


def _each(template: str) -> str:
    return ", ".join(template.format(n=span, a=2 / (span + 1), q=1 - 2 / (span + 1)) for span in SPANS)


# An exponential mean is a sum of weighted closes. Within a session it is a running sum of x / q^position, and what the
# sessions before leave of theirs follows from their last values, a few rows a session.
SIMPLE = _each(
    "CASE WHEN number >= {n} THEN "
    "avg(close) OVER (PARTITION BY symbol ORDER BY bar_start ROWS {n} - 1 PRECEDING) END AS sma_{n}"
)
WEIGHTED = _each("CASE WHEN number < {n} THEN 0 WHEN number = {n} THEN sma_{n} ELSE {a} * close END AS x_{n}")
RUNNING = _each(
    "sum(x_{n} * pow({q}, -position)) OVER (PARTITION BY symbol, session ORDER BY bar_start "
    "ROWS UNBOUNDED PRECEDING) AS running_{n}"
)
LEFT = _each("sum(earlier.left_{n} * pow({q}, own.before - earlier.seen)) AS carried_{n}")
MEANS = _each(
    "CASE WHEN number >= {n} THEN pow({q}, position) * (running_{n} + coalesce(carried_{n}, 0)) END AS ema_{n}"
)
RUNNING_SUMS = f"""
CREATE TEMP TABLE running AS
WITH numbered AS (
    SELECT symbol, month, session, bar_start, close,
        row_number() OVER (PARTITION BY symbol ORDER BY bar_start) AS number,
        row_number() OVER (PARTITION BY symbol, session ORDER BY bar_start) AS position
    FROM regular
), simple AS (SELECT *, {SIMPLE} FROM numbered), weighted AS (SELECT *, {WEIGHTED} FROM simple)
SELECT symbol, month, session, bar_start, close, number, position, sma_20, sma_50, sma_200, {RUNNING} FROM weighted
"""
CARRIED = f"""
CREATE TEMP TABLE carried AS
WITH ends AS (
    SELECT symbol, session, max(number) AS seen, max(number) - max(position) AS before,
        row_number() OVER (PARTITION BY symbol ORDER BY session) AS place,
        {_each("max_by(running_{n}, position) * pow({q}, max(position)) AS left_{n}")}
    FROM running GROUP BY symbol, session
)
SELECT own.symbol, own.session, {LEFT} FROM ends AS own JOIN ends AS earlier
ON own.symbol = earlier.symbol AND earlier.place BETWEEN own.place - {SESSIONS_BACK} AND own.place - 1 GROUP BY ALL
"""
AVERAGES = f"""
SELECT symbol, month, session, bar_start, close, sma_20, sma_50, sma_200, {MEANS}
FROM running LEFT JOIN carried USING (symbol, session)
"""

INTERVALS = (1, 5, 15, 30, 65)


def _interval(every: int) -> str:
    """Return correlation, beta and covariance of log returns between neighbouring intervals of so many minutes."""
    return f"""
    (SELECT session, count(a) AS returns_{every}min, corr(a, b) AS correlation_{every}min,
        sum(a * b) / sum(b * b) AS beta_{every}min, sum(a * b) AS covariance_{every}min
    FROM (
        SELECT session, ln(a / lag(a) OVER by_time) AS a, ln(b / lag(b) OVER by_time) AS b,
            interval - lag(interval) OVER by_time AS step
        FROM (
            SELECT session, minute // {every} AS interval, max_by(close_a, minute) AS a, max_by(close_b, minute) AS b
            FROM matched GROUP BY ALL
        ) WINDOW by_time AS (PARTITION BY session ORDER BY interval)
    ) WHERE step = 1 GROUP BY session)
    """


MATCHED = """
CREATE TEMP TABLE matched AS
SELECT a.session, a.month, a.bar_start, a.open AS open_a, a.close AS close_a, b.open AS open_b, b.close AS close_b,
    date_diff('minute', min(a.bar_start) OVER (PARTITION BY a.session), a.bar_start) AS minute
FROM (SELECT * FROM regular WHERE symbol = 'AAPL') AS a
JOIN (SELECT * FROM regular WHERE symbol = 'MSFT') AS b USING (bar_start)
"""
PAIRS = f"""
SELECT 'AAPL_MSFT' AS symbol, months.*, {", ".join(f"correlation_{every}min, beta_{every}min" for every in INTERVALS)},
    covariance_1min, covariance_5min
FROM (
    SELECT session, month, count(*) AS matched_minutes, avg(close_a / close_b) AS ratio_mean,
        max_by(close_a / close_b, bar_start) AS ratio_last, corr(close_a, close_b) AS price_correlation,
        max_by(close_a, bar_start) / min_by(open_a, bar_start) - 1 AS return_a,
        max_by(close_b, bar_start) / min_by(open_b, bar_start) - 1 AS return_b
    FROM matched GROUP BY ALL
) AS months {" ".join(f"JOIN {_interval(every)} USING (session)" for every in INTERVALS)}
"""


def main() -> None:
    bars, results = map(Path, sys.argv[1:])
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    # Its rows come in the order of the windows all the same; keeping the order of the files costs memory.
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET VARIABLE files = ?", [[str(path) for path in bars.glob("run=*/**/*.parquet")]])
    connection.execute(REGULAR)
    write(connection, results / "daily", DAILY)
    write(connection, results / "hourly", HOURLY)
    connection.execute(RUNNING_SUMS)
    connection.execute(CARRIED)
    write(connection, results / "moving_averages", AVERAGES)
    connection.execute(MATCHED)
    write(connection, results / "pairs", PAIRS)


def write(connection: duckdb.DuckDBPyConnection, folder: Path, query: str) -> None:
    folder.mkdir(parents=True)
    connection.execute(
        f"COPY ({query}) TO '{folder}' "
        "(FORMAT parquet, COMPRESSION zstd, PARTITION_BY (symbol, month), OVERWRITE_OR_IGNORE)"
    )


if __name__ == "__main__":
    main()
