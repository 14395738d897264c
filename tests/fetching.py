"""Run `fetch_prices` as its users do, and look at what it left."""

import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from market.lake.location import Lake
from market.lake.schemas import bars_table
from market.lake.snapshots import Snapshot
from market.management.commands.fetch_prices import Command
from tests.vendors import SmallVendor, Vendor

KEY = "KEY-0123456789&/+"
REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass
class Ran:
    """What a run of the command left: its exit code, what it printed, and how long it would have slept."""

    code: int
    output: str
    sleeps: list[float] = field(default_factory=list)


Fetch = Callable[..., Ran]


def run_command(*arguments: str) -> Ran:
    """Run the command in this process on a clock that its waits move on."""
    command, output = Command(), io.StringIO()
    ran = Ran(0, "")
    command.sleep = ran.sleeps.append
    command.clock = lambda: timezone.now() + timedelta(seconds=sum(ran.sleeps))
    try:
        call_command(command, *arguments, stdout=output, stderr=output)
    except CommandError as error:
        ran.code = error.returncode
        output.write(str(error))
    ran.output = output.getvalue()
    return ran


def database_beside(lake_url: str) -> Path:
    """Return the relational database of a lake's processes, migrated; one for each lake."""
    template = settings.VAR_DIR / "fetching.sqlite3"
    if not template.exists():
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{template}"}
        # The settings of the tests would lead it to a database of their own.
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "market", "-v0"], cwd=REPOSITORY, env=environment, check=True
        )
    database: Path = settings.VAR_DIR / f"fetching-{zlib.crc32(lake_url.encode())}.sqlite3"
    if not database.exists():
        shutil.copy(template, database)
    return database


def fetch_environment(lake_url: str, vendor: Vendor | SmallVendor | None = None) -> dict[str, str]:
    """Return the environment of a process that fetches into a lake, with nothing of this one's settings."""
    return {
        "PATH": os.environ["PATH"],
        "ENV_FILE": "/nonexistent",
        "SECRET_KEY": "only-for-tests-" + "x" * 32,
        "VAR_DIR": os.environ["VAR_DIR"],
        "LAKE_URL": lake_url,
        "DATABASE_URL": f"sqlite:///{database_beside(lake_url)}",
        "REQUEST_LIMITS": "alpha_vantage=1000/s",
        "PYTHONWARNINGS": "ignore",
        **({"ALPHA_VANTAGE_URL": vendor.url, "ALPHA_VANTAGE_API_KEY": KEY} if vendor else {}),
    }


def fetch_process(
    lake_url: str, vendor: Vendor | SmallVendor | None, *arguments: str, **environment: str
) -> "subprocess.Popen[str]":
    """Start the command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, str(REPOSITORY / "manage.py"), "fetch_prices", *arguments],
        env=fetch_environment(lake_url, vendor) | environment,
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(process: "subprocess.Popen[str]") -> Ran:
    output, _ = process.communicate(timeout=100)
    return Ran(process.returncode, output)


def bars(lake: Lake) -> Snapshot:
    return bars_table(lake).snapshot()


def rows(lake: Lake) -> pa.Table:
    """Return all bars in order of symbol and time."""
    table = bars(lake).read()
    return table.sort_by([("symbol", "ascending"), ("bar_start", "ascending")])


def everything_written(folder: Path) -> bytes:
    """Return all that a lake of files holds, compressed objects opened, names included."""
    written = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            written += [str(path).encode(), gzip.decompress(content) if path.suffix == ".gz" else content]
    return b"\n".join(written)


def manifests(folder: Path, **wanted: Any) -> list[dict[str, Any]]:
    found = [json.loads(path.read_text()) for path in sorted(folder.glob("raw/**/*.json"))]
    return [manifest for manifest in found if all(manifest[name] == value for name, value in wanted.items())]


def columns_of(table: pa.Table, *names: str) -> list[dict[str, Any]]:
    return table.select(list(names)).to_pylist()


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)
