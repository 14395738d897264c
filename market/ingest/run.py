"""Fetch all cells of a request, collecting what came of each."""

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from market.ingest.claims import Claims, OpenClaims, Standing
from market.ingest.commit import Verdict
from market.ingest.failover import FailOver
from market.ingest.fetch import Fetcher
from market.ingest.outcomes import CellOutcome, FetchReport, Result
from market.ingest.pacing import Sleep
from market.ingest.plan import Cell, DataMixed, Plan, make_plan, may_be_empty
from market.ingest.requests import FetchRequest
from market.lake.faults import LakeUnreachable
from market.lake.location import Lake
from market.lake.tables import TableChanged
from market.progress import Progress
from market.providers.base import EmptyError, FatalError, PermanentError, Provider, ProviderError, RetryableError
from market.providers.gate import BudgetSpent, LedgerUnavailable
from market.quality.limits import configured_limits
from market.quality.table import refresh_findings

# Cells in a row that end without any reply; after these the provider is taken to be away.
_MAX_SILENCES = 2
# How often to look whether another run has finished a cell.
_LOOK_AGAIN_SECONDS = 0.5


def fetch_prices(
    request: FetchRequest,
    lake: Lake,
    provider: Provider,
    now: datetime,
    progress: Progress,
    sleep: Sleep = time.sleep,
    *,
    claims: Claims | None = None,
) -> FetchReport:
    """Fetch what the lake lacks of a request, and what was not final when it was fetched.

    One transaction per cell: a kill at any moment leaves every other cell as it was, and the next run goes on from
    there. Raises DataMixed, and LakeUnreachable when not even the plan can be made; later failures are outcomes.
    """
    plan = make_plan(request, lake, provider, now)
    claims = claims or OpenClaims()
    claims.close(plan.settled)
    claims.open([planned.cell for planned in plan.fetching], force=request.force)
    fetcher = Fetcher(lake, provider, now, new_run_id(now), request.force, sleep, progress)
    report = fetch_plan(plan, fetcher, claims)
    return replace(report, alarms=check_new_bars(lake, request.symbols, now, progress))


def new_run_id(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"


def fetch_plan(plan: Plan, fetcher: Fetcher, claims: Claims) -> FetchReport:
    """Fetch what a plan names and what nobody else fetches; waits for what others are at."""
    count = len(plan.fetching)
    fetcher.progress.start(f"Fetching {count} symbol-months from {fetcher.provider.name}", count)
    run = _Run(fetcher, claims)
    outcomes = [
        *run.outcomes(planned.cell for planned in plan.fetching),
        *(CellOutcome(cell, Result.SETTLED) for cell in plan.settled),
        *(CellOutcome(cell, Result.WAITING) for cell in plan.waiting),
    ]
    return FetchReport(fetcher.run_id, fetcher.provider.name, tuple(outcomes), run.stopped, left_out=run.left_out)


def check_new_bars(lake: Lake, symbols: Sequence[str], now: datetime, progress: Progress) -> int:
    """Check what is new, and return the number of alarms. What could not be checked is checked by the next run."""
    try:
        return refresh_findings(lake, configured_limits(), now, symbols).alarms
    except (LakeUnreachable, TableChanged) as error:
        progress.note(f"The checks were put off: {error}")
        return 0


class _Run:
    """Goes from cell to cell and stops asking where it would be of no use."""

    def __init__(self, fetcher: Fetcher, claims: Claims) -> None:
        self._fetcher = fetcher
        self._providers = FailOver(fetcher)
        self._claims = claims
        self._silences = 0
        self._stop = ""
        self._stopped_symbols: dict[str, str] = {}

    @property
    def left_out(self) -> tuple[str, ...]:
        return self._providers.left_out

    @property
    def stopped(self) -> str:
        return self._stop

    def outcomes(self, cells: Iterable[Cell]) -> Iterator[CellOutcome]:
        left = list(cells)
        while left:
            busy = []
            for cell in left:
                if outcome := self._outcome(cell):
                    self._fetcher.progress.advance(str(outcome))
                    yield outcome
                else:
                    busy.append(cell)
            if left := busy:
                self._fetcher.sleep(_LOOK_AGAIN_SECONDS)

    def _outcome(self, cell: Cell) -> CellOutcome | None:
        """Return what became of a cell; None while another run is at it."""
        if reason := self._stop or self._stopped_symbols.get(cell.symbol, ""):
            return CellOutcome(cell, Result.NOT_TRIED, detail=reason)
        try:
            claim = self._claims.claim(cell)
        except ProviderError as error:
            return self._after_refusal(cell, error)
        if claim.standing is Standing.BUSY:
            return None
        if claim.standing is Standing.DONE:
            return CellOutcome(cell, Result.ELSEWHERE)
        if claim.standing is Standing.REFUSED:
            return CellOutcome(cell, Result.NOT_TRIED, detail=claim.detail)
        outcome = self._fetch(cell)
        try:
            self._claims.settle(outcome)
        except ProviderError as error:
            # The bars are in the lake; whoever looks at this cell next finds them there.
            self._stop = str(error)
        return outcome

    def _fetch(self, cell: Cell) -> CellOutcome:
        try:
            fetched = self._providers.fetch(cell)
        except ProviderError as error:
            return self._after_refusal(cell, error)
        except (LakeUnreachable, TableChanged, DataMixed) as error:
            self._stop = "The lake failed before it."
            return CellOutcome(cell, Result.FAILED, detail=str(error), kind="lake", again=True)
        self._silences = 0
        if fetched.verdict is Verdict.SHRUNK:
            detail = (
                f"The reply's {fetched.bars:,} bars are fewer than the lake's, or lack a session that it has; "
                "they were kept. --force takes the reply."
            )
            return CellOutcome(cell, Result.FAILED, detail=detail, kind=fetched.verdict)
        result = Result(fetched.verdict)
        return CellOutcome(cell, result, fetched.bars, source=fetched.provider, passed=fetched.passed)

    def _after_refusal(self, cell: Cell, error: ProviderError) -> CellOutcome:
        if isinstance(error, EmptyError) and may_be_empty(cell.month, self._fetcher.now):
            return CellOutcome(cell, Result.WAITING)
        over = self._providers.all_out or isinstance(error, LedgerUnavailable)
        if isinstance(error, BudgetSpent):
            self._stop = str(error) if over else ""
            return CellOutcome(cell, Result.NOT_TRIED, detail=str(error), kind=error.kind, again=True)
        if isinstance(error, FatalError):
            self._stop = "The run was stopped before it." if over else ""
        elif isinstance(error, PermanentError):
            self._stopped_symbols[cell.symbol] = "The symbol was refused before."
        elif isinstance(error, RetryableError):
            self._silences += 1
            if self._silences >= _MAX_SILENCES:
                self._stop = "The provider gave no answer before it."
        again = isinstance(error, FatalError | RetryableError)
        return CellOutcome(cell, Result.FAILED, detail=str(error), kind=error.kind, again=again)
