"""Timeframes: bars of one minute joined to longer ones, whose edges follow the session's open."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from analytics.queries.instants import Minutes
from analytics.queries.sessions import session_table


class Timeframe(StrEnum):
    """The length of a bar; a day is a session. Declared from the finest to the coarsest."""

    MINUTE = "1min"
    FIVE_MINUTES = "5min"
    QUARTER_HOUR = "15min"
    HOUR = "1hour"
    DAY = "1day"


_MINUTES = {
    Timeframe.MINUTE: 1,
    Timeframe.FIVE_MINUTES: 5,
    Timeframe.QUARTER_HOUR: 15,
    Timeframe.HOUR: 60,
    # Longer than any session, so that a session is one bucket.
    Timeframe.DAY: 1440,
}


def bucket_starts(minutes: Minutes, timeframe: Timeframe) -> Minutes:
    """Return the start of the bucket of each regular minute.

    Buckets count from the session's open: an hour starts at 09:30, 10:30, …, and the last one is shorter.
    """
    table = session_table()
    opens = table.opens[table.index_of(minutes)]
    length = _MINUTES[timeframe]
    return opens + (minutes - opens) // length * length


def last_in_bucket(starts: Minutes) -> NDArray[np.bool_]:
    """Mark the last of each run of equal bucket starts, given ascending."""
    return np.append(np.diff(starts) != 0, True) if len(starts) else np.zeros(0, dtype=bool)


def finest_within(minutes: Minutes, max_rows: int, among: Sequence[Timeframe] = tuple(Timeframe)) -> Timeframe:
    """Return the finest timeframe that gives at most `max_rows` rows, or the coarsest there is."""
    for timeframe in among:
        if last_in_bucket(bucket_starts(minutes, timeframe)).sum() <= max_rows:
            return timeframe
    return among[-1]
