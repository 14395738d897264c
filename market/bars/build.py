"""Make the rows of the table `bars` from the bars of one reply."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from market.bars.basis import adjusted_sessions
from market.bars.flags import (
    FAR_OFF_MARKET,
    INFORMING,
    Flag,
    Mask,
    Prices,
    bad_prints,
    invalid_ohlc,
    non_positive,
    repair,
    wrong_basis,
)
from market.calendar import NEW_YORK, Phase, is_session, session_hours
from market.lake.schemas import BAR_SCHEMA, INSTANT
from market.months import Month

_MINUTE = 60_000_000
_PHASES = np.array([Phase.PRE, Phase.REGULAR, Phase.AUCTION, Phase.POST], dtype=object)
Integers = npt.NDArray[np.int64]


class BarsOutOfMonth(ValueError):
    """The reply holds bars of another month than the one asked for."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where bars come from."""

    symbol: str
    month: Month
    provider: str
    fetched_at: datetime


def build_bars(bars: pa.Table, origin: Origin) -> pa.Table:
    """Return BAR_SCHEMA rows, ascending by bar_start, for `bar_start, open, high, low, close, volume`.

    A column `duplicate` tells, where there is one, which bars the reply held more than once. Adds session, phase and
    flags; repairs high and low within a tick. A bar that had not ended when it was fetched is left out. Raises
    BarsOutOfMonth.
    """
    bars = _ended(bars, origin.fetched_at)
    starts = bars["bar_start"].cast(pa.int64()).to_numpy()
    sessions = _new_york_dates(bars["bar_start"])
    _check_month(sessions, origin.month)
    phases, outside = _phases(starts, sessions)
    prices, repaired = repair(Prices(*(bars[name].to_numpy() for name in ("open", "high", "low", "close"))))
    regular = (phases == Phase.REGULAR) & ~outside
    thin = ~regular & ~outside
    off, far_off = bad_prints(prices), bad_prints(prices, FAR_OFF_MARKET)
    masks: dict[Flag, Mask] = {
        Flag.ADJUSTED_BASIS: adjusted_sessions(prices.close, regular, sessions),
        Flag.BAD_PRINT: (thin & off) | (regular & far_off),
        Flag.DUPLICATE: _column(bars, "duplicate"),
        Flag.INVALID_OHLC: invalid_ohlc(prices),
        Flag.NON_POSITIVE_PRICE: non_positive(prices),
        Flag.OHLC_REPAIRED: repaired,
        Flag.OUTSIDE_HOURS: outside,
        Flag.SUSPECT_PRINT: regular & off & ~far_off,
        Flag.WRONG_BASIS: thin & wrong_basis(prices),
    }
    columns: dict[str, Any] = {
        "symbol": pa.repeat(origin.symbol, bars.num_rows),
        "month": pa.repeat(str(origin.month), bars.num_rows),
        "session": pa.array(sessions, pa.date32()),
        "bar_start": bars["bar_start"],
        "phase": pa.array(phases, pa.string()),
        "open": prices.open,
        "high": prices.high,
        "low": prices.low,
        "close": prices.close,
        "volume": bars["volume"],
        "flags": _flag_lists(masks),
        "quarantined": np.logical_or.reduce([mask for flag, mask in masks.items() if flag not in INFORMING]),
        "provider": pa.repeat(origin.provider, bars.num_rows),
        "fetched_at": pa.repeat(pa.scalar(origin.fetched_at, INSTANT), bars.num_rows),
    }
    return pa.table(columns, schema=BAR_SCHEMA)


def _ended(bars: pa.Table, at: datetime) -> pa.Table:
    ends = bars["bar_start"].cast(pa.int64()).to_numpy() + _MINUTE
    return bars.filter(pa.array(ends <= int(at.timestamp() * 1e6)))


def _column(bars: pa.Table, name: str) -> Mask:
    if name not in bars.column_names:
        return np.zeros(bars.num_rows, dtype=bool)
    return np.asarray(bars[name].to_pylist(), dtype=bool)


def _new_york_dates(bar_start: "pa.ChunkedArray[Any]") -> npt.NDArray[np.datetime64]:
    zoned: Any = bar_start.cast(pa.timestamp("us", tz=str(NEW_YORK)))
    return np.array(pc.local_timestamp(zoned).to_numpy(), dtype="datetime64[D]")


def _check_month(sessions: npt.NDArray[np.datetime64], month: Month) -> None:
    outside = sessions[sessions.astype("datetime64[M]") != np.datetime64(str(month), "M")]
    if outside.size:
        raise BarsOutOfMonth(f"the reply holds bars of {outside[0]} though {month} was asked for")


def _phases(starts: Integers, sessions: npt.NDArray[np.datetime64]) -> tuple[npt.NDArray[np.object_], Mask]:
    """Return the phase of each bar, and which bars lie outside extended hours (with the phase next to them)."""
    days, inverse = np.unique(sessions, return_inverse=True)
    bounds = np.array([_bounds(day) for day in days.astype(object)], dtype=np.int64).reshape(-1, 4)[inverse]
    pre_open, opens, closes, ends = bounds.T
    number = (starts >= opens).astype(int) + (starts >= closes) + (starts >= closes + _MINUTE)
    return _PHASES[number], (starts < pre_open) | (starts >= ends)


def _bounds(day: date) -> tuple[int, ...]:
    """Return pre-market open, open, close and post-market close in microseconds; a day without trading has none."""
    if not is_session(day):
        return (0, 0, 0, 0)
    hours = session_hours(day)
    instants = (hours.pre_open, hours.session_open, hours.session_close, hours.post_close)
    return tuple(int(instant.timestamp()) * 1_000_000 for instant in instants)


def _flag_lists(masks: Mapping[Flag, Mask]) -> "pa.Array[Any]":
    names = sorted(masks)
    raised = np.column_stack([masks[name] for name in names])
    offsets: list[int] = np.concatenate([[0], np.cumsum(raised.sum(axis=1))]).tolist()
    values = [str(names[column]) for column in np.nonzero(raised)[1]]
    lists = pa.ListArray.from_arrays(offsets, pa.array(values, pa.string()))
    return lists.cast(BAR_SCHEMA.field("flags").type)
