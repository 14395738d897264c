"""The bars of one session as the checks look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from market.bars.flags import Flag
from market.calendar import Phase, session_hours

_MINUTE = 60_000_000
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
COLUMNS = (
    "session",
    "bar_start",
    "phase",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "flags",
    "quarantined",
    "fetched_at",
)


@dataclass(frozen=True, slots=True)
class SessionBars:
    """Arrays of equal length, ascending in time; `minute` counts from the open and is negative before it."""

    session: date
    expected: int
    minute: Integers
    phase: npt.NDArray[np.object_]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Integers
    quarantined: Mask
    flags: Sequence[Sequence[str]]

    @property
    def regular(self) -> Mask:
        """The bars that analytics use."""
        used: Mask = (self.phase == Phase.REGULAR) & ~self.quarantined
        return used

    @property
    def in_hours(self) -> Mask:
        """The minutes of regular trading, quarantined ones included: their volume counts."""
        found: Mask = self.phase == Phase.REGULAR
        return found

    def count(self, flag: Flag) -> int:
        return sum(str(flag) in flags for flags in self.flags)

    @property
    def longest_gap(self) -> int:
        """The most regular minutes in a row that have no bar, of those that were to be expected."""
        present = self.minute[self.in_hours & (self.minute < self.expected)]
        return int(np.diff(np.concatenate([[-1], present, [self.expected]])).max() - 1)

    @property
    def completeness(self) -> float:
        return float(self.in_hours.sum()) / self.expected if self.expected else 1.0


def split_sessions(bars: pa.Table) -> list[SessionBars]:
    """Return the sessions of one part's bars in order of time."""
    bars = bars.select(list(COLUMNS)).combine_chunks()
    sessions = bars["session"].to_numpy()
    begins = np.concatenate([np.ones(min(bars.num_rows, 1), dtype=bool), sessions[1:] != sessions[:-1]])
    starts = np.flatnonzero(begins).tolist()
    ends = [*starts[1:], bars.num_rows]
    return [_session(bars.slice(start, end - start)) for start, end in zip(starts, ends, strict=True)]


def _session(bars: pa.Table) -> SessionBars:
    session: date = bars["session"][0].as_py()
    hours = session_hours(session)
    opened = int(hours.session_open.timestamp()) * 1_000_000
    return SessionBars(
        session=session,
        expected=_expected(hours.session_open, hours.regular_minutes, pc.max(bars["fetched_at"]).as_py()),
        minute=(bars["bar_start"].cast(pa.int64()).to_numpy() - opened) // _MINUTE,
        phase=np.array(bars["phase"].to_pylist(), dtype=object),
        **{name: bars[name].to_numpy() for name in ("open", "high", "low", "close", "volume")},
        quarantined=np.array(bars["quarantined"].to_pylist(), dtype=bool),
        flags=[flags or () for flags in bars["flags"].to_pylist()],
    )


def _expected(opened: datetime, minutes: int, fetched_at: datetime) -> int:
    """Return how many minutes had ended when the bars were fetched: a session under way lacks nothing yet."""
    return max(0, min(minutes, int((fetched_at - opened).total_seconds()) // 60))
