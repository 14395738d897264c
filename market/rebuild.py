"""Make the table `bars` again from the stored replies, and prove that it holds what they say."""

import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import pyarrow as pa

from market.ingest.replay import Expected, ReplyUnreadable, Version, expected_bars, record_history
from market.lake.location import Lake
from market.lake.parts import write_parts
from market.lake.schemas import BAR_SCHEMA, bars_table
from market.lake.snapshots import Part, PartDamaged, Snapshot
from market.lake.tables import TableChanged
from market.progress import Progress
from market.raw_reading import RawDamaged, bar_folders

_MAX_RACES = 30
_COMPARED = [name for name in BAR_SCHEMA.names if name not in ("symbol", "month")]
DONE, FAILED, PARTLY_DONE = 0, 1, 3


class Found(StrEnum):
    """What a part turned out to be, and what was done about it."""

    EQUAL = "equal"
    REBUILT = "rebuilt"
    DIFFERENT = "different"
    UNEXPLAINED = "without a reply"
    UNREADABLE = "not readable"


_BAD = (Found.DIFFERENT, Found.UNEXPLAINED, Found.UNREADABLE)


@dataclass(frozen=True, slots=True)
class PartFinding:
    """`detail` says in a sentence what differs and what to do."""

    part: Part
    found: Found
    rows: int = 0
    detail: str = ""

    def __str__(self) -> str:
        rows = f", {self.rows:,} bars" if self.rows else ""
        return f"{self.part}: {self.found}{rows}" + (f". {self.detail}" if self.detail else "")


@dataclass(frozen=True, slots=True)
class RebuildReport:
    findings: tuple[PartFinding, ...]

    @property
    def changed(self) -> bool:
        return any(finding.found is Found.REBUILT for finding in self.findings)

    @property
    def bad(self) -> tuple[PartFinding, ...]:
        return tuple(finding for finding in self.findings if finding.found in _BAD)

    @property
    def exit_code(self) -> int:
        if not self.bad:
            return DONE
        return FAILED if len(self.bad) == len(self.findings) else PARTLY_DONE

    def summary(self) -> str:
        """Return one line of counts, then one line for each part that is not as its replies say."""
        counts = Counter(finding.found for finding in self.findings)
        told = ", ".join(f"{counts[found]} {found}" for found in Found if counts[found])
        rows = sum(finding.rows for finding in self.findings)
        head = f"{len(self.findings)} symbol-months: {told or 'no replies and no bars'}; {rows:,} bars compared."
        return "\n".join([head, *(f"  {finding}" for finding in self.bad)])


def rebuild_bars(
    lake: Lake,
    now: datetime,
    progress: Progress,
    *,
    symbols: Sequence[str] = (),
    months: Sequence[str] = (),
    check_only: bool = False,
) -> RebuildReport:
    """Compare each part with what its replies say, row for row in every column, and replace those that differ.

    Empty `symbols` or `months` mean all. One transaction per part: a kill leaves every part as it was or as it must
    be. A fetch at the same time wins each race, and the part is decided anew. Raises LakeUnreachable.
    """
    run_id = f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    folders = bar_folders(lake)
    parts = [
        part
        for part in sorted({*folders, *bars_table(lake).snapshot().parts})
        if (not symbols or part.symbol in symbols) and (not months or part.month in months)
    ]
    progress.start(f"Comparing {len(parts)} symbol-months with their replies", len(parts))
    findings = []
    for part in parts:
        findings.append(_settle(lake, part, folders.get(part, []), "" if check_only else run_id))
        progress.advance(str(findings[-1]))
    return RebuildReport(tuple(findings))


def _settle(lake: Lake, part: Part, folders: Sequence[str], run_id: str) -> PartFinding:
    """Compare a part, and mend it when there is a `run_id` to do it under."""
    table = bars_table(lake)
    for race in range(_MAX_RACES):
        # Taken before the replies are listed: a reply is stored before its bars are committed, so the replies of
        # everything in this snapshot are in that listing.
        snapshot = table.snapshot()
        finding, version = _compare(lake, snapshot, part, folders)
        if run_id and finding.found in (Found.EQUAL, Found.DIFFERENT):
            record_history(lake, part, folders)
        if not run_id or version is None or finding.found is not Found.DIFFERENT:
            return finding
        files = write_parts(table, version.bars, run_id)
        metadata = {"run_id": run_id, "writer": "rebuild_bars", "raw": version.reply.stem}
        try:
            table.publish(snapshot, files, {part}, metadata)
        except TableChanged:
            time.sleep(0.01 * race)
        else:
            return PartFinding(part, Found.REBUILT, version.bars.num_rows)
    raise TableChanged(f"{table.name} was changed by others {_MAX_RACES} times in a row; run again.")


def _compare(lake: Lake, snapshot: Snapshot, part: Part, folders: Sequence[str]) -> tuple[PartFinding, Version | None]:
    """Return what was found, and what the part should be replaced by."""
    try:
        expected = expected_bars(lake, part, folders)
    except (ReplyUnreadable, RawDamaged) as error:
        detail = f"{error} The part was left as it is; fetch the month again with --force."
        return PartFinding(part, Found.UNREADABLE, detail=detail), None
    try:
        live = snapshot.read_part(part, _COMPARED).combine_chunks()
    except PartDamaged as error:
        if not expected.versions:
            return PartFinding(part, Found.UNREADABLE, detail=str(error)), None
        return PartFinding(part, Found.DIFFERENT, detail=str(error)), expected.versions[0]
    for version in expected.versions:
        if live == version.bars.select(_COMPARED).combine_chunks():
            return PartFinding(part, Found.EQUAL, live.num_rows), version
    return _difference(part, live, expected)


def _difference(part: Part, live: pa.Table, expected: Expected) -> tuple[PartFinding, Version | None]:
    if not expected.versions:
        if not live.num_rows:
            return PartFinding(part, Found.EQUAL, detail="no reply was ever taken"), None
        detail = "No accepted reply explains these bars. They were left; fetch the month again, which stores one."
        return PartFinding(part, Found.UNEXPLAINED, live.num_rows, detail), None
    version = expected.versions[0]
    detail = f"{_what_differs(live, version.bars)} by {version.reply.path}; `manage.py rebuild_bars` makes them so."
    return PartFinding(part, Found.DIFFERENT, live.num_rows, detail), version


def _what_differs(live: pa.Table, bars: pa.Table) -> str:
    if not live.num_rows:
        return f"The table has no bars where there must be {bars.num_rows:,}"
    if live.num_rows != bars.num_rows:
        return f"The table has {live.num_rows:,} bars where there must be {bars.num_rows:,}"
    columns = [name for name in _COMPARED if live[name].combine_chunks() != bars[name].combine_chunks()]
    return f"The columns {', '.join(columns)} are not as they must be"
