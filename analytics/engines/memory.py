"""How much memory the JVMs get that this program starts: from the rows that it works on at once.

Measured (docs/performance.md): what is alive in a JVM grows with the rows of the batches that are made together, which
are bounded, and not with the table. Python's workers and what Parquet compresses with are outside of this.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEGABYTE = 2**20
# Spark's own default, enough for a million rows at once.
LEAST = 1024
_FIXED = 400
_BYTES_A_ROW = 600
_CONTAINER = Path("/sys/fs/cgroup/memory.max")


def heap_for(rows: int) -> int:
    """Return the megabytes of heap with which so many rows are worked on at once."""
    return max(LEAST, _FIXED + -(-rows * _BYTES_A_ROW // MEGABYTE))


def machine_memory() -> int:
    """Return the megabytes that this process may use of this machine, or that its container may."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit = _CONTAINER.read_text().strip() if _CONTAINER.exists() else "max"
    return (machine if limit == "max" else min(machine, int(limit))) // MEGABYTE


@contextmanager
def memory_for(rows: int, *, local: bool) -> Iterator[None]:
    """Let a JVM that is started meanwhile take what so many rows need: locally half of the machine at most.

    It is told in the variables that Spark asks last, so whatever a person has set wins: they themselves,
    `spark-defaults.conf`, PYSPARK_SUBMIT_ARGS, and a JVM that spark-submit has started.
    """
    name = "SPARK_DRIVER_MEMORY" if local else "SPARK_EXECUTOR_MEMORY"
    if name in os.environ:
        yield
        return
    heap = heap_for(rows)
    # The other half is for Python's workers and the disk's cache.
    os.environ[name] = f"{min(heap, machine_memory() // 2) if local else heap}m"
    try:
        yield
    finally:
        del os.environ[name]
