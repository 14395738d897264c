"""Compute stale parts on an open session and publish them, in batches of one table, some batches at a time."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, zip_longest
from threading import Lock

from pyspark.sql import DataFrame, SparkSession

from analytics.engines.base import fit_shuffle
from analytics.jobs.bars import load_runs, load_sources, own_rows, with_calendar, with_inputs
from analytics.jobs.basis import with_basis
from analytics.jobs.lanes import Lanes
from analytics.jobs.news import News, write_further
from analytics.jobs.orphans import remove_uncommitted
from analytics.jobs.plan import PartWork, TablePlan, batches, rows_of_files
from analytics.jobs.report import TableReport
from analytics.jobs.results import check_counts, collect_results, write_results, write_runs
from analytics.jobs.runs import run_of, split_runs
from analytics.jobs.survey import Survey
from analytics.transforms.catalog import Transform
from analytics.transforms.grouped import derive_runs
from market.lake.snapshots import Part, PartFile, Snapshot
from market.lake.tables import Table
from market.progress import Progress

# Bounds the memory of a rebuild: about four months of two symbols with what they look back on.
BATCH_ROWS = 250_000
# But each batch costs some tenths of a second, so a large rebuild takes larger ones, as large as a year of 200 symbols
# makes them.
MOST_BATCHES = 24
MOST_BATCH_ROWS = 1_000_000


class _Target:
    """A table that is made: each commit comes on top of the version that the one before it made."""

    def __init__(self, plan: TablePlan) -> None:
        self.transform = plan.transform
        self.table = plan.derived.table
        self.newest = plan.derived
        self._lock = Lock()

    def publish(self, files: Sequence[PartFile], batch: "_Batch", metadata: Mapping[str, str]) -> int:
        """Return the version that the files are in. Raises TableChanged, LakeUnreachable."""
        with self._lock:
            self.newest = _publish(self.newest, files, batch, metadata)
            return self.newest.version


@dataclass(frozen=True)
class _Batch:
    """Parts of one table that are computed, written and committed together."""

    target: _Target
    works: tuple[PartWork, ...]
    folder: str

    @property
    def transform(self) -> Transform:
        return self.target.transform

    @property
    def table(self) -> Table:
        return self.target.table

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(work.part for work in self.works)

    @property
    def goes_on(self) -> bool:
        """Tell whether its parts, all or none, get further rows only."""
        return self.works[0].gone_on is not None

    @property
    def source_rows(self) -> int:
        return sum(work.source_rows for work in self.works)


@dataclass(frozen=True)
class _Given:
    """What the batches of a run have in common."""

    session: SparkSession
    bars: Table
    survey: Survey
    news: News
    metadata: Mapping[str, str]
    lanes: Lanes


def compute_tables(
    session: SparkSession,
    bars: Snapshot,
    plans: Sequence[TablePlan],
    news: News,
    metadata: Mapping[str, str],
    progress: Progress,
    lanes: Lanes,
) -> Generator[TableReport, None, list[Snapshot]]:
    """Make the stale parts of each table anew, or go on with them by their news, and say what each commit did.

    At the end it returns the newest version of each table. Raises BarsIncomplete, ResultWrong or TableChanged; what was
    committed before stays, the rest is removed.
    """
    planned = _in_turn([_batches(plan, metadata["run_id"]) for plan in sorted(plans, key=_goes_on_without_python)])
    parts = {work.part for plan in plans for work in plan.stale}
    progress.start(f"Processing {len(parts)} parts on {metadata['engine']}", len(planned))
    # Once for all batches: they share the session, and its settings.
    fit_shuffle(session, max(batch.source_rows for batch in planned))
    given = _Given(session, bars.table, Survey(session, bars.table, plans), news, metadata, lanes)
    for report in lanes.run(partial(_make, given, batch) for batch in planned):
        progress.advance(f"{report.name}: {_named(report.computed)}, {report.rows:,} rows")
        yield report
    return [target.newest for target in {batch.target for batch in planned}]


def _goes_on_without_python(plan: TablePlan) -> bool:
    """Tell whether no part needs Python to go on: where one does, it takes longest, and so should begin first."""
    return plan.transform.whole_parts() is None or not any(work.gone_on for work in plan.stale)


def most_rows(plans: Sequence[TablePlan]) -> int:
    """Return how many rows the largest batch of these plans may read."""
    totals = [sum(rows_of_files(plan.stale).values()) for plan in plans]
    return max(min(rows, _batch_rows(rows)) for rows in totals)


def _batch_rows(rows: int) -> int:
    return max(BATCH_ROWS, min(rows // MOST_BATCHES, MOST_BATCH_ROWS))


def _batches(plan: TablePlan, run_id: str) -> list[_Batch]:
    rows = sum(rows_of_files(plan.stale).values())
    anew = [work for work in plan.stale if not work.gone_on]
    further = [work for work in plan.stale if work.gone_on]
    split = [works for some in (anew, further) for works in batches(some, _batch_rows(rows))]
    target = _Target(plan)
    return [_Batch(target, works, f"run={run_id}-{number}") for number, works in enumerate(split, 1)]


def _in_turn(tables: Sequence[Sequence[_Batch]]) -> list[_Batch]:
    """Put the first batch of each table before the second ones, so that unlike work is done at the same time."""
    return [batch for batch in chain.from_iterable(zip_longest(*tables)) if batch is not None]


def _make(given: _Given, batch: _Batch) -> TableReport:
    try:
        files = _go_on(given, batch) if batch.goes_on else _compute(given, batch)
        given.lanes.check()
        version = batch.target.publish(files, batch, given.metadata)
    except Exception:
        remove_uncommitted(batch.table, batch.folder)
        raise
    return TableReport(batch.transform.name, version, computed=batch.parts, rows=sum(file.rows for file in files))


def _compute(given: _Given, batch: _Batch) -> list[PartFile]:
    expected = given.survey.expected_rows(batch.transform, batch.works)
    if whole := batch.transform.whole_parts():
        runs = list(split_runs(batch.works))
        sources = load_runs(given.session, given.bars, runs)
        write_runs(derive_runs(sources, whole, [run_of(works) for works in runs]), batch.table, batch.folder)
    else:
        results = with_inputs(given.session, _derive(given.session, given.bars, batch), batch.works)
        write_results(results, batch.table, batch.folder, batch.transform.sort_by)
    return collect_results(batch.table, batch.folder, batch.works, expected)


def _go_on(given: _Given, batch: _Batch) -> list[PartFile]:
    news = given.news.frame(given.session, batch.works)
    results = given.news.derive(news, batch.transform, batch.works).toArrow()
    files = write_further(results, batch.transform, batch.table, batch.folder, batch.works)
    # Asked last, once for all tables: while the engine counts, another lane has the use of Python.
    check_counts(batch.table, files, given.news.expected_rows(news, batch.transform, batch.works))
    return files


def _derive(session: SparkSession, bars: Table, batch: _Batch) -> DataFrame:
    sources = load_sources(session, bars, batch.works)
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
    if batch.goes_on:
        return derived.table.extend(derived, files, named)
    return derived.table.publish(derived, files, batch.parts, named)


def _named(parts: Sequence[Part]) -> str:
    return str(parts[0]) if len(parts) == 1 else f"{len(parts)} parts from {parts[0]} to {parts[-1]}"
