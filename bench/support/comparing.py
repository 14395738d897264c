"""Compare what DuckDB made with what `process_prices` made: the same rows, and numbers that agree."""

from pathlib import Path

import duckdb

from analytics.schemas import derived_table
from tests.builders import make_lake

MOST = 1e-9
KEYS = {
    "daily": ("symbol", "month", "session"),
    "hourly": ("symbol", "month", "session", "hour_start"),
    "moving_averages": ("symbol", "month", "session", "bar_start"),
    "pairs": ("symbol", "month", "session"),
}


def largest_difference(folder: Path) -> float:
    """Return the largest relative difference of any number. Exits if it is above 1e-9 or rows are not the same."""
    return max(_difference(folder, name, keys) for name, keys in KEYS.items())


def _difference(folder: Path, name: str, keys: tuple[str, ...]) -> float:
    table = derived_table(make_lake(folder / "lake"), name)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    files = [f"{folder / 'lake/tables' / name}/{file.path}" for file in table.snapshot().files]
    for view, paths in (
        ("ours", files),
        ("theirs", [str(path) for path in (folder / "duckdb" / name).rglob("*.parquet")]),
    ):
        connection.execute(
            f"CREATE VIEW {view} AS SELECT * FROM "
            f"read_parquet({paths!r}, hive_partitioning = true, hive_types_autocast = false)"
        )
    columns = [row[0] for row in connection.execute("DESCRIBE theirs").fetchall() if row[0] not in keys]
    rows = [connection.execute(f"SELECT count(*) FROM {view}").fetchall()[0][0] for view in ("ours", "theirs")]
    joined = "ours JOIN theirs USING (" + ", ".join(keys) + ")"
    matched = connection.execute(f"SELECT count(*) FROM {joined}").fetchall()[0][0]
    if not rows[0] == rows[1] == matched:
        raise SystemExit(f"{name}: {rows[0]} rows, DuckDB {rows[1]}, of which {matched} are the same")
    differences = {column: _of_column(connection, joined, column) for column in columns}
    column = max(differences, key=lambda column: differences[column])
    print(f"{name}: {rows[0]:,} rows, {len(columns)} columns, at most {differences[column]:.1e} ({column})", flush=True)
    if differences[column] > MOST:
        raise SystemExit(f"{name}.{column} differs from DuckDB's by {differences[column]:.1e}")
    return differences[column]


def _of_column(connection: duckdb.DuckDBPyConnection, joined: str, column: str) -> float:
    """Return 1 where one side is null and the other is not.

    What is smaller than the column's mean size is compared with that: near zero, a sum of both signs has few digits.
    """
    ours, theirs = f"ours.{column}::DOUBLE", f"theirs.{column}::DOUBLE"
    found = connection.execute(
        f"SELECT max(CASE WHEN {ours} IS NULL AND {theirs} IS NULL THEN 0 "
        f"WHEN {ours} IS NULL OR {theirs} IS NULL THEN 1 "
        f"ELSE abs({ours} - {theirs}) / greatest(abs({ours}), abs({theirs}), size) END) FROM {joined}, "
        f"(SELECT avg(abs({column}::DOUBLE)) AS size FROM theirs)"
    ).fetchall()
    return float(found[0][0])
