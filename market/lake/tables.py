"""Delta tables of the lake: read one version of a table, and publish whole parts of it.

Every engine publishes the same way: it writes plain Parquet files into a fresh `run=<id>/` folder below
the table, then `Table.publish` commits them. A commit replaces whole parts (a symbol in a month) and is
compare-and-swap: it succeeds only if nobody committed since the snapshot it started from. Left to its own
retries, deltalake lets two that bring a new part both succeed and keeps the rows of both
(docs/decisions/compare-and-swap-commits.md).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.fs as pa_fs
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.fs import DeltaStorageHandler

from market.lake.chains import in_order
from market.lake.delta_log import add_action, live_files, now, rectangles
from market.lake.faults import LakeUnreachable as LakeUnreachable  # readers of tables import it from here
from market.lake.faults import unreachable
from market.lake.location import Lake

if TYPE_CHECKING:
    # At run time it is imported where it is used, because it imports pandas.
    import pyarrow.dataset as ds

PARTITION_COLUMNS = ("symbol", "month")

# A log says of a file how many rows it has, and nothing of its columns. Else whoever reads it or commits looks for the
# least and the greatest value of each all the same, which is a third of a commit.
_CONFIGURATION = {"delta.dataSkippingNumIndexedCols": "0"}

# What the library and the file system raise where the lake does not do what it is asked.
LAKE_FAULTS = (DeltaError, OSError)


class PartDamaged(LakeUnreachable):
    """A file that the table's log names is gone, or is not the file that was written."""


class TableChanged(Exception):
    """Somebody else committed to the table since the snapshot was taken; take a new one and decide again."""


class Part(NamedTuple):
    """The bars (or what derives from them) of one symbol in one month `YYYY-MM` of New York sessions."""

    symbol: str
    month: str

    def __str__(self) -> str:
        return f"{self.symbol} {self.month}"


# Of a part that is in many tables one is enough: less to make, and nothing to compare.
_part = cache(Part)


# Never changed, but not frozen: that takes six times as long to make, and a plan makes one for each part and table.
@dataclass(slots=True, unsafe_hash=True)
class PartFile:
    """One Parquet file of a part; `path` is relative to the table, `size` in bytes."""

    part: Part
    path: str
    size: int
    rows: int
    committed_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Snapshot:
    """One version of a table; version -1 and no files for a table that does not exist yet."""

    table: "Table"
    version: int
    files: tuple[PartFile, ...]
    # What the version was read with, for the first who commits: opening a table of many parts again costs a log.
    opened: list[DeltaTable] = field(default_factory=list, compare=False, repr=False)

    def parts(self) -> dict[Part, tuple[PartFile, ...]]:
        """Return the files of each part, parts ascending, files in the order of their rows."""
        return self._parts

    @cached_property
    def _parts(self) -> dict[Part, tuple[PartFile, ...]]:
        grouped: dict[Part, tuple[PartFile, ...]] = {}
        for file in self.files:
            grouped[file.part] = (*grouped.get(file.part, ()), file)
        return {part: in_order(grouped[part]) for part in sorted(grouped)}

    def take_open(self) -> DeltaTable:
        """Return the table at this version, which nobody else holds: a commit moves it on.

        Were it shared by two threads, or already at a later version, a commit would come on top of another one's
        instead of losing to it.
        """
        try:
            table = self.opened.pop()
        except IndexError:
            return self.table.open(self.version)
        if table.version() < self.version:
            # It stands where our last commit began. Others may have come since, which leaves it at a later version.
            table.update_incremental()
        return table if table.version() == self.version else self.table.open(self.version)

    def replaced(self, parts: Collection[Part], files: Iterable[PartFile], opened: DeltaTable) -> "Snapshot":
        """Return the next version, which `opened` made: these parts' files gone, others there."""
        kept = tuple(file for file in self.files if file.part not in parts)
        return Snapshot(self.table, self.version + 1, (*kept, *files), [opened])

    def read_part(self, part: Part, columns: Sequence[str]) -> pa.Table:
        """Read columns of one part, rows in their order; no rows for a part that is not there.

        The partition columns are not in the files, so they cannot be asked for. Unlike `read` it imports no pandas
        and parses no log again, which is what a web request needs. Raises LakeUnreachable.
        """
        wanted = pa.schema([self.table.schema.field(name) for name in columns])
        files = in_order([file for file in self.files if file.part == part])
        tables = [self.read_file(file, columns) for file in files]
        return pa.concat_tables(tables) if tables else wanted.empty_table()

    def read_file(self, file: PartFile, columns: Sequence[str]) -> pa.Table:
        """Read columns of one file, as `read_part` does."""
        wanted = pa.schema([self.table.schema.field(name) for name in columns])
        try:
            with self.table.filesystem().open_input_file(file.path) as handle:
                # Threads cost more than they save where a file is a month.
                rows = pq.ParquetFile(handle).read(columns=wanted.names, use_threads=False)
                # The cast also drops what the footer says: it is true of that file only.
                return rows.select(wanted.names).cast(wanted)
        except (FileNotFoundError, pa.ArrowInvalid) as error:
            text = f"{self.table.name}/{file.path} is missing or damaged; `manage.py verify_lake` says what to do."
            raise PartDamaged(text) from error
        except OSError as error:
            raise unreachable(self.table.lake, error) from error

    def dataset(self) -> "ds.Dataset":
        """Return the version as a pyarrow dataset with the partition columns as strings; empty if there is no table."""
        import pyarrow.dataset as ds

        if self.version < 0:
            return ds.dataset(self.table.schema.empty_table())
        return self.table.open(self.version).to_pyarrow_dataset()

    def read(
        self,
        columns: Sequence[str] | None = None,
        where: "ds.Expression | None" = None,
    ) -> pa.Table:
        """Read rows, in no promised order; a table that does not exist gives no rows."""
        return self.dataset().to_table(columns=list(columns) if columns else None, filter=where)


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
            return Snapshot(self, version=-1, files=())
        except LAKE_FAULTS as error:
            raise unreachable(self.lake, error) from error
        snapshot = self.at(opened)
        snapshot.opened.append(opened)
        return snapshot

    def at(self, opened: DeltaTable) -> Snapshot:
        """Return the version that `opened` stands at; `opened` itself stays with the caller."""
        files = (
            PartFile(_part(symbol, month), path, size, rows, committed_at)
            for symbol, month, path, size, rows, committed_at in live_files(opened)
        )
        return Snapshot(self, opened.version(), tuple(files))

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
            own = [replace(file, committed_at=now()) for file in files]
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
            since = Snapshot(self, created.version(), (), [created])
        for parts in rectangles(replacing):
            table = since.take_open()
            own = [replace(file, committed_at=now()) for file in files if file.part in parts]
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
