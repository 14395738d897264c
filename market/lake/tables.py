"""Delta tables of the lake: look at the newest version of a table, and publish whole parts of it.

Every engine publishes the same way: it writes plain Parquet files into a fresh `run=<id>/` folder below
the table, then `Table.publish` commits them. A commit replaces whole parts (a symbol in a month) and is
compare-and-swap: it succeeds only if nobody committed since the snapshot it started from. Left to its own
retries, deltalake lets two that bring a new part both succeed and keeps the rows of both
(docs/decisions/compare-and-swap-commits.md).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pyarrow as pa
import pyarrow.fs as pa_fs
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.fs import DeltaStorageHandler

from market.lake.delta_log import add_action, commit_path, now_ms, rectangles
from market.lake.faults import LakeUnreachable as LakeUnreachable  # readers of tables import it from here
from market.lake.faults import unreachable
from market.lake.location import Lake
from market.lake.snapshots import Part, PartFile, Snapshot

PARTITION_COLUMNS = ("symbol", "month")

# A log says of a file how many rows it has, and nothing of its columns. Else whoever reads it or commits looks for the
# least and the greatest value of each all the same, which is a third of a commit.
_CONFIGURATION = {"delta.dataSkippingNumIndexedCols": "0"}

# What the library and the file system raise where the lake does not do what it is asked.
LAKE_FAULTS = (DeltaError, OSError)


class TableChanged(Exception):
    """Somebody else committed to the table since the snapshot was taken; take a new one and decide again."""


@dataclass(frozen=True)
class Table:
    """A named Delta table, partitioned by symbol and month, with a fixed schema (partition columns included)."""

    lake: Lake
    name: str
    schema: pa.Schema

    @property
    def url(self) -> str:
        return self.lake.table_url(self.name)

    def open(self, version: int | None = None) -> DeltaTable:
        return DeltaTable(self.url, version=version, storage_options=self.lake.storage_options)

    def filesystem(self) -> pa_fs.FileSystem:
        """Return the folder of the table as a pyarrow file system; it reads files of any version."""
        if self.url.startswith("file://"):
            # Reads a footer in half the time of the other one, and lists a folder in a fifth.
            return pa_fs.SubTreeFileSystem(self.url.removeprefix("file://"), pa_fs.LocalFileSystem())
        return pa_fs.PyFileSystem(DeltaStorageHandler(self.url, self.lake.storage_options))

    def read_commit(self, version: int) -> bytes | None:
        """Return what the log says of the commit that made a version; None if there is none. Raises OSError."""
        try:
            with self.filesystem().open_input_stream(commit_path(version)) as stream:
                content: bytes = stream.read()
                return content
        except FileNotFoundError:
            return None

    def history(self) -> list[dict[str, Any]]:
        """Return what each commit in the log says of itself, newest first, the metadata of `publish` included."""
        try:
            return self.open().history()
        except TableNotFoundError:
            return []

    def snapshot(self) -> Snapshot:
        """Return the newest version. Raises LakeUnreachable; a table that does not exist yet is no failure."""
        try:
            opened = self.open()
        except TableNotFoundError:
            return Snapshot.of(self)
        except LAKE_FAULTS as error:
            raise unreachable(self.lake, error) from error
        return Snapshot.of(self).listed(opened)

    def publish(
        self,
        since: Snapshot,
        files: Sequence[PartFile],
        replacing: Collection[Part],
        metadata: Mapping[str, str],
    ) -> Snapshot:
        """Commit files in place of all rows of the parts in `replacing`; return the new version.

        Parts that share their months are replaced in one transaction, so that the usual update is one commit.
        `metadata` goes into each commit with `parts`, the parts it replaced. Raises TableChanged, LakeUnreachable.
        """
        try:
            return self._publish(since, files, replacing, metadata)
        except LAKE_FAULTS as error:
            raise unreachable(self.lake, error) from error

    def extend(self, since: Snapshot, files: Sequence[PartFile], metadata: Mapping[str, str]) -> Snapshot:
        """Commit files beside those that their parts have; return the new version. Raises as `publish` does."""
        try:
            table = since.take_open()
            own = [replace(file, committed_ms=now_ms()) for file in files]
            self._commit(table, own, {file.part for file in own}, metadata, mode="append")
        except LAKE_FAULTS as error:
            raise unreachable(self.lake, error) from error
        return since.replaced((), own, table)

    def _publish(
        self,
        since: Snapshot,
        files: Sequence[PartFile],
        replacing: Collection[Part],
        metadata: Mapping[str, str],
    ) -> Snapshot:
        if since.version < 0:
            created = self._create()
            if created.version():
                # It stands at the newest version, and somebody has committed to the table before we could look.
                raise TableChanged(f"{self.name} was changed by another process as soon as it was there")
            since = Snapshot(self, created.version(), {}, [created])
        for parts in rectangles(replacing):
            table = since.take_open()
            own = [replace(file, committed_ms=now_ms()) for file in files if file.part in parts]
            # Ours is the only commit between the two versions: _commit commits at exactly the next one.
            self._commit(table, own, parts, metadata)
            since = since.replaced(parts, own, table)
        return since

    def _create(self) -> DeltaTable:
        """Return the new, empty table. Raises TableChanged if another process was first."""
        try:
            return DeltaTable.create(
                self.url,
                schema=Schema.from_arrow(self.schema),
                partition_by=list(PARTITION_COLUMNS),
                mode="error",
                configuration=_CONFIGURATION,
                storage_options=self.lake.storage_options,
                # With retries, of two who create at once the second would create it over the first.
                commit_properties=CommitProperties(max_commit_retries=0),
            )
        except DeltaError as error:
            # The library has no exception of its own for "already there".
            if not DeltaTable.is_deltatable(self.url, self.lake.storage_options):
                raise
            raise TableChanged(f"{self.name} was created by another process") from error

    def _commit(
        self,
        table: DeltaTable,
        files: Iterable[PartFile],
        parts: Collection[Part],
        metadata: Mapping[str, str],
        mode: Literal["overwrite", "append"] = "overwrite",
    ) -> None:
        filters: list[tuple[str, Literal["in"], list[str]]] = [
            ("symbol", "in", sorted({part.symbol for part in parts})),
            ("month", "in", sorted({part.month for part in parts})),
        ]
        named = {**metadata, "parts": ", ".join(map(str, sorted(parts)))}
        try:
            table.create_write_transaction(
                [add_action(file) for file in files],
                mode=mode,
                schema=Schema.from_arrow(self.schema),
                partition_by=list(PARTITION_COLUMNS),
                partition_filters=filters if mode == "overwrite" else None,  # type: ignore[arg-type]  # the stub omits "in" with lists
                commit_properties=CommitProperties(custom_metadata=named, max_commit_retries=0),
            )
        except CommitFailedError as error:
            raise TableChanged(f"{self.name} was changed by another process") from error
