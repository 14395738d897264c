"""The session table: every session of the calendar with its opening minute, its length and its first ordinal.

The ordinal of a minute counts the regular trading minutes since the calendar's first session, so a chart's axis
has no nights and no weekends, and a minute keeps its place whatever data there is.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from analytics.queries.instants import Minutes, date_of, minute_of
from market.calendar import FIRST_DATE, LAST_DATE, session_hours, sessions_in_range

COLUMNS = ("session", "open", "minutes", "ordinal")


@dataclass(frozen=True)
class SessionTable:
    """One row per session, ascending; `opens` in minutes since 1970 UTC, `lengths` 390 or 210 minutes."""

    sessions: NDArray[np.datetime64]
    opens: Minutes
    lengths: Minutes
    ordinals: Minutes

    def __len__(self) -> int:
        return len(self.sessions)

    def between(self, first: date, last: date) -> "SessionTable":
        """Return the sessions from one date to another, both included; empty when there are none."""
        start = int(np.searchsorted(self.sessions, np.datetime64(first), side="left"))
        end = int(np.searchsorted(self.sessions, np.datetime64(last), side="right"))
        rows = slice(start, max(start, end))
        return SessionTable(self.sessions[rows], self.opens[rows], self.lengths[rows], self.ordinals[rows])

    def index_of(self, minutes: Minutes) -> NDArray[np.int64]:
        """Return the row of the last session that opened at or before each minute; -1 before the first."""
        return np.searchsorted(self.opens, minutes, side="right").astype(np.int64) - 1

    def count_between(self, start: int, end: int) -> int:
        """Count the regular minutes in [start, end), both in minutes since 1970."""
        begun = np.clip(end - self.opens, 0, self.lengths) - np.clip(start - self.opens, 0, self.lengths)
        return int(np.maximum(begun, 0).sum())

    def close_of(self, minute: int) -> int:
        """Return the minute of the close of the session that a minute belongs to or follows."""
        row = int(self.index_of(np.array([minute]))[0])
        return int(self.opens[row] + self.lengths[row])

    def rows(self) -> list[list[str | int]]:
        """Return the rows as the API gives them, in the order of `COLUMNS`."""
        columns = (self.sessions, self.opens, self.lengths, self.ordinals)
        return [
            [date_of(session).isoformat(), int(opens), int(length), int(ordinal)]
            for session, opens, length, ordinal in zip(*columns, strict=True)
        ]


@cache
def session_table() -> SessionTable:
    """Return the whole calendar (some 8,000 sessions)."""
    hours = [session_hours(session) for session in sessions_in_range(FIRST_DATE, LAST_DATE)]
    lengths = np.array([each.regular_minutes for each in hours], dtype=np.int64)
    return SessionTable(
        sessions=np.array([each.session for each in hours], dtype="datetime64[D]"),
        opens=np.array([minute_of(each.session_open) for each in hours], dtype=np.int64),
        lengths=lengths,
        ordinals=np.cumsum(lengths) - lengths,
    )
