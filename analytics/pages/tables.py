"""The rows of the tables beneath the charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from analytics.queries.comparison import Comparison, session_of


@dataclass(frozen=True)
class ComparedClose:
    """The last matched close of a session and its change since the base minute, a fraction."""

    symbol: str
    close: float
    change: float


@dataclass(frozen=True)
class ComparedSession:
    """`lead` is the first symbol's change less the second's, a fraction."""

    session: date
    closes: Sequence[ComparedClose]

    @property
    def lead(self) -> float:
        return self.closes[0].change - self.closes[1].change


def compared_sessions(daily: Comparison) -> list[ComparedSession]:
    """Return a row per session of a comparison by day, newest first."""
    rows = []
    for row in np.arange(len(daily.bar_starts))[::-1]:
        closes = [
            ComparedClose(each.symbol, float(each.closes[row]), float(each.closes[row]) / each.first_close - 1.0)
            for each in daily.series
        ]
        rows.append(ComparedSession(session_of(int(daily.bar_starts[row])), closes))
    return rows
