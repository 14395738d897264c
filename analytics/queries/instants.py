"""Instants as whole minutes since 1970-01-01T00:00Z, the unit of every array and every chart series."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analytics.queries.arrays import to_numpy

Minutes = NDArray[np.int64]
MICROSECONDS = 60_000_000


def to_minutes(column: "pa.ChunkedArray[Any]") -> Minutes:
    """Convert a timestamp[us, UTC] column without nulls."""
    return to_numpy(column.cast(pa.int64())) // MICROSECONDS


def minute_of(instant: datetime) -> int:
    """Return the minute that an aware instant lies in."""
    return int(instant.timestamp()) // 60


def instant_of(minute: int) -> datetime:
    """Return the aware UTC instant at which a minute starts."""
    return datetime.fromtimestamp(minute * 60, UTC)


def iso_instant(instant: datetime) -> str:
    """Write an aware instant as the API does: UTC, to the second, with `Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def to_dates(column: "pa.ChunkedArray[Any]") -> NDArray[np.datetime64]:
    """Convert a date32 column without nulls to datetime64[D]."""
    return to_numpy(column.cast(pa.int32())).astype("datetime64[D]")


def date_of(day: np.datetime64) -> date:
    value: date = day.astype("datetime64[D]").item()
    return value
