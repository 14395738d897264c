"""Run `process_prices` as its users do, and look at what it left."""

import io
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
from django.core.management import CommandError, call_command

from analytics.jobs.memory import memory_of
from analytics.jobs.report import ProcessReport, ProcessRequest
from analytics.jobs.run import process_prices
from analytics.schemas import derived_table
from analytics.transforms.catalog import TRANSFORMS
from market.bars.build import Origin, build_bars
from market.lake.location import Lake
from market.lake.parts import write_parts
from market.lake.schemas import bars_table
from market.months import Month
from market.progress import SilentProgress
from market.providers.synthetic.provider import Synthetic

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass
class Ran:
    """What a run of the command left: its exit code and what it printed."""

    code: int
    output: str


def synthetic_bars(symbol: str, month: Month) -> pa.Table:
    """Return a month of the made-up market, extended hours included."""
    provider = Synthetic()
    parsed = provider.parse(provider.fetch_month(symbol, month, NOW)).bars
    return build_bars(parsed, Origin(symbol, month, provider.name, NOW))


def write_months(lake: Lake, bars: Iterable[pa.Table], run_id: str) -> None:
    """Publish whole months of bars in one commit."""
    table = bars_table(lake)
    live = table.snapshot()
    files = [file for month in bars for file in write_parts(table, month, run_id, live)]
    table.publish(live, files, {file.part for file in files}, {"run_id": run_id})


def process(lake: Lake, now: datetime = NOW, **request: Any) -> ProcessReport:
    return process_prices(ProcessRequest(**{"engine": "embedded", **request}), lake, now, SilentProgress())


def process_anew(lake: Lake, **request: Any) -> ProcessReport:
    """Process as a process does that has not done so before, and so remembers nothing."""
    with memory_of(lake):
        return process(lake, **request)


def run_command(*arguments: str) -> Ran:
    output = io.StringIO()
    try:
        call_command("process_prices", *arguments, stdout=output, stderr=output)
    except CommandError as error:
        return Ran(error.returncode, f"{output.getvalue()}{error}")
    return Ran(0, output.getvalue())


def command_environment(lake_url: str) -> dict[str, str]:
    """Return the environment of a process of the command, with nothing of this one's settings."""
    return {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "/nonexistent",
        "SECRET_KEY": "only-for-tests-" + "x" * 32,
        "VAR_DIR": os.environ["VAR_DIR"],
        "LAKE_URL": lake_url,
    }


def command_process(lake_url: str, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """Start the command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "process_prices", *arguments],
        cwd=REPOSITORY,
        env=command_environment(lake_url) | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(process: "subprocess.Popen[str]") -> Ran:
    output, _ = process.communicate(timeout=100)
    return Ran(process.returncode, output)


def read_table(lake: Lake, name: str) -> pa.Table:
    """Return the newest version of a derived table, read as any Delta reader would, in the order of its key."""
    keys: list[tuple[str, Literal["ascending", "descending"]]] = [
        (column, "ascending") for column in ("symbol", "month", *TRANSFORMS[name].sort_by)
    ]
    rows: pa.Table = derived_table(lake, name).snapshot().read(derived_table(lake, name).schema.names).sort_by(keys)
    return rows


def read_tables(lake: Lake) -> dict[str, pa.Table]:
    return {name: read_table(lake, name) for name in TRANSFORMS}


def last_commit(lake: Lake, name: str) -> dict[str, Any]:
    return derived_table(lake, name).history()[0]


def parts_replaced(lake: Lake, name: str) -> str:
    """Return the parts that the newest commit says it replaced, such as `AAPL 2026-09, AAPL 2026-10`."""
    parts: str = last_commit(lake, name)["parts"]
    return parts
