"""Write the Parquet files of parts from Arrow tables, for the writers that need no engine."""

import uuid
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.core.files.base import ContentFile

from market.lake.faults import reaching
from market.lake.growth import ancestors_of, footer_entry
from market.lake.snapshots import Part, PartFile, Snapshot
from market.lake.tables import PARTITION_COLUMNS, Table


def write_parts(table: Table, rows: pa.Table, run_id: str, live: Snapshot | None = None) -> list[PartFile]:
    """Write one file per part below `run=<run_id>/` and return them, uncommitted; `Table.publish` makes them live.

    `rows` has the table's columns in any order and keeps its row order within a part. With the `live` bars each file
    says which of them it adds sessions to. Raises LakeUnreachable.
    """
    rows = rows.select(table.schema.names).cast(table.schema)
    return [
        write_part(table, part, _with_ancestors(live, part, of_part), part_folder(f"run={run_id}", part))
        for part, of_part in split_parts(rows)
    ]


def _with_ancestors(live: Snapshot | None, part: Part, rows: pa.Table) -> pa.Table:
    return rows.replace_schema_metadata(footer_entry(ancestors_of(live, part, rows))) if live else rows


def split_parts(rows: pa.Table) -> Iterator[tuple[Part, pa.Table]]:
    """Return the rows of each part without the partition columns, parts ascending, rows in their order."""
    # A stable sort: within a part the order stays.
    ordered = rows.take(pc.sort_indices(rows, [(name, "ascending") for name in PARTITION_COLUMNS]))
    counted = ordered.select(PARTITION_COLUMNS).group_by(list(PARTITION_COLUMNS)).aggregate([([], "count_all")])
    start = 0
    # The groups come in no order that is promised.
    for symbol, month, length in sorted(tuple(row.values()) for row in counted.to_pylist()):
        yield Part(symbol, month), ordered.slice(start, length).drop_columns(list(PARTITION_COLUMNS))
        start += length


def part_folder(folder: str, part: Part) -> str:
    return f"{folder}/symbol={part.symbol}/month={part.month}"


def _repeating(schema: pa.Schema) -> list[str]:
    """Return the columns that a dictionary makes smaller; prices, volumes and instants it makes larger and slower."""
    types = pa.types
    hardly = (types.is_floating, types.is_int64, types.is_timestamp)
    return [field.name for field in schema if not any(is_type(field.type) for is_type in hardly)]


def write_part(table: Table, part: Part, rows: pa.Table, folder: str) -> PartFile:
    """Write rows without the partition columns as a file of a part, below a folder of the table.

    Raises LakeUnreachable.
    """
    path, content = f"{folder}/part-{uuid.uuid4().hex}.parquet", _parquet(rows)
    # The partition columns are in the path only, as Delta wants them.
    with reaching(table.lake):
        table.lake.storage.save(f"tables/{table.name}/{path}", ContentFile(content))
    return PartFile(part, path, len(content), rows.num_rows)


def write_derived(table: Table, part: Part, rows: pa.Table, folder: str) -> PartFile:
    """Write what can be made again, as `write_part` does, but on a disk as an engine would, without waiting for it."""
    if not table.url.startswith("file://"):
        return write_part(table, part, rows, folder)
    path, content = f"{folder}/part-{uuid.uuid4().hex}.parquet", _parquet(rows)
    filesystem = table.filesystem()
    with reaching(table.lake):
        filesystem.create_dir(folder, recursive=True)
        with filesystem.open_output_stream(path) as stream:
            stream.write(content)
    return PartFile(part, path, len(content), rows.num_rows)


def _parquet(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, compression="zstd", use_dictionary=_repeating(rows.schema))  # type: ignore[arg-type]  # the stub omits names
    return sink.getvalue().to_pybytes()
