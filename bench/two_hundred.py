"""How `process_prices` does with many symbols: against DuckDB and Apache Spark, for one new session, with more history.

    python bench/two_hundred.py [--symbols 200] [--sessions 252] [--runs 3] [--engines embedded duckdb]
    python bench/two_hundred.py --engines embedded duckdb spark --runs 1
    python bench/two_hundred.py --sessions 252 1260 --updates 3 --runs 0
    python bench/two_hundred.py --updates 3 --runs 0 --in-worker

A lake of made-up bars is processed from nothing into `daily`, `hourly`, `moving_averages` and one pair, each run a
process of its own, the engines in turn; what DuckDB made must equal what `process_prices` made. Then each of the
`--updates` adds one session to every symbol. With several numbers of sessions the updates of the lakes take turns, too.
Before the updates `maintain_lake` runs once, as it does every day by the worker: it writes checkpoints of the logs.
With `--in-worker` a process that stays does all of it, as the worker's do, where Python, Django and pandas are loaded.
Wall is then until the tables are up to date; CPU is with what the worker prepares after a run for the next one.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from subprocess import PIPE

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "bench/support")]
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
TABLES = ("daily", "hourly", "moving_averages", "pairs")

from measuring import Cost, cost_of  # noqa: E402  # after the path is set


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--symbols", type=int, default=200)
    parser.add_argument("--sessions", type=int, nargs="+", default=[252])
    parser.add_argument("--runs", type=int, default=3, help="of the race; 0: none, the first lake is processed once")
    parser.add_argument("--updates", type=int, default=3)
    parser.add_argument("--engines", nargs="+", default=["embedded", "duckdb"])
    parser.add_argument("--in-worker", action="store_true", help="the updates, and the full run that they are held to")
    parser.add_argument("--tables", nargs="+", default=TABLES, help="for the updates of a run without a race")
    options = parser.parse_args()
    import django

    django.setup()
    with tempfile.TemporaryDirectory() as name:
        lakes = {sessions: Path(name) / f"{sessions}" for sessions in options.sessions}
        for sessions, folder in lakes.items():
            build(folder, options.symbols, sessions)
        first = next(iter(lakes.values()))
        if options.runs:
            race(first, options.engines, options.runs)
        if options.updates:
            tables = TABLES if options.runs else options.tables
            with ExitStack() as until_done:
                runs: dict[int, Callable[[], Cost]]
                if options.in_worker:
                    runs = {key: until_done.enter_context(staying(folder, tables)) for key, folder in lakes.items()}
                else:
                    runs = {key: partial(run, folder, "embedded", tables) for key, folder in lakes.items()}
                update(lakes, runs, options.symbols, options.updates)


def build(folder: Path, symbols: int, sessions: int) -> None:
    from many_bars import build_lake

    from tests.builders import make_lake

    rows = build_lake(make_lake(folder / "lake"), symbols, sessions)
    print(f"{symbols} symbols, {sessions} sessions, {rows:,} bars", flush=True)


def race(folder: Path, engines: Sequence[str], runs: int) -> None:
    """Let the engines make the tables from nothing, in turn, and leave those of the last one that is not DuckDB."""
    costs: dict[str, list[Cost]] = {engine: [] for engine in engines}
    for number in range(runs):
        for engine in sorted(engines, key=lambda engine: engine != "duckdb"):
            clear(folder, engine)
            costs[engine].append(told(engine, run(folder, engine, TABLES)))
        if number == 0 and "duckdb" in engines:
            from comparing import largest_difference

            print(f"largest relative difference from DuckDB: {largest_difference(folder):.1e}")
    print("\nengine          wall s   (min to max)        CPU s   peak MB")
    for engine, taken in costs.items():
        print(f"{engine:<14} {row(taken)}")
    if "duckdb" in costs:
        for engine, taken in costs.items():
            print(f"{engine} / duckdb, run by run: wall {ratios(taken, costs['duckdb'], 'wall')}", end="; ")
            print(f"CPU {ratios(taken, costs['duckdb'], 'cpu')}")


def update(lakes: dict[int, Path], runs: Mapping[int, Callable[[], Cost]], symbols: int, updates: int) -> None:
    """Add a session to every symbol, again and again, and print what bringing the tables up to date costs."""
    from many_bars import add_session

    from tests.builders import make_lake

    fulls = {}
    for sessions, folder in lakes.items():
        clear(folder, "embedded")
        fulls[sessions] = told(f"full, {sessions} sessions", runs[sessions]())
        measured(folder, "manage.py", "maintain_lake")
    costs: dict[int, list[Cost]] = {sessions: [] for sessions in lakes}
    for _ in range(updates):
        for sessions, folder in lakes.items():
            added = add_session(make_lake(folder / "lake"), symbols, sessions)
            costs[sessions].append(told(f"{added}, {sessions} sessions", runs[sessions]()))
    print("\none session      wall s   (min to max)        CPU s   peak MB")
    for sessions, taken in costs.items():
        print(f"{sessions:>5} sessions  {row(taken)}")
        print(f"      of the full time: wall {ratios(taken, [fulls[sessions]] * updates, 'wall')}", end="; ")
        print(f"CPU {ratios(taken, [fulls[sessions]] * updates, 'cpu')}")
    first, *others = costs
    for other in others:
        print(f"{other} / {first} sessions: wall {ratios(costs[other], costs[first], 'wall')}", end="; ")
        print(f"CPU {ratios(costs[other], costs[first], 'cpu')}")


def clear(folder: Path, engine: str) -> None:
    results = [folder / "duckdb"] if engine == "duckdb" else [folder / "lake/tables" / name for name in TABLES]
    for result in results:
        shutil.rmtree(result, ignore_errors=True)


def run(folder: Path, engine: str, tables: Sequence[str]) -> Cost:
    if engine == "duckdb":
        lake, results = folder / "lake/tables/bars", folder / "duckdb"
        return measured(folder, "bench/support/duckdb_two_hundred.py", str(lake), str(results))
    return measured(folder, "manage.py", "process_prices", "--engine", engine, "--tables", *tables)


@contextmanager
def staying(folder: Path, tables: Sequence[str]) -> Iterator[Callable[[], Cost]]:
    """Give what runs the command's work in a process that stays until the context ends."""
    program = [sys.executable, "bench/support/staying.py", *tables]
    settings = {"DJANGO_SETTINGS_MODULE": "stockcompare.settings", "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        program, cwd=REPOSITORY, env=environment_of(folder) | settings, text=True, stdin=PIPE, stdout=PIPE
    ) as process:

        def once() -> Cost:
            assert process.stdin
            assert process.stdout
            process.stdin.write("\n")
            process.stdin.flush()
            return Cost(*map(float, process.stdout.readline().split()))

        yield once


