"""One version of a Delta table: its parts, the files that they consist of, and the rows of these."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from market.lake.chains import in_order
from market.lake.delta_log import CommitUnknown, file_changes, live_files
from market.lake.faults import LakeUnreachable, unreachable

if TYPE_CHECKING:
    # At run time it is imported where it is used, because it imports pandas.
    import pyarrow.dataset as ds

    from market.lake.tables import Table


# Beyond, to open the table is less to read, and in a bucket each commit is a round trip.
_MOST_COMMITS = 10


class PartDamaged(LakeUnreachable):
    """A file that the table's log names is gone, or is not the file that was written."""


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
    """One Parquet file of a part; `path` is relative to the table, `size` in bytes, `committed_ms` since 1970 UTC."""

    part: Part
    path: str
    size: int
    rows: int
    committed_ms: int | None = field(default=None, compare=False)

    @property
    def committed_at(self) -> datetime | None:
        """Return when it was committed, aware UTC."""
        return None if self.committed_ms is None else datetime.fromtimestamp(self.committed_ms / 1000, UTC)


@dataclass(frozen=True)
class Snapshot:
    """One version of a table; version -1 and no parts for a table that does not exist yet."""

    table: "Table"
    version: int
    # Parts ascending, the files of each in the order of their rows.
    parts: Mapping[Part, tuple[PartFile, ...]] = field(hash=False, repr=False)
    # What the version was read with, for the first who commits: opening a table of many parts again costs a log.
    opened: list[DeltaTable] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def of(cls, table: "Table", version: int = -1, files: Iterable[PartFile] = ()) -> "Snapshot":
        """Return a version with these files, in whatever order; without any, that of a table that is not there."""
        return cls(table, version, {})._with(version, _by_part(files), [])

    @cached_property
    def files(self) -> tuple[PartFile, ...]:
        return tuple(chain.from_iterable(self.parts.values()))

    @cached_property
    def symbols(self) -> frozenset[str]:
        return frozenset(part.symbol for part in self.parts)

    def newest(self) -> "Snapshot":
        """Return the newest version, this object if it is that; it costs what was committed since, not what there is.

        It follows the log of the table that this version is of: TableWatch asks whether that is still there. Raises
        LakeUnreachable.
        """
        newest = self
        try:
            with suppress(CommitUnknown):
                for _ in range(_MOST_COMMITS):
                    commit = self.table.read_commit(newest.version + 1)
                    if commit is None:
                        return newest
                    newest = newest._after(commit)
            return newest.listed(self.table.open())
        except (DeltaError, OSError) as error:
            raise unreachable(self.table.lake, error) from error

    def _after(self, commit: bytes) -> "Snapshot":
        """Return the next version, which this commit made. Raises CommitUnknown."""
        added, removed = file_changes(commit)
        come = [_part_file(*said) for said in added]
        # What is added under a path that is there already takes its place.
        gone = {path: _part(*part) for path, part in removed.items()} | {file.path: file.part for file in come}
        return self._changed(self.version + 1, come, gone, [])

    def listed(self, opened: DeltaTable) -> "Snapshot":
        """Return the version that `opened` stands at; what it has in common with this one is the same objects."""
        known = {file.path: file for files in self.parts.values() for file in files}
        paths, new = live_files(opened, known)
        gone = {path: known[path].part for path in known.keys() - paths}
        return self._changed(opened.version(), [_part_file(*each) for each in new], gone, [opened])

    def _changed(
        self, version: int, files: Iterable[PartFile], gone: Mapping[str, Part], opened: list[DeltaTable]
    ) -> "Snapshot":
        """Return another version, to which files came; others, by their paths, are gone from these parts."""
        come = _by_part(files)
        changed = come | {
            part: [*(file for file in self.parts.get(part, ()) if file.path not in gone), *come.get(part, ())]
            for part in {*gone.values(), *(come.keys() & self.parts.keys())}
        }
        return self._with(version, changed, opened)

    def replaced(self, parts: Collection[Part], files: Iterable[PartFile], opened: DeltaTable) -> "Snapshot":
        """Return the next version, which `opened` made: these parts' files gone, others there."""
        come = _by_part(files)
        kept = {part: () if part in parts else self.parts.get(part, ()) for part in {*parts, *come}}
        changed = {part: [*files, *come.get(part, ())] for part, files in kept.items()}
        return self._with(self.version + 1, changed, [opened])

    def _with(self, version: int, changed: Mapping[Part, Sequence[PartFile]], opened: list[DeltaTable]) -> "Snapshot":
        """Return another version, in which some parts have other files; those without any are gone."""
        parts = {**self.parts, **{part: in_order(files) for part, files in changed.items()}}
        if changed.keys() - self.parts.keys() or not all(changed.values()):
            parts = {part: files for part, files in sorted(parts.items(), key=itemgetter(0)) if files}
        return Snapshot(self.table, version, parts, opened)

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

    def make_ready(self) -> None:
        """Bring what is open to this version now, instead of when somebody commits. Raises LakeUnreachable."""
        if not self.opened:
            return
        try:
            self.opened.append(self.take_open())
        except (DeltaError, OSError) as error:
            raise unreachable(self.table.lake, error) from error

    def read_part(self, part: Part, columns: Sequence[str]) -> pa.Table:
        """Read columns of one part, rows in their order; no rows for a part that is not there.

        The partition columns are not in the files, so they cannot be asked for. Unlike `read` it imports no pandas
        and parses no log again, which is what a web request needs. Raises LakeUnreachable.
        """
        wanted = pa.schema([self.table.schema.field(name) for name in columns])
        tables = [self.read_file(file, columns) for file in self.parts.get(part, ())]
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


def _part_file(symbol: str, month: str, path: str, size: int, rows: int, committed_ms: int) -> PartFile:
    return PartFile(_part(symbol, month), path, size, rows, committed_ms)


def _by_part(files: Iterable[PartFile]) -> dict[Part, tuple[PartFile, ...]]:
    by_part: dict[Part, tuple[PartFile, ...]] = {}
    for file in files:
        others = by_part.get(file.part)
        by_part[file.part] = (*others, file) if others else (file,)
    return by_part
