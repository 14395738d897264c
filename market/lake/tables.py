"""Delta tables of the lake: read one version of a table, and publish whole parts of it.

Every engine publishes the same way: it writes plain Parquet files into a fresh `run=<id>/` folder below
the table, then `Table.publish` commits them. A commit replaces whole parts (a symbol in a month) and is
compare-and-swap: it succeeds only if nobody committed since the snapshot it started from. Left to its own
retries, deltalake lets two overwrites of one part both succeed and keeps the rows of both
(docs/decisions/compare-and-swap-commits.md).
"""

import json
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import CommitProperties, DeltaTable, Schema
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.transaction import AddAction

from market.lake.location import Lake

PARTITION_COLUMNS = ("symbol", "month")


class TableChanged(Exception):
    """Somebody else committed to the table since the snapshot was taken; take a new one and decide again."""


@dataclass(frozen=True, order=True, slots=True)
class Part:
    """The bars (or what derives from them) of one symbol in one month `YYYY-MM` of New York sessions."""

    symbol: str
    month: str

    def __str__(self) -> str:
        return f"{self.symbol} {self.month}"


@dataclass(frozen=True, slots=True)
class PartFile:
    """One Parquet file of a part; `path` is relative to the table, `size` in bytes."""

    part: Part
    path: str
    size: int
    rows: int


@dataclass(frozen=True)
class Snapshot:
    """One version of a table; version -1 and no files for a table that does not exist yet."""

    table: "Table"
    version: int
    files: tuple[PartFile, ...]

    def parts(self) -> dict[Part, tuple[PartFile, ...]]:
        """Return the files of each part, parts and files in ascending order."""
        grouped: dict[Part, list[PartFile]] = defaultdict(list)
        for file in sorted(self.files, key=lambda file: (file.part, file.path)):
            grouped[file.part].append(file)
        return {part: tuple(files) for part, files in grouped.items()}

    def dataset(self) -> ds.Dataset:
        """Return the version as a pyarrow dataset with the partition columns as strings; empty if there is no table."""
        if self.version < 0:
            return ds.dataset(self.table.schema.empty_table())
        return self.table.open(self.version).to_pyarrow_dataset()

    def read(
        self,
        columns: Sequence[str] | None = None,
        where: ds.Expression | None = None,
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

    def snapshot(self) -> Snapshot:
        """Return the newest version. Failure to reach the lake is an error, never an empty snapshot."""
        try:
            table = self.open()
        except TableNotFoundError:
            return Snapshot(self, version=-1, files=())
        return Snapshot(self, version=table.version(), files=tuple(_live_files(table)))

    def publish(
        self,
        since: Snapshot,
        files: Sequence[PartFile],
        replacing: Collection[Part],
        metadata: Mapping[str, str],
    ) -> Snapshot:
        """Commit files in place of all rows of the parts in `replacing`; return the new version.

        Parts that share their months are replaced in one transaction, so that the usual update is one commit.
        `metadata` goes into each commit with `parts`, the parts it replaced. Raises TableChanged.
        """
        if since.version < 0:
            self._create()
            since = self.snapshot()
        table = self.open(since.version)
        for parts in _rectangles(replacing):
            self._replace(table, [file for file in files if file.part in parts], parts, metadata)
            # Ours is the only commit between the two versions: _replace commits at exactly the next one.
            table = self.open(table.version() + 1)
        return Snapshot(self, version=table.version(), files=tuple(_live_files(table)))

    def _create(self) -> None:
        DeltaTable.create(
            self.url,
            schema=Schema.from_arrow(self.schema),
            partition_by=list(PARTITION_COLUMNS),
            mode="ignore",
            storage_options=self.lake.storage_options,
        )

    def _replace(
        self, table: DeltaTable, files: Iterable[PartFile], parts: Collection[Part], metadata: Mapping[str, str]
    ) -> None:
        filters: list[tuple[str, Literal["in"], list[str]]] = [
            ("symbol", "in", sorted({part.symbol for part in parts})),
            ("month", "in", sorted({part.month for part in parts})),
        ]
        named = {**metadata, "parts": ", ".join(map(str, sorted(parts)))}
        try:
            table.create_write_transaction(
                [_add_action(file) for file in files],
                mode="overwrite",
                schema=Schema.from_arrow(self.schema),
                partition_by=list(PARTITION_COLUMNS),
                partition_filters=filters,  # type: ignore[arg-type]  # the stub omits "in" with lists
                commit_properties=CommitProperties(custom_metadata=named, max_commit_retries=0),
            )
        except CommitFailedError as error:
            raise TableChanged(f"{self.name} was changed by another process") from error


def _add_action(file: PartFile) -> AddAction:
    return AddAction(
        path=file.path,
        size=file.size,
        partition_values={"symbol": file.part.symbol, "month": file.part.month},
        modification_time=int(time.time() * 1000),
        data_change=True,
        stats=json.dumps({"numRecords": file.rows}),
    )


def _live_files(table: DeltaTable) -> Iterable[PartFile]:
    actions = pa.table(table.get_add_actions(flatten=True))
    for row in actions.select(
        ["path", "size_bytes", "num_records", "partition.symbol", "partition.month"]
    ).to_pylist():
        part = Part(row["partition.symbol"], row["partition.month"])
        yield PartFile(part, row["path"], row["size_bytes"], row["num_records"])


def _rectangles(parts: Collection[Part]) -> list[set[Part]]:
    """Split parts into sets that are a full product of symbols and months, as a transaction's filter needs."""
    months: dict[str, set[str]] = defaultdict(set)
    for part in parts:
        months[part.symbol].add(part.month)
    groups: dict[frozenset[str], set[Part]] = defaultdict(set)
    for symbol, its_months in sorted(months.items()):
        groups[frozenset(its_months)] |= {Part(symbol, month) for month in its_months}
    return list(groups.values())
