"""Compute stale parts on an open session and publish them, a batch of one table at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from analytics.engines.base import fit_shuffle
from analytics.jobs.bars import (
    expected_rows,
    load_runs,
    load_sources,
    own_rows,
    survey_bars,
    with_calendar,
    with_inputs,
)
from analytics.jobs.basis import with_basis
from analytics.jobs.orphans import remove_uncommitted
from analytics.jobs.plan import PartWork, TablePlan, batches, rows_of_files
from analytics.jobs.report import TableReport
from analytics.jobs.results import collect_results, write_results, write_runs
from analytics.jobs.runs import run_of, split_runs
from analytics.transforms.catalog import Transform
from analytics.transforms.grouped import derive_runs
from market.lake.tables import Part, PartFile, Snapshot
from market.progress import Progress

# Bounds the memory of a rebuild: about four months of two symbols with what they look back on.
BATCH_ROWS = 250_000
# But each batch costs some tenths of a second, so a large rebuild takes larger ones.
MOST_BATCHES = 24


@dataclass(frozen=True)
class _Batch:
    """Parts of one table that are computed, written and committed together."""

    transform: Transform
    works: tuple[PartWork, ...]
    folder: str

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(work.part for work in self.works)


def compute_tables(
    session: SparkSession, bars: Snapshot, plans: Sequence[TablePlan], metadata: Mapping[str, str], progress: Progress
) -> Iterator[TableReport]:
    """Make the stale parts of each table anew and say what each commit did.

    Raises BarsIncomplete, ResultWrong or TableChanged; what was committed before stays, the rest is removed.
    """
    planned = [(plan, _batches(plan, metadata["run_id"])) for plan in plans]
    parts = {work.part for plan in plans for work in plan.stale}
    progress.start(
        f"Processing {len(parts)} parts on {metadata['engine']}", sum(len(batches) for _, batches in planned)
    )
    sources = {file for plan in plans for work in plan.stale for file in work.sources}
    surveyed = survey_bars(session, bars.table, sources, [plan.transform for plan in plans])
    for plan, table_batches in planned:
        derived = plan.derived
        for batch in table_batches:
            expected = expected_rows(batch.transform, surveyed[batch.transform.name], batch.works)
            files = _compute(session, bars, derived, batch, expected)
            derived = _publish(derived, files, batch, metadata)
            rows = sum(file.rows for file in files)
            progress.advance(f"{batch.transform.name}: {_named(batch.parts)}, {rows:,} rows")
            yield TableReport(batch.transform.name, derived.version, computed=batch.parts, rows=rows)


def _batches(plan: TablePlan, run_id: str) -> list[_Batch]:
    rows = sum(rows_of_files(plan.stale).values())
    split = batches(plan.stale, max(BATCH_ROWS, rows // MOST_BATCHES))
    return [_Batch(plan.transform, works, f"run={run_id}-{number}") for number, works in enumerate(split, 1)]


def _compute(
    session: SparkSession, bars: Snapshot, derived: Snapshot, batch: _Batch, expected: Mapping[Part, int]
) -> list[PartFile]:
    fit_shuffle(session, sum(work.source_rows for work in batch.works))
    try:
        if whole := batch.transform.whole_parts():
            runs = list(split_runs(batch.works))
            sources = load_runs(session, bars.table, runs)
            write_runs(derive_runs(sources, whole, [run_of(works) for works in runs]), derived.table, batch.folder)
        else:
            results = with_inputs(session, _derive(session, bars, batch), batch.works)
            write_results(results, derived.table, batch.folder, batch.transform.sort_by)
        return collect_results(derived.table, batch.folder, batch.works, expected)
    except Exception:
        remove_uncommitted(derived.table, batch.folder)
        raise


def _derive(session: SparkSession, bars: Snapshot, batch: _Batch) -> DataFrame:
    sources = load_sources(session, bars.table, batch.works)
    if batch.transform.needs_calendar:
        sources = with_calendar(session, sources, [part.month for part in batch.parts])
    transform = batch.transform.function()
    if any(work.splits for work in batch.works):
        results = transform(with_basis(session, sources, batch.works), has_basis=True)
    else:
        results = transform(sources)
    return own_rows(results) if batch.transform.lookback_rows else results


def _publish(derived: Snapshot, files: Sequence[PartFile], batch: _Batch, metadata: Mapping[str, str]) -> Snapshot:
    formula = str(batch.transform.formula_version)
    named = {**metadata, "folder": batch.folder, "formula_version": formula}
    try:
        return derived.table.publish(derived, files, batch.parts, named)
    except Exception:
        remove_uncommitted(derived.table, batch.folder)
        raise


def _named(parts: Sequence[Part]) -> str:
    return str(parts[0]) if len(parts) == 1 else f"{len(parts)} parts from {parts[0]} to {parts[-1]}"
