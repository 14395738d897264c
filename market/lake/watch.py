"""Snapshots of a table again and again, for a process that stays."""

from market.lake.faults import unreachable
from market.lake.snapshots import Snapshot
from market.lake.tables import LAKE_FAULTS, Table


class TableWatch:
    """Takes snapshots of one table again and again; looking for a newer version costs a tenth of opening the table.

    Not safe for use by several threads at once.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._newest = Snapshot.of(table)
        self._committed: tuple[int | None, int] | None = None

    def snapshot(self) -> Snapshot:
        """Return the newest version, the same object while nobody commits. Raises LakeUnreachable."""
        try:
            # Whoever deletes the table or makes it again deletes the commit or makes another one of it.
            is_there = self._committed is not None and self._committed == self._commit_of(self._newest.version)
            self.follow(self._newest.newest() if is_there else self.table.snapshot())
        except LAKE_FAULTS as error:
            raise unreachable(self.table.lake, error) from error
        return self._newest

    def follow(self, newest: Snapshot) -> None:
        """Go on from a version that somebody else took or made."""
        if newest is not self._newest:
            self._newest, self._committed = newest, self._commit_of(newest.version)

    def _commit_of(self, version: int) -> tuple[int | None, int] | None:
        """Return when the log got a version, and in how many bytes; None if it does not have it."""
        if version < 0:
            return None
        info = self.table.filesystem().get_file_info(f"_delta_log/{version:020}.json")
        return (info.mtime_ns, info.size) if info.is_file else None
