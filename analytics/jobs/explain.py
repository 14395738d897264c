"""Say what a run would do, and why each part is out of date."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from analytics.jobs.inputs import read_inputs
from analytics.jobs.plan import PartWork, TablePlan
from market.lake.chains import made_from
from market.lake.snapshots import Part, PartFile, Snapshot

_WHEN = "%Y-%m-%d %H:%M:%S UTC"


def explain(bars: Snapshot, plans: Sequence[TablePlan]) -> Iterator[str]:
    """Return lines for people: what each table needs, and each reason with the parts that it holds for."""
    yield f"bars version {bars.version}: {len(bars.parts)} parts of {len(bars.symbols)} symbols"
    for plan in plans:
        if not plan.stale and not plan.gone:
            yield f"{plan.transform.name}: up to date"
            continue
        rows = sum(work.source_rows for work in plan.stale)
        todo = f"{len(plan.stale)} parts to compute from {rows:,} bars, {len(plan.gone)} to remove"
        yield f"{plan.transform.name}: {todo}"
        reasons = [(work.part, _reason(plan, work)) for work in plan.stale]
        reasons += [(part, "its bars are gone") for part in plan.gone]
        for (symbol, reason), parts in groupby(reasons, key=lambda each: (each[0].symbol, each[1])):
            yield f"  {symbol} {_months([part for part, _ in parts])}: {reason}"


def _months(parts: Sequence[Part]) -> str:
    return parts[0].month if len(parts) == 1 else f"{parts[0].month} to {parts[-1].month} ({len(parts)} parts)"


def _reason(plan: TablePlan, work: PartWork) -> str:
    files = plan.derived.parts.get(work.part)
    if not files:
        return "not there yet"
    made = made_from(files) or ""
    if work.gone_on:
        return f"{work.source_rows:,} bars of later sessions have come, and the part is gone on with"
    if made == work.inputs:
        return "up to date, computed anew because of --full"
    before, now = read_inputs(made), read_inputs(work.inputs)
    if before is None or now is None:
        return "an earlier release made it, or files that do not go on from each other"
    if before.formula != now.formula:
        return f"the formula changed, from version {before.formula} to {now.formula}"
    if before.bars == now.bars:
        return f"the splits between its bars changed, now {', '.join(map(str, work.splits)) or 'there are none'}"
    return _changed(work, max((file.committed_at for file in files if file.committed_at), default=None))


def _changed(work: PartWork, made_at: datetime | None) -> str:
    """Name the parts of the bars that are newer than the derived part; the lookback is a part of another month."""
    newer: dict[Part, PartFile] = {
        file.part: file for file in work.sources if made_at and file.committed_at and file.committed_at > made_at
    }
    if not newer:
        return "the bars that it was made from are others now"
    named = ", ".join(f"{part} at {file.committed_at:{_WHEN}}" for part, file in sorted(newer.items()))
    return f"bars changed since: {named}"
