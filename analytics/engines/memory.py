"""How much memory the JVMs get that this program starts: from the rows that it works on at once.

That is two batches, which are bounded, and not the table. Apache Spark spills what does not fit, so this is about speed
first. Python's workers and what Parquet compresses with are outside of it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEGABYTE = 2**20
# Spark's own default.
LEAST = 1024
# Of which Spark keeps 300 for itself.
_FIXED = 400
# The widest table has 39 columns of 8 bytes: rows as they come from Python and, of another batch, as Parquet gets them.
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
