"""Run the whole of `process_prices` on a Spark cluster of this machine, one master and two workers, and compare.

    python bench/cluster.py [--symbols 2] [--months 1]

The workers do not have this package on their path. Afterwards the same lake is processed on the embedded engine, and
the largest relative difference of any number in any table is printed; more than 1e-12 exits with 1.
"""

import argparse
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
MOST = 1e-12
# What is left of a difference that should be zero.
ROUNDING = 1e-15
WORKERS = 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--symbols", type=int, default=2)
    parser.add_argument("--months", type=int, default=1)
    options = parser.parse_args()
    from process_prices import build_lake

    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        rows = build_lake(folder / "cluster", options.symbols, options.months)
        shutil.copytree(folder / "cluster", folder / "embedded")
        master = stack.enter_context(cluster(folder))
        print(f"{rows:,} bars; {master} with {WORKERS} workers", flush=True)
        for lake, engine in (("cluster", master), ("embedded", "embedded")):
            began = time.perf_counter()
            process(folder / lake, engine)
            print(f"{engine}: {time.perf_counter() - began:.1f} s", flush=True)
        tables, difference = compare(folder / "cluster", folder / "embedded")
    print(f"{tables} tables, largest relative difference {difference:.1e}")
    return 0 if difference <= MOST else 1


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Start a master and workers, and yield the master's address."""
    with ExitStack() as stack:
        log = folder / "master.log"
        arguments = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
        stack.enter_context(daemon("org.apache.spark.deploy.master.Master", arguments, log))
        master = wait_for(log, re.compile(r"Starting Spark master at (spark://\S+)"))
        for number in range(WORKERS):
            work = folder / f"worker-{number}"
            options = ["--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(work)]
            log = folder / f"worker-{number}.log"
            stack.enter_context(daemon("org.apache.spark.deploy.worker.Worker", [*options, master], log))
            wait_for(log, re.compile(r"Successfully registered with master (\S+)"))
        yield master


@contextmanager
def daemon(main_class: str, arguments: list[str], log: Path) -> Iterator[None]:
    import pyspark

    home = Path(pyspark.__file__).parent
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME") if name in os.environ}
    environment |= {"SPARK_HOME": str(home), "SPARK_DAEMON_MEMORY": "256m", "PYSPARK_PYTHON": sys.executable}
    with log.open("w") as output:
        command = [str(home / "bin/spark-class"), main_class, *arguments]
        process = subprocess.Popen(command, env=environment, cwd=log.parent, stdout=output, stderr=output)
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)


def wait_for(log: Path, told: "re.Pattern[str]") -> str:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        found = told.search(log.read_text())
        if found:
            return found[1]
        time.sleep(0.2)
    sys.exit(f"no such line within two minutes:\n{log.read_text()}")


def process(lake: Path, engine: str) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME") if name in os.environ}
    environment |= {"ENV_FILE": "/nonexistent", "SECRET_KEY": "x" * 50, "LAKE_URL": f"file://{lake}"}
    command = [sys.executable, "manage.py", "process_prices", "--engine", engine]
    ran = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(ran.stdout + ran.stderr)


def compare(one: Path, other: Path) -> tuple[int, float]:
    """Return how many tables there are and the largest relative difference of two numbers in the same place."""
    from tests.builders import make_lake
    from tests.processing import read_tables

    largest = 0.0
    ours, theirs = read_tables(make_lake(one)), read_tables(make_lake(other))
    for name, table in ours.items():
        if not table.num_rows or table.num_rows != theirs[name].num_rows:
            sys.exit(f"{name} has {table.num_rows} rows and {theirs[name].num_rows}")
        for column in table.schema.names:
            pairs = zip(table[column].to_pylist(), theirs[name][column].to_pylist(), strict=True)
            largest = max([largest, *(distance(*pair) for pair in pairs)])
    return len(ours), largest


def distance(one: Any, other: Any) -> float:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) / max(abs(one), abs(other)) if abs(one - other) > ROUNDING else 0.0
    return 0.0 if one == other else math.inf


if __name__ == "__main__":
    sys.exit(main())
