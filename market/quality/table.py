"""The table `quality_findings`: what the checks found, part by part, and which parts have to be checked again.

The path of each file carries a fingerprint of what was looked at: the bars of the month, those before it, the daily
figures, the splits and the limits. Nothing else says what is up to date, so a kill at any moment is harmless.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import pyarrow as pa
import pyarrow.parquet as pq
from django.core.files.base import ContentFile

from market.actions import ActionKind, actions_table, daily_figures_table, read_actions, read_daily
from market.calendar import next_session, session_hours, stated_closures
from market.lake.faults import reaching
from market.lake.location import Lake
from market.lake.schemas import bars_table
from market.lake.snapshots import Part, PartFile, Snapshot
from market.lake.tables import Table, TableChanged
from market.months import Month
from market.quality.checks import DailyFigure, Finding, Known, check_month
from market.quality.limits import Limits
from market.quality.sessions import COLUMNS, SessionBars, split_sessions

# Count it up when a check changes: every part is then checked again.
_CHECKS_VERSION = 2
_MAX_RACES = 30

_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("symbol", pa.string()),
    ("month", pa.string()),
    ("session", pa.date32()),
    ("kind", pa.string()),
    ("severity", pa.string()),
    ("measured", pa.float64()),
    ("limit", pa.float64()),
    ("detail", pa.string()),
]
# One row per (symbol, session, kind).
FINDINGS_SCHEMA = pa.schema(_COLUMNS)


def findings_table(lake: Lake) -> Table:
    return Table(lake, "quality_findings", FINDINGS_SCHEMA)


@dataclass(frozen=True)
class Checked:
    """What a run of the checks did; `findings` of the parts that were checked anew."""

    parts: tuple[Part, ...]
    findings: dict[Part, list[Finding]]

    @property
    def alarms(self) -> int:
        return sum(finding.severity == "alarm" for found in self.findings.values() for finding in found)


@dataclass(frozen=True)
class _Inputs:
    """One consistent view of what is checked."""

    bars: Snapshot
    actions: Snapshot
    daily: Snapshot
    limits: Limits
    now: datetime

    @cached_property
    def parts(self) -> Mapping[Part, tuple[PartFile, ...]]:
        return self.bars.parts

    @cached_property
    def _months(self) -> dict[str, list[Part]]:
        months: dict[str, list[Part]] = defaultdict(list)
        for part in self.parts:
            months[part.symbol].append(part)
        return months

    @cached_property
    def _known_files(self) -> dict[object, list[str]]:
        """Return the paths of daily figures by part, and those of actions by symbol."""
        paths: dict[object, list[str]] = defaultdict(list)
        for file in self.daily.files:
            paths[file.part].append(file.path)
        for file in self.actions.files:
            paths[file.part.symbol].append(file.path)
        return paths

    def fingerprint(self, part: Part) -> str:
        before = self.before(part)
        read = [
            *(file.path for file in self.parts[part]),
            *(file.path for file in (self.parts[before] if before else ())),
            *self._known_files.get(part, []),
            *self._known_files.get(part.symbol, []),
            repr(self.limits),
            str(_CHECKS_VERSION),
            str(self._has_after(part)),
            str(self._is_complete(part)),
            *(f"{day} {close}" for day, close in stated_closures().items() if Month.of(day) == Month.parse(part.month)),
        ]
        return hashlib.sha256("\n".join(sorted(read)).encode()).hexdigest()[:16]

    def before(self, part: Part) -> Part | None:
        months = self._months[part.symbol]
        place = months.index(part)
        return months[place - 1] if place else None

    def check(self, part: Part) -> list[Finding]:
        daily = {
            session: DailyFigure(row["high"], row["low"], row["close"], row["volume"])
            for session, row in read_daily(self.daily, part).items()
        }
        actions = read_actions(self.actions, part.symbol)
        known = Known(
            before=self._last_session(self.before(part)),
            after=self._has_after(part),
            complete=self._is_complete(part),
            daily=daily,
            splits={action.session: action.value for action in actions if action.kind == ActionKind.SPLIT},
        )
        return check_month(self._sessions(part), known, self.limits)

    def _sessions(self, part: Part) -> list[SessionBars]:
        return split_sessions(self.bars.read_part(part, COLUMNS))

    def _last_session(self, part: Part | None) -> SessionBars | None:
        sessions = self._sessions(part) if part else []
        return sessions[-1] if sessions else None

    def _has_after(self, part: Part) -> bool:
        return self._months[part.symbol][-1] > part

    def _is_complete(self, part: Part) -> bool:
        """Tell whether the next month has been on for a session, so that bars of it could be in the lake."""
        first = next_session(Month.parse(part.month).last_date)
        return self.now > session_hours(first).post_close


def refresh_findings(lake: Lake, limits: Limits, now: datetime, symbols: Collection[str] = ()) -> Checked:
    """Check the parts whose bars, neighbours or known facts changed since they were checked; one commit for all.

    Empty `symbols` mean all. Raises LakeUnreachable, and TableChanged when races never end.
    """
    table = findings_table(lake)
    for _ in range(_MAX_RACES):
        held = table.snapshot()
        inputs = _Inputs(
            bars_table(lake).snapshot(),
            actions_table(lake).snapshot(),
            daily_figures_table(lake).snapshot(),
            limits,
            now,
        )
        stale = _stale(inputs, held, symbols)
        gone = {part for part in held.parts if part not in inputs.parts}
        if not stale and not gone:
            return Checked((), {})
        found = {part: inputs.check(part) for part in stale}
        run_id = f"checks-{uuid.uuid4().hex[:8]}"
        files = [_write(table, part, inputs.fingerprint(part), findings, run_id) for part, findings in found.items()]
        try:
            table.publish(held, files, {*stale, *gone}, {"writer": "quality", "bars_version": str(inputs.bars.version)})
        except TableChanged:
            continue
        return Checked(tuple(stale), found)
    raise TableChanged(f"{table.name} was changed by others {_MAX_RACES} times in a row; run again.")


def _stale(inputs: _Inputs, held: Snapshot, symbols: Collection[str]) -> list[Part]:
    current = held.parts
    wanted = [part for part in inputs.parts if not symbols or part.symbol in symbols]
    return [part for part in wanted if not _is_current(current.get(part, ()), inputs.fingerprint(part))]


def _is_current(files: Sequence[PartFile], fingerprint: str) -> bool:
    return bool(files) and all(f"/inputs={fingerprint}/" in file.path for file in files)


def _write(table: Table, part: Part, fingerprint: str, findings: Iterable[Finding], run_id: str) -> PartFile:
    rows = [
        {
            "session": finding.session,
            "kind": str(finding.kind),
            "severity": finding.severity,
            "measured": float(finding.measured),
            "limit": float(finding.limit),
            "detail": finding.detail,
        }
        for finding in findings
    ]
    columns = pa.schema([field for field in FINDINGS_SCHEMA if field.name not in ("symbol", "month")])
    content = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=columns), content, compression="zstd")
    packed = content.getvalue().to_pybytes()
    where = f"run={run_id}/symbol={part.symbol}/month={part.month}/inputs={fingerprint}"
    path = f"{where}/part-{uuid.uuid4().hex}.parquet"
    with reaching(table.lake):
        table.lake.storage.save(f"tables/{table.name}/{path}", ContentFile(packed))
    return PartFile(part, path, len(packed), len(rows))
