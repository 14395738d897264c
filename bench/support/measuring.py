"""What a command costs: wall clock, CPU and memory of the process and all its children."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Cost:
    """Of one run; seconds and MB (10^6 bytes). CPU is user and system time, of children that were waited for, too.

    `peak` is the largest sum of the resident memory of the process tree, looked at every 10 ms, so that pages which
    processes share count more than once.
    """

    wall: float
    cpu: float
    peak: float


def cost_of(arguments: Sequence[str], environment: dict[str, str], output: object) -> tuple[Cost, int]:
    """Run a command in the repository and return its cost and exit code."""
    began, peak, cpu_of_tree = time.perf_counter(), 0, 0.0
    process = subprocess.Popen(arguments, cwd=REPOSITORY, env=environment, stdout=output, stderr=output)  # type: ignore[call-overload]
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            break
        memory, cpu = _tree(process.pid)
        peak, cpu_of_tree = max(peak, memory), max(cpu_of_tree, cpu)
        time.sleep(0.01)
    wall = time.perf_counter() - began
    # A JVM is no child that anybody waits for at the end, but it was seen while it ran.
    cpu = max(usage.ru_utime + usage.ru_stime, cpu_of_tree)
    return Cost(wall, cpu, peak / 1e6), process.returncode


def _tree(root: int) -> tuple[int, float]:
    """Return the resident bytes and the CPU seconds so far of a process and all its descendants."""
    memory, ticks, waiting = 0, 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            memory += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return memory, ticks / os.sysconf("SC_CLK_TCK")
