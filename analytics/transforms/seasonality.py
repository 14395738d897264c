"""The table `seasonality`: what each minute of the session is usually like, by symbol and month."""

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # the name that Spark's own documentation uses

from analytics.formulas.arrays import Floats, Integers
from analytics.formulas.basis import basis_of
from analytics.formulas.momentum import ratio
from analytics.formulas.session_volume import session_slices
from analytics.formulas.tables import ascending, floats, integers, make_table
from analytics.schemas import SEASONALITY_SCHEMA
from analytics.transforms.bars import is_regular, minute_of_session
from analytics.transforms.grouped import WholeParts, derive_parts


def transform(bars: DataFrame, *, has_basis: bool = False) -> DataFrame:
    """Return one row per (symbol, month, minute since the open) in which some session has a regular bar.

    Means are over the sessions with a bar in that minute; `mean_cumulative_volume`, by which the volume so far of a
    session is divided for its relative volume, over the sessions that went on to that minute or beyond. Returns are
    those within a session, from the bar before. Shares are those of the month's last session, if there was a split.
    """
    return derive_parts(bars, WHOLE_PARTS, has_basis=has_basis)


def expected_rows() -> Column:
    return F.count_distinct(F.when(is_regular(), minute_of_session()))


def minute_profile(part: pa.Table) -> pa.Table:
    """Average a part over its sessions, minute by minute."""
    part = ascending(part, "bar_start")
    minutes, sessions, basis = integers(part, "minute"), integers(part, "session"), basis_of(part)
    volume = floats(part, "volume") * (basis / basis[-1:])
    width = int(minutes.max()) + 1 if len(minutes) else 0
    returns = np.abs(_returns(sessions, floats(part, "close")))
    count = np.bincount(minutes, minlength=width)
    traded = _sums(minutes, volume, width)
    moved = ~np.isnan(returns)
    returned = _sums(minutes[moved], np.ones(int(moved.sum())), width)
    there = np.flatnonzero(count)
    columns = {
        **{name: _repeated(part, name, len(there)) for name in ("symbol", "month")},
        "minute_of_session": there,
        "session_count": count[there],
        "mean_volume": traded[there] / count[there],
        "volume_share": ratio(traded, np.full(width, traded.sum()))[there],
        "mean_cumulative_volume": _mean_cumulative(sessions, minutes, volume, width)[there],
        "mean_absolute_return": ratio(_sums(minutes[moved], returns[moved], width), returned)[there],
    }
    return make_table(SEASONALITY_SCHEMA, columns)


def _repeated(part: pa.Table, name: str, times: int) -> list[str]:
    return [part[name][0].as_py()] * times if times else []


def _sums(minutes: Integers, values: Floats, width: int) -> Floats:
    """Return the sum of the values of each minute."""
    return np.bincount(minutes, values, width).astype(np.float64)


def _returns(sessions: Integers, close: Floats) -> Floats:
    """Return log returns from the bar before, NaN on a session's first."""
    returns = np.diff(np.log(close), prepend=np.nan)
    for rows in session_slices(sessions):
        returns[rows.start] = np.nan
    return returns


def _mean_cumulative(sessions: Integers, minutes: Integers, volume: Floats, width: int) -> Floats:
    """Return the mean volume since the open at the end of each minute, over sessions that went on to it."""
    total, reached = np.zeros(width), np.zeros(width)
    for rows in session_slices(sessions):
        length = minutes[rows][-1] + 1
        total[:length] += np.cumsum(_sums(minutes[rows], volume[rows], int(length)))
        reached[:length] += 1
    return ratio(total, reached)


WHOLE_PARTS = WholeParts(minute_profile, SEASONALITY_SCHEMA, ("close", "volume"), wants_minute=True)
