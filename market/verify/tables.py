"""The tables: their logs, their files against the logs, and the rows in them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from market.lake.faults import LakeUnreachable, reaching, unreachable
from market.lake.snapshots import Part, PartFile, Snapshot
from market.lake.tables import PARTITION_COLUMNS, Table
from market.lake.upkeep import log_names
from market.verify.report import Finding, Kind

BARS = "bars"
# The first of these that a table has tells its rows of one part apart (with `kind` where there is one).
_KEYS = ("bar_start", "hour_start", "minute_of_session", "session")


@dataclass
class TableCheck:
    """Checks one table; `rows` counts what has been read."""

    table: Table
    rows: int = 0

    def findings(self) -> Iterator[Finding]:
        """Raises LakeUnreachable when the lake itself cannot be read."""
        yield from self._log()
        try:
            snapshot = self.table.snapshot()
        except LakeUnreachable as error:
            yield Finding(Kind.LOG_DAMAGED, self._path("_delta_log"), str(error).rstrip("."), self._start_over())
            return
        for part, files in snapshot.parts.items():
            whole = True
            for file in files:
                for finding in self._file(file):
                    whole = False
                    yield finding
            if whole:
                yield from self._part(snapshot, part)

    def _log(self) -> Iterator[Finding]:
        names = log_names(self.table)
        versions = [int(name[:20]) for name in names if name.endswith(".json") and name[:20].isdigit()]
        missing = sorted(set(range(min(versions, default=0), max(versions, default=-1) + 1)) - set(versions))
        if missing:
            problem = f"the commits {', '.join(map(str, missing[:10]))} are missing"
            yield Finding(Kind.LOG_DAMAGED, self._path("_delta_log"), problem, self._start_over())
        for name in names:
            if name.endswith(".json") and not self._is_commit(name):
                problem = "it is not a commit"
                yield Finding(Kind.LOG_DAMAGED, self._path(f"_delta_log/{name}"), problem, self._start_over())

    def _is_commit(self, name: str) -> bool:
        try:
            with reaching(self.table.lake), self.table.lake.storage.open(self._path(f"_delta_log/{name}")) as handle:
                lines = [json.loads(line) for line in handle.read().splitlines() if line.strip()]
        except ValueError:
            return False
        return bool(lines) and all(isinstance(line, dict) for line in lines)

    def _file(self, file: PartFile) -> Iterator[Finding]:
        path = self._path(file.path)
        try:
            with self.table.filesystem().open_input_file(file.path) as handle:
                size, footer = handle.size(), pq.ParquetFile(handle).metadata
        except FileNotFoundError:
            yield Finding(Kind.FILE_MISSING, path, "the log names it and it is not there", self._again(file.part))
            return
        except pa.ArrowInvalid as error:
            problem = f"it is no Parquet file any more ({str(error)[:80]})".replace("\n", " ")
            yield Finding(Kind.FILE_DAMAGED, path, problem, self._again(file.part))
            return
        except OSError as error:
            raise unreachable(self.table.lake, error) from error
        if (size, footer.num_rows) != (file.size, file.rows):
            problem = f"{footer.num_rows} rows and {size} bytes, where the log has {file.rows} and {file.size}"
            yield Finding(Kind.FILE_DAMAGED, path, problem, self._again(file.part))
        elif footer.schema.to_arrow_schema().names != self._columns():
            yield Finding(Kind.CONTENT_WRONG, path, "its columns are not the table's", self._again(file.part))

    def _part(self, snapshot: Snapshot, part: Part) -> Iterator[Finding]:
        path = f"{self._path('')}{part}"
        names = [name for name in ("session", "quarantined", "flags") if name in self.table.schema.names]
        keys = next(([name] for name in _KEYS if name in self.table.schema.names), [])
        try:
            rows = snapshot.read_part(part, list(dict.fromkeys([*keys, *names])))
        except LakeUnreachable as error:
            yield Finding(Kind.FILE_DAMAGED, path, str(error).rstrip("."), self._again(part))
            return
        self.rows += rows.num_rows
        if keys and self.table.name != "corrections":
            yield from self._keys(path, part, rows[keys[0]])
        if "session" in names and set(pc.strftime(rows["session"], "%Y-%m").unique().to_pylist()) - {part.month}:
            yield Finding(Kind.CONTENT_WRONG, path, "it holds sessions of another month", self._again(part))

    def _keys(self, path: str, part: Part, keys: "pa.ChunkedArray[pa.Scalar[pa.DataType]]") -> Iterator[Finding]:
        distinct = pc.count_distinct(keys).as_py()
        if distinct < len(keys):
            problem = f"{len(keys) - distinct} rows have the key of another"
            yield Finding(Kind.DUPLICATE, path, problem, self._again(part))
        elif self.table.name == BARS and len(keys) > 1 and pc.any(pc.less(keys[1:], keys[:-1])).as_py():
            yield Finding(Kind.ORDER_WRONG, path, "its bars do not ascend in time", self._again(part))

    def _columns(self) -> list[str]:
        return [name for name in self.table.schema.names if name not in PARTITION_COLUMNS]

    def _path(self, path: str) -> str:
        return f"tables/{self.table.name}/{path}"

    def _again(self, part: Part) -> str:
        if self.table.name == BARS:
            return f"`manage.py rebuild_bars --symbols {part.symbol} --months {part.month}` makes it anew."
        return "`manage.py process_prices --full` makes it anew."

    def _start_over(self) -> str:
        command = "rebuild_bars" if self.table.name == BARS else "process_prices --full"
        return f"Move the folder tables/{self.table.name} away; then `manage.py {command}` makes the table anew."
