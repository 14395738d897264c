"""Putting cells into the plan. Loads nothing that fetches, so that web pages may do it, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from market.models import BackfillCell, CellState

# Clocks of several machines differ by less.
_SKEW = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Opening:
    """For which lake and provider cells are planned, now; what changed since `before` is left as it is."""

    lake: str
    provider: str
    before: datetime
    now: datetime
    force: bool = False


def open_cells(opening: Opening, symbol: str, months: Sequence[str]) -> None:
    """Plan cells that are new, and again those that were finished, paused or cancelled before an instant."""
    open_new_cells(opening, symbol, months)
    facts = {"provider": opening.provider, "force": opening.force, "changed_at": opening.now}
    rows = BackfillCell.objects.filter(lake=opening.lake, symbol=symbol, month__in=months)
    # A change that lies ahead was written by a clock that has been set back since.
    stale = rows.filter(Q(changed_at__lt=opening.before) | Q(changed_at__gt=opening.now + _SKEW))
    stale.exclude(state__in=(CellState.PLANNED, CellState.FETCHING)).update(
        state=CellState.PLANNED, reason="", tries=0, **facts
    )


def open_new_cells(opening: Opening, symbol: str, months: Sequence[str]) -> None:
    """Plan cells that are new; the others stay what they are."""
    facts = {"provider": opening.provider, "force": opening.force, "changed_at": opening.now}
    BackfillCell.objects.bulk_create(
        (BackfillCell(lake=opening.lake, symbol=symbol, month=month, **facts) for month in months),
        batch_size=100,
        ignore_conflicts=True,
    )
