"""How long `manage.py fetch_prices` takes for one symbol-month, the whole command in a process of its own.

    python bench/fetch.py [--runs 7]

A vendor of made-up bars answers on loopback from memory (or the recorded stand-in, where `../shared` lies beside the
checkout), and every run fetches into a new lake of files. "CPU" is user and system time of the process.
"""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs

    import django

    django.setup()
    from tests.fetching import fetch_process, finished

    walls, cpus, last_line = [], [], ""
    with tempfile.TemporaryDirectory() as folder, vendor() as (server, month):
        arguments = ("--provider", "alpha_vantage", "--symbols", "AAPL", "--months", month)
        for number in range(runs + 1):
            began, cpu_before = time.perf_counter(), children_cpu()
            ran = finished(fetch_process(f"file://{folder}/{number}", server, *arguments))
            walls.append(time.perf_counter() - began)
            cpus.append(children_cpu() - cpu_before)
            if ran.code:
                sys.exit(ran.output)
            last_line = ran.output.splitlines()[-1]
    print(last_line)
    # The first run fills the vendor's memory and the disk cache.
    print(
        f"wall {statistics.median(walls[1:]):.2f} s, CPU {statistics.median(cpus[1:]):.2f} s (medians of {runs} runs)"
    )


@contextmanager
def vendor() -> Iterator[tuple[Any, str]]:
    from tests.vendors import made_up_vendor, recorded_vendor

    shared = REPOSITORY.parent / "shared/data"
    if shared.is_dir():
        with recorded_vendor(shared, "xiang_av_2020") as server:
            yield server, "2020-11"
    else:
        with made_up_vendor({}) as server:
            yield server, "2026-09"


def children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
