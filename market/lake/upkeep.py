"""Keep the number of files in a table bounded, without harm to anybody who still reads an older version.

Nothing here commits but compaction: a clean-up is no new version, and addresses with a version in them stay good.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa
import pyarrow.fs as pa_fs

from market.lake.chains import made_from
from market.lake.faults import reaching, unreachable
from market.lake.location import Lake
from market.lake.parts import part_folder, write_part
from market.lake.snapshots import Part, PartFile, Snapshot
from market.lake.tables import LAKE_FAULTS, PARTITION_COLUMNS, Table, TableChanged

# Opening a table reads the newest checkpoint and every commit after it.
COMMITS_PER_CHECKPOINT = 20
PARTS_PER_COMMIT = 100


@dataclass(frozen=True, slots=True)
class Upkept:
    """What was done to one table; the counts are of files and of parts."""

    name: str
    checkpoint: bool
    log_entries_removed: int
    files_removed: int
    parts_compacted: int

    @property
    def changed(self) -> bool:
        return bool(self.checkpoint or self.log_entries_removed or self.files_removed or self.parts_compacted)

    def __str__(self) -> str:
        done = [
            "log checkpoint written" if self.checkpoint else "",
            f"{self.log_entries_removed} log entries removed" if self.log_entries_removed else "",
            f"{self.parts_compacted} parts compacted" if self.parts_compacted else "",
            f"{self.files_removed} files removed" if self.files_removed else "",
        ]
        return f"{self.name}: {', '.join(filter(None, done)) or 'nothing to do'}"


def found_tables(lake: Lake) -> list[Table]:
    """Return the tables that lie in the lake, whoever writes them, with the schema of their log.

    Raises LakeUnreachable, for a table whose log cannot be read as well.
    """
    return [named_table(lake, name) for name in table_names(lake)]


def table_names(lake: Lake) -> list[str]:
    """Return the names of the folders below `tables/`. Raises LakeUnreachable."""
    try:
        with reaching(lake):
            return sorted(name.rstrip("/") for name in lake.storage.listdir("tables")[0])
    except FileNotFoundError:
        return []


def named_table(lake: Lake, name: str) -> Table:
    """Return a table with the schema of its log. Raises LakeUnreachable."""
    bare = _bare_table(lake, name)
    try:
        schema = pa.schema(bare.open().schema().to_arrow())  # type: ignore[arg-type]  # it has Arrow's C interface
        return Table(lake, name, schema)
    except LAKE_FAULTS as error:
        raise unreachable(lake, error) from error


def _bare_table(lake: Lake, name: str) -> Table:
    return Table(lake, name, pa.schema([]))


def upkeep(table: Table, retention: timedelta) -> Upkept:
    """Compact, write a checkpoint, and remove what no version of the last `retention` needs. Raises LakeUnreachable.

    Commits leave the log after 30 days, Delta's own default; files that no version names go when they are as old as
    `retention`, so that a run which is still writing keeps its own.
    """
    compacted = compact(table)
    checkpoint = write_due_checkpoint(table)
    try:
        opened = table.open()
        before = log_names(table)
        opened.cleanup_metadata()
        removed = len(set(before) - set(log_names(table)))
        files = opened.vacuum(_hours(retention), dry_run=True, enforce_retention_duration=False, full=True)
    except LAKE_FAULTS as error:
        raise unreachable(table.lake, error) from error
    remove_files(table, files)
    return Upkept(table.name, checkpoint, removed, len(files), compacted)


def write_due_checkpoints(lake: Lake) -> list[str]:
    """Write a checkpoint of each table whose log got long; return their names. Raises LakeUnreachable."""
    return [name for name in table_names(lake) if write_due_checkpoint(_bare_table(lake, name))]


def write_due_checkpoint(table: Table) -> bool:
    """Write a checkpoint of the table's log if there are many commits after the last one; tell whether.

    Raises LakeUnreachable.
    """
    try:
        is_due = _commits_since_checkpoint(log_names(table)) >= COMMITS_PER_CHECKPOINT
        if is_due:
            table.open().create_checkpoint()
    except LAKE_FAULTS as error:
        raise unreachable(table.lake, error) from error
    return is_due


def orphans(table: Table, age: timedelta) -> list[str]:
    """Return the files, at least `age` old, that no commit in the log names. Raises LakeUnreachable."""
    try:
        opened = table.open()
        unneeded = opened.vacuum(_hours(age), dry_run=True, enforce_retention_duration=False, full=True)
        replaced = opened.vacuum(0, dry_run=True, enforce_retention_duration=False)
    except LAKE_FAULTS as error:
        raise unreachable(table.lake, error) from error
    return sorted(set(unneeded) - set(replaced))


def remove_files(table: Table, paths: Sequence[str]) -> None:
    """Delete files of a table; one that is gone already is no failure. Raises LakeUnreachable."""
    filesystem = table.filesystem()
    for path in paths:
        try:
            filesystem.delete_file(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise unreachable(table.lake, error) from error


def log_names(table: Table) -> list[str]:
    """Return the names of the files in the table's log, ascending."""
    infos = table.filesystem().get_file_info(pa_fs.FileSelector("_delta_log", allow_not_found=True))
    return sorted(info.base_name for info in infos if info.is_file)


def compact(table: Table) -> int:
    """Give each part that has several files a single one; return how many parts. Raises LakeUnreachable.

    Parts that somebody changes at the same time are left for the next time, and so are those whose files do not go on
    from each other, which `process_prices` makes anew.
    """
    snapshot, done = table.snapshot(), 0
    several = [part for part, files in snapshot.parts.items() if len(files) > 1 and made_from(files) is not None]
    for start in range(0, len(several), PARTS_PER_COMMIT):
        some = several[start : start + PARTS_PER_COMMIT]
        files = [_merge(snapshot, part) for part in some]
        try:
            snapshot = table.publish(snapshot, files, some, {"writer": "maintain_lake"})
        except TableChanged:
            return done
        done += len(some)
    return done


def _merge(snapshot: Snapshot, part: Part) -> PartFile:
    columns = [name for name in snapshot.table.schema.names if name not in PARTITION_COLUMNS]
    inputs = made_from(snapshot.parts[part])
    folder = part_folder(f"run=compact-{uuid.uuid4().hex[:8]}", part)
    # What the rows were made from stays true of them all together.
    folder = f"{folder}/inputs={inputs}" if inputs else folder
    return write_part(snapshot.table, part, snapshot.read_part(part, columns), folder)


def _commits_since_checkpoint(names: Sequence[str]) -> int:
    checkpoints = [int(name.split(".")[0]) for name in names if ".checkpoint." in name]
    versions = [int(name.split(".")[0]) for name in names if name.endswith(".json") and name[:20].isdigit()]
    return max(versions, default=0) - max(checkpoints, default=-1)


def _hours(age: timedelta) -> int:
    return int(age.total_seconds() // 3600)
