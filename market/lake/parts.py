"""Write the Parquet files of parts from Arrow tables, for the writers that need no engine."""

import uuid
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.core.files.base import ContentFile

from market.lake.faults import reaching
from market.lake.tables import PARTITION_COLUMNS, Part, PartFile, Table


def write_parts(table: Table, rows: pa.Table, run_id: str) -> list[PartFile]:
    """Write one file per part below `run=<run_id>/` and return them, uncommitted; `Table.publish` makes them live.

    `rows` has the table's columns in any order and keeps its row order within a part. Raises LakeUnreachable.
    """
    rows = rows.select(table.schema.names).cast(table.schema)
    return [_write_part(table, part, of_part, run_id) for part, of_part in _split(rows)]


def _split(rows: pa.Table) -> Iterator[tuple[Part, pa.Table]]:
    keys = rows.select(PARTITION_COLUMNS).group_by(list(PARTITION_COLUMNS)).aggregate([]).to_pylist()
    for part in sorted(Part(**key) for key in keys):
        mine = pc.and_(pc.equal(rows["symbol"], pa.scalar(part.symbol)), pc.equal(rows["month"], pa.scalar(part.month)))
        yield part, rows.filter(mine).drop_columns(list(PARTITION_COLUMNS))


def _write_part(table: Table, part: Part, rows: pa.Table, run_id: str) -> PartFile:
    path = f"run={run_id}/symbol={part.symbol}/month={part.month}/part-{uuid.uuid4().hex}.parquet"
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, compression="zstd")
    content = sink.getvalue().to_pybytes()
    # The partition columns are in the path only, as Delta wants them.
    with reaching(table.lake):
        table.lake.storage.save(f"tables/{table.name}/{path}", ContentFile(content))
    return PartFile(part, path, len(content), rows.num_rows)
