"""Claims on cells in the relational database: one conditional update decides who fetches a cell."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Q, QuerySet

from market.backfill.cells import Opening, open_cells
from market.backfill.holders import holding, is_alive
from market.budget.ledger import Clock, ledger_errors
from market.ingest.claims import Claim, Standing
from market.ingest.outcomes import CellOutcome, Result
from market.ingest.plan import Cell
from market.models import BackfillCell, CellState
from market.providers.base import ReplyKind

logger = logging.getLogger(__name__)

# Longer than any cell takes with all its retries. It only matters when a holder hangs: death is noticed at once.
LEASE = timedelta(hours=1)
# A cell that failed so often for a reason that may pass is not tried by itself any more.
MOST_TRIES = 5
_FINISHED = (CellState.DONE, CellState.ABSENT, CellState.FAILED)
_FETCHED = (Result.ADDED, Result.UPDATED, Result.UNCHANGED)


@dataclass(frozen=True)
class DatabaseClaims:
    """The claims of one run that began at `began_at`; `holder` is its name among the living."""

    lake: str
    provider: str
    holder: str
    began_at: datetime
    clock: Clock

    def open(self, cells: Sequence[Cell], *, force: bool) -> None:
        with ledger_errors():
            for symbol, of_symbol in groupby(sorted(cells), key=lambda cell: cell.symbol):
                months = [str(cell.month) for cell in of_symbol]
                opening = Opening(self.lake, self.provider, self.began_at, self.clock(), force)
                open_cells(opening, symbol, months)

    def claim(self, cell: Cell) -> Claim:
        with ledger_errors():
            while True:
                row = self._rows(cell).get()
                if claim := self._standing(row):
                    return claim
                if self._take(row):
                    return Claim(Standing.GRANTED)

    def settle(self, outcome: CellOutcome) -> None:
        with ledger_errors():
            mine = self._rows(outcome.cell).filter(state=CellState.FETCHING, holder=self.holder)
            row = mine.first()
            if row is None:
                logger.warning("another run has taken over a cell", extra={"cell": str(outcome.cell)})
                return
            mine.update(
                state=state_after(outcome, row.tries + 1),
                reason=outcome.detail,
                bars=outcome.bars or None,
                tries=row.tries + 1,
                holder="",
                lease_until=None,
                changed_at=self.clock(),
            )
            if outcome.kind == ReplyKind.BAD_REQUEST_OR_UNKNOWN_SYMBOL:
                self._give_up_earlier(outcome)

    def release(self) -> None:
        """Give back what is held, for a run that is interrupted."""
        held = BackfillCell.objects.filter(lake=self.lake, holder=self.holder, state=CellState.FETCHING)
        held.update(state=CellState.PLANNED, holder="", lease_until=None, changed_at=self.clock())

    def skip(self, cells: Iterable[Cell], state: CellState, reason: str) -> None:
        """Finish cells for which nothing needs to be asked: those that nobody is at, or whose run has died."""
        with ledger_errors():
            for symbol, of_symbol in groupby(sorted(cells), key=lambda cell: cell.symbol):
                months = [str(cell.month) for cell in of_symbol]
                rows = BackfillCell.objects.filter(lake=self.lake, symbol=symbol, month__in=months)
                at_work = rows.filter(state=CellState.FETCHING).values_list("holder", flat=True)
                dead = [holder for holder in set(at_work) if holder != self.holder and not is_alive(holder)]
                free = rows.filter(Q(state=CellState.PLANNED) | Q(state=CellState.FETCHING, holder__in=dead))
                free.update(state=state, reason=reason, holder="", lease_until=None, changed_at=self.clock())

    def close(self, cells: Sequence[Cell]) -> None:
        self.skip(cells, CellState.DONE, "The lake has its last word.")

    def _rows(self, cell: Cell) -> QuerySet[BackfillCell]:
        return BackfillCell.objects.filter(lake=self.lake, symbol=cell.symbol, month=str(cell.month))

    def _standing(self, row: BackfillCell) -> Claim | None:
        """Say why a cell is not to be had; None when it is."""
        if row.state in _FINISHED:
            return Claim(Standing.DONE) if row.state == CellState.DONE else Claim(Standing.REFUSED, row.reason)
        if row.state in (CellState.PAUSED, CellState.CANCELLED):
            return Claim(Standing.REFUSED, f"It was {row.state} meanwhile.")
        busy = row.state == CellState.FETCHING and row.lease_until and self.clock() < row.lease_until
        return Claim(Standing.BUSY) if busy and row.holder != self.holder and is_alive(row.holder) else None

    def _take(self, row: BackfillCell) -> bool:
        """Take the cell as it was seen; False when somebody else was faster."""
        as_seen = BackfillCell.objects.filter(pk=row.pk, state=row.state, holder=row.holder, changed_at=row.changed_at)
        now = self.clock()
        return bool(
            as_seen.update(
                state=CellState.FETCHING,
                holder=self.holder,
                lease_until=now + LEASE,
                changed_at=now,
            )
        )

    def _give_up_earlier(self, outcome: CellOutcome) -> None:
        """A refused month has most likely none before it: those would cost a request each to learn the same."""
        earlier = BackfillCell.objects.filter(
            lake=self.lake, symbol=outcome.cell.symbol, month__lt=str(outcome.cell.month), state=CellState.PLANNED
        )
        reason = f"Not asked for, because {outcome.cell.month} was refused: {outcome.detail}"
        earlier.update(state=CellState.FAILED, reason=reason, changed_at=self.clock())


def state_after(outcome: CellOutcome, tries: int) -> CellState:
    """Return the state of a cell for what came of it."""
    if outcome.result in _FETCHED:
        return CellState.DONE
    if outcome.result is Result.WAITING or outcome.kind == ReplyKind.EMPTY:
        return CellState.ABSENT
    if outcome.result is Result.NOT_TRIED or (outcome.again and tries < MOST_TRIES):
        return CellState.PLANNED
    return CellState.FAILED


@contextmanager
def shared_claims(lake: str, provider: str, clock: Clock) -> Iterator[DatabaseClaims]:
    """Take part in the plan until the context ends; what is held then is there for others again."""
    with ledger_errors(), holding() as holder:
        claims = DatabaseClaims(lake, provider, holder, clock(), clock)
        try:
            yield claims
        finally:
            claims.release()
