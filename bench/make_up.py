"""How long `make up` takes to a page that answers, how long it takes to stop, and what the processes hold.

    python bench/make_up.py [--starts 4]

The first start loads and processes the synthetic market into an empty VAR_DIR; the later ones find it there.
Set-up (`make setup`) is part of each start, as in the Makefile.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY))

from stockcompare.up.ports import any_free_port, serves, wait_until  # noqa: E402  # the path must be set first


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=4)
    starts = parser.parse_args().starts
    subprocess.run(["make", "setup"], cwd=REPOSITORY, check=True)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, starts + 1):
            print(f"start {number}: {measure(Path(folder))}", flush=True)


def measure(folder: Path) -> str:
    port = any_free_port("127.0.0.1")
    own = {"VAR_DIR": str(folder), "WEB_PORT": str(port), "PRICES_PROVIDER": "synthetic", "ALPHA_VANTAGE_API_KEY": ""}
    environment = os.environ | own
    environment.pop("LAKE_URL", None)
    began = time.perf_counter()
    process = subprocess.Popen(
        ["make", "up"], cwd=REPOSITORY, env=environment, stdout=subprocess.DEVNULL, process_group=0
    )
    try:
        if not wait_until(lambda: serves("127.0.0.1", port), seconds=300):
            raise SystemExit("make up did not get to a page; run it by hand to see why")
        answered = time.perf_counter() - began
        memory = resident(folder)
        began = time.perf_counter()
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    return f"{answered:.1f} s to a page, {time.perf_counter() - began:.1f} s to stop; supervisor and leash {memory} MB"


def resident(folder: Path) -> int:
    """Return the memory of the supervisor's two processes, in MB."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            ours = str(folder).encode() in (entry / "environ").read_bytes()
            pages = int((entry / "statm").read_text().split()[1])
        except OSError:
            continue
        if ours and b"stockcompare.up" in words:
            total += pages * os.sysconf("SC_PAGE_SIZE")
    return total // 1_000_000


if __name__ == "__main__":
    main()
