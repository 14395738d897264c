"""Snapshots of a table again and again, for a process that stays."""

from market.lake.delta_log import commit_path
from market.lake.faults import unreachable
from market.lake.snapshots import Snapshot
from market.lake.tables import Table

# A commit is written once, under the number of the version that it makes.
_Commit = tuple[int | None, int]


class TableWatch:
    """Takes snapshots of one table again and again, and asks its log for two commits to know whether it is the same.

    Not safe for use by several threads at once.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._newest = Snapshot.of(table)
        self._committed: _Commit | None = None

    def snapshot(self) -> Snapshot:
        """Return the newest version, the same object while nobody commits. Raises LakeUnreachable."""
        version = self._newest.version
        committed, following = self._commits(version, version + 1)
        if committed is None or committed != self._committed:
            # Whoever deletes the table or makes it again deletes the commit or makes another one of it.
            self.follow(self.table.snapshot())
        elif following:
            self.follow(self._newest.newest())
        return self._newest

    def follow(self, newest: Snapshot) -> None:
        """Go on from a version that somebody else took or made. Raises LakeUnreachable."""
        if newest is self._newest:
            return
        self._newest, (self._committed,) = newest, self._commits(newest.version)

    def make_ready(self) -> None:
        """Do now what a commit on the newest version would else begin with. Raises LakeUnreachable."""
        self._newest.make_ready()

    def _commits(self, *versions: int) -> list[_Commit | None]:
        """Return when the log got each version, and in how many bytes; None for those it does not have."""
        try:
            infos = self.table.filesystem().get_file_info([commit_path(version) for version in versions])
        except OSError as error:
            raise unreachable(self.table.lake, error) from error
        return [(info.mtime_ns, info.size) if info.is_file else None for info in infos]
