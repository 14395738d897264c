"""Fetch all cells of a request, collecting what came of each."""

import time
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from market.ingest.commit import Verdict
from market.ingest.fetch import Fetcher
from market.ingest.pacing import Sleep
from market.ingest.plan import Cell, DataMixed, make_plan, may_be_empty
from market.ingest.requests import FetchRequest
from market.lake.faults import LakeUnreachable
from market.lake.location import Lake
from market.lake.tables import TableChanged
from market.progress import Progress
from market.providers.base import EmptyError, FatalError, PermanentError, Provider, ProviderError, RetryableError
from market.providers.gate import BudgetSpent
from market.quality.limits import configured_limits
from market.quality.table import refresh_findings

DONE, FAILED, BAD_ARGUMENTS, PARTLY_DONE = 0, 1, 2, 3
# Cells in a row that end without any reply; after these the provider is taken to be away.
_MAX_SILENCES = 2


class Result(StrEnum):
    """What became of a cell."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SETTLED = "already final"
    WAITING = "nothing yet"
    FAILED = "failed"
    NOT_TRIED = "not tried"


_UNDONE = (Result.FAILED, Result.NOT_TRIED)
_CHANGES = (Result.ADDED, Result.UPDATED)


@dataclass(frozen=True, slots=True)
class CellOutcome:
    """`bars` counts those of the reply; `detail` is a sentence for what was not done, `kind` the failure's class."""

    cell: Cell
    result: Result
    bars: int = 0
    detail: str = ""
    kind: str = ""

    def __str__(self) -> str:
        if self.detail:
            return f"{self.cell}: {self.result}. {self.detail}"
        return f"{self.cell}: {self.result}" + (f", {self.bars:,} bars" if self.bars else "")


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What a run did; `outcomes` has every cell of the request."""

    run_id: str
    provider: str
    outcomes: tuple[CellOutcome, ...]
    alarms: int = 0

    @property
    def changed(self) -> bool:
        """Whether the table `bars` has a new version."""
        return any(outcome.result in _CHANGES for outcome in self.outcomes)

    @property
    def undone(self) -> tuple[CellOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.result in _UNDONE)

    @property
    def exit_code(self) -> int:
        if not self.undone:
            return DONE
        return FAILED if len(self.undone) == len(self.outcomes) else PARTLY_DONE

    def summary(self) -> str:
        """Return one line of counts, then one line for each cell that was not done."""
        counts = Counter(outcome.result for outcome in self.outcomes)
        parts = [f"{counts[result]} {result}" for result in Result if counts[result]]
        bars = sum(outcome.bars for outcome in self.outcomes if outcome.result in _CHANGES)
        doubts = f" The checks have {self.alarms} alarms; `/quality/` lists them." if self.alarms else ""
        head = f"{self.provider}: {', '.join(parts) or 'nothing to do'}; {bars:,} bars written.{doubts}"
        return "\n".join([head, *(f"  {outcome}" for outcome in self.undone)])


def fetch_prices(
    request: FetchRequest, lake: Lake, provider: Provider, now: datetime, progress: Progress, sleep: Sleep = time.sleep
) -> FetchReport:
    """Fetch what the lake lacks of a request, and what was not final when it was fetched.

    One transaction per cell: a kill at any moment leaves every other cell as it was, and the next run goes on from
    there. Raises DataMixed, and LakeUnreachable when not even the plan can be made; later failures are outcomes.
    """
    plan = make_plan(request, lake, provider, now)
    run_id = f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    progress.start(f"Fetching {len(plan.fetching)} symbol-months from {provider.name}", len(plan.fetching))
    fetcher = Fetcher(lake, provider, now, run_id, request.force, sleep, progress)
    run = _Run(fetcher)
    outcomes = [
        *run.outcomes(planned.cell for planned in plan.fetching),
        *(CellOutcome(cell, Result.SETTLED) for cell in plan.settled),
        *(CellOutcome(cell, Result.WAITING) for cell in plan.waiting),
    ]
    return FetchReport(run_id, provider.name, tuple(outcomes), _check(request, lake, now, progress))


def _check(request: FetchRequest, lake: Lake, now: datetime, progress: Progress) -> int:
    """Check what is new, and return the number of alarms. What could not be checked is checked by the next run."""
    try:
        return refresh_findings(lake, configured_limits(), now, request.symbols).alarms
    except (LakeUnreachable, TableChanged) as error:
        progress.note(f"The checks were put off: {error}")
        return 0


class _Run:
    """Goes from cell to cell and stops asking where it would be of no use."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._silences = 0
        self._stop = ""
        self._stopped_symbols: dict[str, str] = {}

    def outcomes(self, cells: Iterable[Cell]) -> Iterator[CellOutcome]:
        for cell in cells:
            outcome = self._outcome(cell)
            self._fetcher.progress.advance(str(outcome))
            yield outcome

    def _outcome(self, cell: Cell) -> CellOutcome:
        if reason := self._stop or self._stopped_symbols.get(cell.symbol, ""):
            return CellOutcome(cell, Result.NOT_TRIED, detail=reason)
        try:
            verdict, bars = self._fetcher.fetch(cell)
        except ProviderError as error:
            return self._after_refusal(cell, error)
        except (LakeUnreachable, TableChanged, DataMixed) as error:
            self._stop = "The lake failed before it."
            return CellOutcome(cell, Result.FAILED, detail=str(error), kind="lake")
        self._silences = 0
        if verdict is Verdict.SHRUNK:
            detail = (
                f"The reply's {bars:,} bars are fewer than the lake's, or lack a session that it has; they were kept. "
                "--force takes the reply."
            )
            return CellOutcome(cell, Result.FAILED, detail=detail, kind=verdict)
        return CellOutcome(cell, Result(verdict), bars)

    def _after_refusal(self, cell: Cell, error: ProviderError) -> CellOutcome:
        if isinstance(error, EmptyError) and may_be_empty(cell.month, self._fetcher.now):
            return CellOutcome(cell, Result.WAITING)
        if isinstance(error, BudgetSpent):
            self._stop = str(error)
            return CellOutcome(cell, Result.NOT_TRIED, detail=self._stop, kind=error.kind)
        if isinstance(error, FatalError):
            self._stop = "The run was stopped before it."
        elif isinstance(error, PermanentError):
            self._stopped_symbols[cell.symbol] = "The symbol was refused before."
        elif isinstance(error, RetryableError):
            self._silences += 1
            if self._silences >= _MAX_SILENCES:
                self._stop = "The provider gave no answer before it."
        return CellOutcome(cell, Result.FAILED, detail=str(error), kind=error.kind)
