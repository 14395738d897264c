"""CPU time from a reply's bytes to committed bars, against pandas' read and write of the same bytes; and the memory
that many symbol-months in one run take.

    python bench/ingest.py [--rounds 7] [--cells 500]
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from market.months import Month
    from market.providers.base import RawReply

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MONTH = "2026-09"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--cells", type=int, default=500)
    parser.add_argument("--part", choices=["ours", "pandas", "memory"])
    arguments = parser.parse_args()
    if arguments.part:
        PARTS[arguments.part](arguments)
        return
    # Each in a process of its own: the one that fetches never loads pandas.
    times = {part: _run(part, arguments) for part in ("ours", "pandas")}
    for part, milliseconds in times.items():
        print(f"{part:7} {milliseconds:7.1f} ms CPU (median of {arguments.rounds})")
    print(f"ratio   {times['ours'] / times['pandas']:7.2f}")
    print(f"{arguments.cells} symbol-months in one run: peak {_run('memory', arguments):.0f} MB")


def _run(part: str, arguments: argparse.Namespace) -> float:
    command = [sys.executable, __file__, "--part", part]
    numbers = ["--rounds", str(arguments.rounds), "--cells", str(arguments.cells)]
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "stockcompare.settings",
            "SECRET_KEY": "only-for-this-benchmark-" + "x" * 32,
            "VAR_DIR": folder,
            "LAKE_URL": f"file://{folder}/lake",
            "ENV_FILE": "/nonexistent",
        }
        done = subprocess.run([*command, *numbers], env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def _body() -> bytes:
    from market.months import Month
    from market.providers.synthetic.provider import Synthetic

    return Synthetic().fetch_month("AAPL", Month.parse(MONTH), NOW).body


def _ours(arguments: argparse.Namespace) -> None:
    import django

    django.setup()
    from market.lake.arrow import keep_pandas_out

    keep_pandas_out()
    body = _body()
    _fetch(body, ["WARM"])
    symbols = [f"S{number}" for number in range(arguments.rounds)]
    print(statistics.median(_cpu_of(partial(_fetch, body, [symbol])) for symbol in symbols))


def _pandas(arguments: argparse.Namespace) -> None:
    import io

    import pandas as pd

    body = _body()
    path = Path(os.environ["VAR_DIR"]) / "bars.parquet"

    def read_and_write() -> None:
        frame = pd.read_csv(io.BytesIO(body), parse_dates=["timestamp"])
        frame.sort_values("timestamp").to_parquet(path, compression="zstd")

    read_and_write()
    print(statistics.median(_cpu_of(read_and_write) for _ in range(arguments.rounds)))


def _memory(arguments: argparse.Namespace) -> None:
    import django

    django.setup()
    from market.lake.arrow import keep_pandas_out

    keep_pandas_out()
    _fetch(_body(), [f"S{number}" for number in range(arguments.cells)])
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _fetch(body: bytes, symbols: list[str]) -> None:
    """Store, read, check, flag and commit one reply per symbol, as `fetch_prices` does, with no network."""
    from dataclasses import replace

    from market.ingest.fetch import Fetcher
    from market.ingest.plan import Cell
    from market.ingest.run import new_run_id
    from market.lake.location import configured_lake
    from market.months import Month
    from market.progress import SilentProgress
    from market.providers.base import RawReply
    from market.providers.synthetic.provider import Synthetic

    @dataclass(frozen=True)
    class Canned(Synthetic):
        body: bytes = field(default=b"", repr=False)

        def fetch_month(self, symbol: str, month: Month, now: datetime) -> RawReply:
            return replace(_empty(symbol, month, now), body=self.body)

    provider, run_id = Canned(body=body), new_run_id(NOW)
    lake = configured_lake()
    fetcher = Fetcher(lake, provider, NOW, run_id, force=True, sleep=time.sleep, progress=SilentProgress())
    for symbol in symbols:
        fetcher.fetch(Cell(symbol, Month.parse(MONTH)))


def _empty(symbol: str, month: "Month", now: datetime) -> "RawReply":
    from market.providers.base import RawReply

    return RawReply("synthetic", "MINUTE_BARS", symbol, month, {}, 200, "text/csv", b"", now)


def _cpu_of(work: "Callable[[], None]") -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


PARTS = {"ours": _ours, "pandas": _pandas, "memory": _memory}

if __name__ == "__main__":
    main()