def environment_of(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "/nonexistent",
        "SECRET_KEY": "x" * 32,
        "VAR_DIR": str(folder / "var"),
        "LAKE_URL": f"file://{folder / 'lake'}",
    }


def measured(folder: Path, *arguments: str) -> Cost:
    """Run a program on the lake in a process of its own, and end with what it says if it fails."""
    with (folder / "output").open("w+") as output:
        cost, code = cost_of([sys.executable, *arguments], environment_of(folder), output)
        if code:
            output.seek(0)
            sys.exit(output.read())
    return cost


def told(what: str, cost: Cost) -> Cost:
    load = os.getloadavg()[0]
    print(f"{what}: {cost.wall:.2f} s, {cost.cpu:.2f} s CPU, {cost.peak:.0f} MB (load average {load:.1f})", flush=True)
    return cost


def row(taken: Sequence[Cost]) -> str:
    walls = [cost.wall for cost in taken]
    spread = f"({min(walls):.2f} to {max(walls):.2f})"
    cpu, peak = (statistics.median(getattr(cost, name) for cost in taken) for name in ("cpu", "peak"))
    return f"{statistics.median(walls):8.2f}   {spread:<18} {cpu:7.2f}  {peak:8.0f}"


def ratios(taken: Sequence[Cost], others: Sequence[Cost], figure: str) -> str:
    found = [getattr(one, figure) / getattr(other, figure) for one, other in zip(taken, others, strict=True)]
    return f"{statistics.median(found):.3f} ({min(found):.3f} to {max(found):.3f})"


if __name__ == "__main__":
    main()
