"""What a process remembers of a lake from one run to the next: the tables as they were, and what was planned of them.

The worker's processes stay, and run after run most parts are as they were. A process that has no memory looks at all of
them, and does the same.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from analytics.jobs.looks import Look
from market.lake.location import Lake
from market.lake.snapshots import Snapshot
from market.lake.tables import Table
from market.lake.watch import TableWatch


@dataclass
class Memory:
    """Is of one lake, and lent to one run at a time."""

    # The tables in which a run of this process has looked for what killed ones left.
    swept: set[str] = field(default_factory=set)
    looks: dict[str, Look] = field(default_factory=dict)
    _watches: dict[str, TableWatch] = field(default_factory=dict)

    def snapshot(self, table: Table) -> Snapshot:
        """Return the newest version. Safe for several threads that ask for different tables. Raises LakeUnreachable."""
        return self._watch(table).snapshot()

    def follow(self, newest: Snapshot) -> None:
        """Go on from a version that the run made. Raises LakeUnreachable."""
        self._watch(newest.table).follow(newest)

    def make_ready(self) -> None:
        for watch in self._watches.values():
            watch.make_ready()

    def _watch(self, table: Table) -> TableWatch:
        return self._watches.setdefault(table.name, TableWatch(table))


# At most one: a process has one lake.
_memories: dict[Lake, Memory] = {}
# The library's threads do not come along into a process that was forked.
os.register_at_fork(after_in_child=_memories.clear)


@contextmanager
def memory_of(lake: Lake) -> Iterator[Memory]:
    """Lend what is remembered of a lake; nothing to the second of two at once. What failed is forgotten."""
    memory = _memories.pop(lake, None) or Memory()
    yield memory
    _memories.clear()
    _memories[lake] = memory


def make_ready(lake: Lake) -> None:
    """Do now, while nobody waits, what the next run's commits would else begin with. Raises LakeUnreachable."""
    with memory_of(lake) as memory:
        memory.make_ready()
