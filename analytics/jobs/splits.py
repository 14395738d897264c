"""The splits that the bars of a part lie on both sides of (docs/decisions/windows-across-splits.md)."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from market import actions
from market.calendar import NEW_YORK, next_session
from market.lake.location import Lake
from market.lake.snapshots import PartFile
from market.months import Month


@dataclass(frozen=True, order=True, slots=True)
class PartSplit:
    """From `session` on, one old share of `symbol` is `factor` new ones."""

    symbol: str
    session: date
    factor: float

    def __str__(self) -> str:
        return f"{self.symbol} {self.factor:g} for 1 on {self.session}"


Splits = Mapping[str, Sequence[PartSplit]]


def read_splits(lake: Lake, symbols: Collection[str], now: datetime) -> Splits:
    """Return the splits of each symbol that have taken effect by `now` (aware). Raises LakeUnreachable."""
    splits = actions.read_splits(actions.actions_table(lake).snapshot(), symbols, now.astimezone(NEW_YORK).date())
    return {
        symbol: [PartSplit(symbol, split.session, split.value) for split in of_symbol]
        for symbol, of_symbol in splits.items()
    }


def splits_within(splits: Splits, month: str, sources: Iterable[PartFile]) -> tuple[PartSplit, ...]:
    """Return the splits between the bars that a part of a month is made from, ascending by symbol and session.

    A split on or before the first session of the earliest bars has all of them on its new basis.
    """
    if not splits:
        return ()
    earliest: dict[str, str] = {}
    for file in sources:
        if splits.get(file.part.symbol):
            earliest[file.part.symbol] = min(file.part.month, earliest.get(file.part.symbol, file.part.month))
    return tuple(
        split
        for symbol, first_month in sorted(earliest.items())
        for split in sorted(splits[symbol])
        if first_session(first_month) < split.session and str(Month.of(split.session)) <= month
    )


@cache
def first_session(month: str) -> date:
    return next_session(Month.parse(month).first_date - timedelta(days=1))


def fingerprint(splits: Sequence[PartSplit]) -> str:
    """Return 12 hex digits that stand for splits; empty for none."""
    if not splits:
        return ""
    named = json.dumps([[split.symbol, split.session.isoformat(), split.factor] for split in splits])
    return hashlib.sha256(named.encode()).hexdigest()[:12]
