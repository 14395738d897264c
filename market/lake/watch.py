"""Snapshots of a table again and again, for a process that stays."""

from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from market.lake.faults import unreachable
from market.lake.tables import LAKE_FAULTS, Snapshot, Table


class TableWatch:
    """Takes snapshots of one table again and again; looking for a newer version costs a tenth of opening the table.

    Not safe for use by several threads at once.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._open: DeltaTable | None = None
        self._newest = Snapshot(table, version=-1, files=())

    def snapshot(self) -> Snapshot:
        """Return the newest version, the same object while nobody commits. Raises LakeUnreachable."""
        try:
            opened = self._opened()
        except TableNotFoundError:
            self._open, self._newest = None, Snapshot(self.table, version=-1, files=())
            return self._newest
        except LAKE_FAULTS as error:
            raise unreachable(self.table.lake, error) from error
        if opened.version() != self._newest.version:
            self._newest = self.table.at(opened)
        return self._newest

    def _opened(self) -> DeltaTable:
        if self._open is None:
            self._open = self.table.open()
        else:
            self._open.update_incremental()
        return self._open
