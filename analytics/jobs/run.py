"""Bring derived tables up to date with the bars; called by the command and by the scheduled task.

Nothing here imports pyspark before there is work for it.
"""

import gc
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial

from analytics.engines import EngineUnavailable, check_engine, open_engine
from analytics.jobs.explain import explain
from analytics.jobs.inputs import digest
from analytics.jobs.lanes import Lanes
from analytics.jobs.memory import Memory, memory_of
from analytics.jobs.orphans import remove_orphans
from analytics.jobs.plan import TablePlan, plan_table
from analytics.jobs.report import NoBars, ProcessFailed, ProcessReport, ProcessRequest, TableReport
from analytics.jobs.splits import read_splits
from analytics.schemas import derived_table
from analytics.transforms.catalog import TRANSFORMS
from market.lake.growth import read_ancestors
from market.lake.location import Lake
from market.lake.schemas import bars_table
from market.lake.snapshots import Snapshot
from market.lake.tables import LakeUnreachable, TableChanged
from market.progress import Progress

ATTEMPTS = 3
# While one batch waits, for storage or for the other one's Python, the next one goes on. Each more costs memory.
LANES = 2
# In a bucket each log and each footer is a round trip.
_READERS = 8

# Failures whose message tells an operator all there is to know.
KNOWN_FAILURES = (ProcessFailed, EngineUnavailable, LakeUnreachable, TableChanged)


@contextmanager
def _garbage_stays() -> Iterator[None]:
    """Look for no garbage among the plan's objects and the libraries', which took a twentieth of an update.

    There is little: a run over 20 million bars peaks 36 MB higher, of 1,600.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@dataclass(frozen=True)
class _Job:
    """The plans of one attempt, all against one version of the bars."""

    bars: Snapshot
    plans: tuple[TablePlan, ...]
    memory: Memory


@_garbage_stays()
def process_prices(request: ProcessRequest, lake: Lake, now: datetime, progress: Progress) -> ProcessReport:
    """Recompute the parts whose bars changed, publish each table's parts whole, and say what was done.

    Raises NoBars, EngineUnknown, EngineUnavailable, BarsIncomplete, ResultWrong, LakeUnreachable, or TableChanged
    when other runs kept changing the tables. Whatever it raises, every table shows whole parts, and a later run
    takes up what is left.
    """
    check_engine(request.engine)
    run_id = f"{now:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"
    done: dict[str, TableReport] = {}
    with memory_of(lake) as memory:
        job = _plan(request, lake, memory, now, done)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                for report in _run(request, lake, job, f"{run_id}-{attempt}", now, progress):
                    done[report.name] = done[report.name] + report if report.name in done else report
                break
            except TableChanged as error:
                if attempt == ATTEMPTS:
                    raise
                progress.note(f"{error}; looking again at what is left to do")
                job = _plan(request, lake, memory, now, done)
        return _report(request, job, run_id, done)


@_garbage_stays()
def explain_prices(request: ProcessRequest, lake: Lake, now: datetime) -> list[str]:
    """Return in lines what `process_prices` would do and why. Raises NoBars, LakeUnreachable."""
    with memory_of(lake) as memory:
        job = _plan(request, lake, memory, now, {})
    return list(explain(job.bars, job.plans))


def _snapshots(
    readers: Executor, memory: Memory, lake: Lake, names: Sequence[str]
) -> tuple[Snapshot, Iterator[Snapshot]]:
    """Return the newest version of the bars, and of derived tables; the logs of all are read at the same time.

    A table can be planned while those after it are still read.
    """
    snapshots = readers.map(memory.snapshot, [bars_table(lake), *(derived_table(lake, name) for name in names)])
    return next(snapshots), snapshots


def _plan(request: ProcessRequest, lake: Lake, memory: Memory, now: datetime, done: dict[str, TableReport]) -> _Job:
    with ThreadPoolExecutor(_READERS) as readers:
        bars, opened = _snapshots(readers, memory, lake, request.tables)
        known = bars.symbols
        wanted = known if request.symbols is None else known.intersection(request.symbols)
        if not wanted:
            whose = "" if request.symbols is None else f" of {', '.join(request.symbols)}"
            raise NoBars(f"There are no bars{whose} in {lake.url} yet; run `manage.py fetch_prices` first.")
        splits = read_splits(lake, known, now)
        ancestors_of, digest_of = cache(partial(read_ancestors, bars.table)), cache(digest)
        plans = [
            plan_table(
                TRANSFORMS[name],
                bars,
                derived,
                symbols=request.symbols,
                universe=request.universe,
                splits=splits,
                full=request.full,
                finished=done[name].computed if name in done else (),
                ancestors_of=ancestors_of,
                digest_of=digest_of,
                each=readers.map,
                before=memory.looks.get(name),
            )
            for name, derived in zip(request.tables, opened, strict=True)
        ]
    memory.looks |= {plan.transform.name: plan.look for plan in plans}
    return _Job(bars, tuple(plans), memory)


def _run(
    request: ProcessRequest, lake: Lake, job: _Job, run_id: str, now: datetime, progress: Progress
) -> Iterator[TableReport]:
    metadata = {
        "run_id": run_id,
        "engine": request.engine,
        "bars_version": str(job.bars.version),
        "processed_at": now.isoformat(),
    }
    plans = []
    for plan in job.plans:
        if plan.gone:
            plan = _without_gone(plan, metadata)
            job.memory.follow(plan.derived)
            yield TableReport(plan.transform.name, plan.derived.version, removed=plan.gone)
        plans.append(plan)
    stale = [plan for plan in plans if plan.stale]
    if stale:
        with ExitStack() as until_done:
            # Costs most of a second of start-up, which a run with nothing to compute need not pay.
            from analytics.jobs.compute import compute_tables, most_rows
            from analytics.jobs.news import News

            news = until_done.enter_context(News(job.bars, stale))
            rows = LANES * most_rows(stale)
            session = until_done.enter_context(open_engine(request.engine, lake.storage_options, rows))
            lanes = until_done.enter_context(Lanes(LANES))
            made = yield from compute_tables(session, job.bars, stale, news, metadata, progress, lanes)
        for derived in made:
            job.memory.follow(derived)
    for plan in stale:
        # A run that fails removes what it wrote. Those that were killed left it, and one look finds it.
        if plan.transform.name not in job.memory.swept:
            remove_orphans(plan.derived, now)
            job.memory.swept.add(plan.transform.name)


def _without_gone(plan: TablePlan, metadata: Mapping[str, str]) -> TablePlan:
    """Remove the parts whose bars are gone; the plan goes on from the version that this makes."""
    return replace(plan, derived=plan.derived.table.publish(plan.derived, [], plan.gone, metadata))


def _report(request: ProcessRequest, job: _Job, run_id: str, done: dict[str, TableReport]) -> ProcessReport:
    known = job.bars.symbols
    return ProcessReport(
        run_id=run_id,
        engine=request.engine,
        bars_version=job.bars.version,
        tables=tuple(
            done.get(plan.derived.table.name, TableReport(plan.derived.table.name, plan.derived.version))
            for plan in job.plans
        ),
        symbols_without_bars=tuple(symbol for symbol in request.symbols or () if symbol not in known),
    )
