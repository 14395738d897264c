"""What one part of `bars` holds, in a few numbers."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.queries.arrays import equals, to_numpy
from analytics.queries.instants import date_of, instant_of, to_dates, to_minutes

SUMMARY_COLUMNS = ("session", "bar_start", "phase", "quarantined", "provider", "fetched_at")


@dataclass(frozen=True)
class PartSummary:
    """Counts are bars. `present` are regular and not quarantined, `quarantined_regular` regular and quarantined.

    The first and last bars are regular ones where there are any, and are counted whether quarantined or not.
    """

    rows: int
    present: int
    quarantined: int
    quarantined_regular: int
    first_session: date
    last_session: date
    first_bar_start: datetime
    last_bar_start: datetime
    provider: str
    fetched_at: datetime
    sessions: tuple[date, ...]


def summarize(bars: pa.Table) -> PartSummary:
    """Summarize the bars of one part, at least one, given with `SUMMARY_COLUMNS`."""
    regular = equals(bars["phase"], "regular")
    quarantined = to_numpy(bars["quarantined"])
    sessions, minutes = to_dates(bars["session"]), to_minutes(bars["bar_start"])
    shown = minutes[regular] if regular.any() else minutes
    return PartSummary(
        rows=bars.num_rows,
        present=int((regular & ~quarantined).sum()),
        quarantined=int(quarantined.sum()),
        quarantined_regular=int((regular & quarantined).sum()),
        first_session=date_of(sessions.min()),
        last_session=date_of(sessions.max()),
        first_bar_start=instant_of(int(shown.min())),
        last_bar_start=instant_of(int(shown.max())),
        provider=", ".join(sorted(map(str, pc.unique(bars["provider"]).to_pylist()))),
        fetched_at=pc.max(bars["fetched_at"]).as_py(),
        sessions=tuple(np.unique(sessions).tolist()),
    )
