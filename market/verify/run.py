"""Check the whole lake."""

from collections.abc import Iterator
from datetime import timedelta

import pyarrow as pa

from market.lake.faults import LakeUnreachable, reaching
from market.lake.location import Lake
from market.lake.schemas import bars_table
from market.lake.snapshots import Part
from market.lake.tables import Table
from market.lake.upkeep import named_table, orphans, remove_files, table_names
from market.progress import Progress
from market.raw_reading import bar_folders, raw_folders, stored_replies
from market.verify.replies import check_count, check_folder
from market.verify.report import Finding, Kind, VerifyReport
from market.verify.tables import TableCheck


def verify_lake(lake: Lake, progress: Progress, *, orphan_age: timedelta, repair: bool = False) -> VerifyReport:
    """Read every object and every row once; with `repair` delete what is of no use. Raises LakeUnreachable.

    Nothing but orphans is ever deleted: files that no commit names and that are at least `orphan_age` old.
    """
    folders = raw_folders(lake)
    names = table_names(lake)
    progress.start("Verifying the lake", len(folders) + len(names))
    findings: list[Finding] = []
    objects = rows = 0
    for part, its_folders in folders.items():
        found = [finding for folder in its_folders for finding in check_folder(lake, folder)]
        objects += sum(len(stored_replies(lake, folder)) for folder in its_folders)
        findings += found
        progress.advance(_line(f"replies of {part}", found))
    for name in names:
        check = TableCheck(_table_or_bare(lake, name))
        found = [*check.findings(), *_orphans(check.table, orphan_age)]
        rows += check.rows
        findings += found
        progress.advance(_line(f"table {name}", found))
    findings += _counts(lake, bar_folders(lake))
    repaired = [finding for finding in findings if repair and _repair(lake, finding)]
    left = tuple(finding for finding in findings if finding not in repaired)
    return VerifyReport(objects, rows, left, tuple(repaired))


def _table_or_bare(lake: Lake, name: str) -> Table:
    try:
        return named_table(lake, name)
    except LakeUnreachable:
        # Its log is damaged, which the check of the table says.
        return Table(lake, name, pa.schema([]))


def _orphans(table: Table, age: timedelta) -> Iterator[Finding]:
    try:
        paths = orphans(table, age)
    except LakeUnreachable:
        return
    for path in paths:
        problem = "no commit names it; a run was ended before it could commit"
        yield Finding(
            Kind.ORPHAN, f"tables/{table.name}/{path}", problem, "It can go: --repair or maintain_lake deletes it."
        )


def _counts(lake: Lake, folders: dict[Part, list[str]]) -> Iterator[Finding]:
    try:
        snapshot = bars_table(lake).snapshot()
    except LakeUnreachable:
        return
    for part, its_folders in folders.items():
        yield from check_count(lake, snapshot, part, its_folders)


def _repair(lake: Lake, finding: Finding) -> bool:
    if finding.kind is not Kind.ORPHAN:
        return False
    if finding.path.startswith("tables/"):
        _, name, path = finding.path.split("/", 2)
        remove_files(Table(lake, name, pa.schema([])), [path])
    else:
        with reaching(lake):
            lake.storage.delete(finding.path)
    return True


def _line(what: str, found: list[Finding]) -> str:
    return f"{what}: {f'{len(found)} findings' if found else 'as it must be'}"
