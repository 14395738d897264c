"""Go on with the plan: what is planned and free, newest first, until the budget or the time is used up."""

import time
from dataclasses import replace
from datetime import datetime

from market.backfill.claims import DatabaseClaims
from market.backfill.control import to_fetch_from
from market.backfill.holders import is_alive
from market.budget.ledger import ledger_errors, open_again
from market.ingest.fetch import Fetcher
from market.ingest.outcomes import CellOutcome, FetchReport
from market.ingest.pacing import Sleep
from market.ingest.plan import Cell, plan_cells
from market.ingest.run import check_new_bars, fetch_plan, new_run_id
from market.lake.location import Lake
from market.limits import Account
from market.models import BackfillCell, CellState, budget_of
from market.months import Month
from market.progress import Progress
from market.providers.base import Provider
from market.providers.chain import members_of

# A plan may have tens of thousands of cells; so many are looked at a time.
_BATCH = 20


def continue_plan(
    lake: Lake,
    provider: Provider,
    claims: DatabaseClaims,
    *,
    until: datetime,
    progress: Progress,
    sleep: Sleep = time.sleep,
) -> FetchReport:
    """Fetch planned cells until none is left, nothing more can be asked for, or it is `until`.

    Raises DataMixed, LakeUnreachable and LedgerUnavailable; later failures are outcomes.
    """
    now = claims.clock()
    fetcher = Fetcher(lake, provider, now, new_run_id(now), force=False, sleep=sleep, progress=progress)
    outcomes: list[CellOutcome] = []
    stopped = ""
    while not stopped and claims.clock() < until and (rows := free_cells(lake.url, provider.name, _BATCH)):
        force = rows[0].force
        cells = [cell_of(row) for row in rows if row.force == force]
        fetcher = replace(fetcher, now=claims.clock(), force=force)
        unknown = [cell for cell in cells if not provider.offers(cell.symbol, cell.month)]
        claims.skip(unknown, CellState.ABSENT, f"{provider.name} does not offer it.")
        plan = plan_cells(cells, lake, provider, fetcher.now, force=force)
        claims.close(plan.settled)
        claims.skip(plan.waiting, CellState.ABSENT, "It has had no session yet.")
        report = fetch_plan(replace(plan, settled=(), waiting=()), fetcher, claims)
        outcomes += report.outcomes
        stopped = report.stopped
    symbols = sorted({outcome.cell.symbol for outcome in outcomes})
    alarms = check_new_bars(lake, symbols, claims.clock(), progress) if symbols else 0
    return FetchReport(fetcher.run_id, provider.name, tuple(outcomes), stopped, alarms)


def free_cells(lake: str, provider: str, most: int) -> list[BackfillCell]:
    """Return cells that nobody is at, newest first: planned ones, and those whose run has died."""
    with ledger_errors():
        cells = to_fetch_from(lake, provider)
        left = [row for row in cells.filter(state=CellState.FETCHING) if not is_alive(row.holder)]
        return (left + list(cells.filter(state=CellState.PLANNED)[:most]))[:most]


def cell_of(row: BackfillCell) -> Cell:
    return Cell(row.symbol, Month.parse(row.month))


def has_budget(provider: Provider, now: datetime, keep_back: int) -> bool:
    """Tell whether the day leaves the plan a request to one of the providers. Raises LedgerUnavailable."""
    return any(_has_budget(member.account, now, keep_back) for member in members_of(provider))


def _has_budget(account: Account | None, now: datetime, keep_back: int) -> bool:
    if account is None:
        return True
    with ledger_errors():
        return open_again(budget_of(account), account.limits, now, keep_back) <= now
