"""Results of one run in the lake: written by the engine, counted here, and only then committed."""

import re
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.fs as pa_fs
import pyarrow.parquet as pq
from pyspark.sql import DataFrame

from analytics.jobs.inputs import PATTERN as INPUTS
from analytics.jobs.plan import PartWork
from analytics.jobs.report import ResultWrong
from market.lake.parts import part_folder, write_derived
from market.lake.snapshots import Part, PartFile
from market.lake.tables import PARTITION_COLUMNS, Table

_PATH = re.compile(rf"/symbol=(?P<symbol>[^/]+)/month=(?P<month>[^/]+)/inputs={INPUTS}/[^/._][^/]*\.parquet$")


# Measured: prices and means hardly repeat, and without a dictionary they take half the time and a sixth less space.
# Each engine has a name of its own for it and passes over the other's.
_WRITING = {"compression": "zstd", "parquet.enable.dictionary": "false", "dictionary_enabled": "false"}


def write_results(results: DataFrame, table: Table, folder: str, sort_by: Sequence[str]) -> None:
    """Write one file per part below a folder of the table, its rows ascending; fails if the folder is there."""
    whole_parts = results.repartition("symbol", "month").sortWithinPartitions("symbol", "month", *sort_by)
    write_runs(whole_parts, table, folder)


def write_runs(results: DataFrame, table: Table, folder: str) -> None:
    """Write rows that come part by part, ascending within each; fails if the folder is there."""
    results.write.partitionBy("symbol", "month", "inputs").options(**_WRITING).parquet(f"{table.url}/{folder}")


def collect_results(
    table: Table, folder: str, works: Sequence[PartWork], expected: Mapping[Part, int]
) -> list[PartFile]:
    """Return the files that were written, after comparing their footers with the rows each part must have.

    A part that must have no rows gets a file without any, which carries its fingerprint. Raises ResultWrong.
    """
    filesystem = table.filesystem()
    files = [_part_file(table, filesystem, path) for path in _written(filesystem, folder)]
    files += [_write_empty(table, folder, work) for work in works if not expected.get(work.part)]
    check_counts(table, files, {work.part: expected.get(work.part, 0) for work in works})
    return files


def _written(filesystem: pa_fs.FileSystem, folder: str) -> list[str]:
    selector = pa_fs.FileSelector(folder, recursive=True, allow_not_found=True)
    return [info.path for info in filesystem.get_file_info(selector) if _PATH.search(f"/{info.path}")]


def _part_file(table: Table, filesystem: pa_fs.FileSystem, path: str) -> PartFile:
    named = _PATH.search(f"/{path}")
    if named is None:
        raise ResultWrong(f"{path} is not the path of a part")
    with filesystem.open_input_file(path) as handle:
        size = handle.size()
        footer = pq.read_metadata(handle)
    _check_columns(table, path, footer.schema.to_arrow_schema())
    return PartFile(Part(named["symbol"], named["month"]), path, size, footer.num_rows)


def _check_columns(table: Table, path: str, columns: pa.Schema) -> None:
    expected = {field.name: field.type for field in table.schema if field.name not in PARTITION_COLUMNS}
    written = {field.name: field.type for field in columns}
    if written != expected:
        raise ResultWrong(f"{path} has the columns {written} where {table.name} has {expected}")


def _write_empty(table: Table, folder: str, work: PartWork) -> PartFile:
    nothing = table.schema.empty_table().drop_columns(list(PARTITION_COLUMNS))
    return write_derived(table, work.part, nothing, f"{part_folder(folder, work.part)}/{work.folder}")


def check_counts(table: Table, files: Sequence[PartFile], expected: Mapping[Part, int]) -> None:
    """Raises ResultWrong for a part that has more or fewer rows than it must have."""
    written = dict.fromkeys(expected, 0)
    for file in files:
        written[file.part] = written.get(file.part, 0) + file.rows
    for part, rows in sorted(written.items()):
        if rows != expected.get(part, 0):
            raise ResultWrong(f"{table.name} got {rows} rows for {part} instead of {expected.get(part, 0)}")
