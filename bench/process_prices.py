"""How long `manage.py process_prices` takes, the whole command, by engine; DuckDB making the same tables beside it.

    python bench/process_prices.py [--symbols 2] [--months 1] [--runs 5] [--engines embedded spark duckdb]
        [--all-tables]

Each run derives the four tables that DuckDB makes, too, of a lake of synthetic bars (extended hours included) from
nothing. "CPU" is user and system time of the process and its children; "peak" the largest sum of the resident memory of
the process tree, looked at every 10 ms, so that pages which processes share count more than once. The programs take
turns.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "bench/support")]
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
DERIVED = ("daily", "hourly", "moving_averages", "returns")

from measuring import Cost, cost_of  # noqa: E402  # after the path is set


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--symbols", type=int, default=2)
    parser.add_argument("--months", type=int, default=1)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--engines", nargs="+", default=["embedded", "spark", "duckdb"])
    parser.add_argument("--all-tables", action="store_true", help="what DuckDB does not make, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = build_lake(folder / "lake", options.symbols, options.months)
        print(f"{options.symbols} symbols, {options.months} months, {rows:,} bars; medians of {options.runs} runs")
        print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
        measure(folder, options.engines, options.runs, [] if options.all_tables else ["--tables", *DERIVED])


def build_lake(folder: Path, symbols: int, months: int) -> int:
    import django

    django.setup()
    from market.lake.schemas import bars_table
    from market.months import Month
    from tests.builders import make_lake
    from tests.processing import synthetic_bars, write_months

    month = Month(2026, 10)
    wanted = [month := month.previous() for _ in range(months)]
    names = ["AAPL", "MSFT", *(f"S{number:03}" for number in range(symbols))][:symbols]
    lake = make_lake(folder)
    write_months(lake, (synthetic_bars(symbol, month) for symbol in names for month in reversed(wanted)), "bench")
    return sum(file.rows for file in bars_table(lake).snapshot().files)


def measure(folder: Path, engines: Sequence[str], runs: int, tables: Sequence[str]) -> None:
    costs: dict[str, list[Cost]] = {engine: [] for engine in engines}
    for number in range(runs + 1):
        for engine in engines:
            cost = run_once(folder, engine, tables)
            if number:  # the first round fills the disk cache
                costs[engine].append(cost)
    print("engine        wall s   (min to max)    CPU s   peak MB")
    for engine, taken in costs.items():
        walls = [cost.wall for cost in taken]
        cpu = statistics.median(cost.cpu for cost in taken)
        peak = statistics.median(cost.peak for cost in taken)
        spread = f"({min(walls):.2f} to {max(walls):.2f})"
        print(f"{engine:<12} {statistics.median(walls):7.2f}   {spread:<15} {cpu:7.2f}  {peak:8.0f}")


def run_once(folder: Path, engine: str, tables: Sequence[str]) -> Cost:
    for result in set((folder / "lake/tables").iterdir()) - {folder / "lake/tables/bars"}:
        shutil.rmtree(result)
    shutil.rmtree(folder / "duckdb", ignore_errors=True)
    if engine == "duckdb":
        arguments = ["bench/support/duckdb_tables.py", str(folder / "lake/tables/bars"), str(folder / "duckdb")]
    else:
        arguments = ["manage.py", "process_prices", "--engine", engine, *tables]
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "/nonexistent",
        "SECRET_KEY": "x" * 32,
        "LAKE_URL": f"file://{folder / 'lake'}",
    }
    with (folder / "output").open("w+") as output:
        cost, code = cost_of([sys.executable, *arguments], environment, output)
        if code:
            output.seek(0)
            sys.exit(output.read())
    return cost


if __name__ == "__main__":
    main()
