"""The made-up market written down as the files that people own."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq

from market.calendar import NEW_YORK, session_hours, sessions_in_range
from market.providers.synthetic.minutes import make_session


@dataclass(frozen=True)
class Minute:
    """`start` is naive New York wall clock."""

    start: datetime
    open: float
    high: float
    low: float
    close: float
    volume: int

    @property
    def prices(self) -> str:
        return f"{self.open},{self.high},{self.low},{self.close},{self.volume}"

    @property
    def utc(self) -> datetime:
        return self.start.replace(tzinfo=NEW_YORK).astimezone(tz=None).astimezone(tz=_UTC)


_UTC = session_hours(date(2026, 11, 25)).pre_open.tzinfo


def minutes(symbol: str, first: date, last: date, hours: tuple[str, str] = ("04:00", "19:59")) -> list[Minute]:
    found = []
    for session in sessions_in_range(first, last):
        bars = make_session(symbol, session)
        opened = session_hours(session).pre_open.astimezone(NEW_YORK).replace(tzinfo=None)
        columns = (bars.minute, bars.open, bars.high, bars.low, bars.close, bars.volume)
        for minute, *values in zip(*(column.tolist() for column in columns), strict=True):
            start = opened + timedelta(minutes=minute)
            if hours[0] <= f"{start:%H:%M}" <= hours[1]:
                found.append(Minute(start, *values))
    return found


def alpha_vantage_csv(bars: list[Minute], late: int = 0) -> bytes:
    rows = [f"{bar.start + timedelta(minutes=late)},{bar.prices}\r\n" for bar in reversed(bars)]
    return ("timestamp,open,high,low,close,volume\r\n" + "".join(rows)).encode()


def first_rate_csv(bars: list[Minute]) -> bytes:
    return "".join(f"{bar.start},{bar.prices}\n" for bar in bars).encode()


def kibot_csv(bars: list[Minute]) -> bytes:
    return "".join(f"{bar.start:%m/%d/%Y,%H:%M},{bar.prices}\n" for bar in bars).encode()


def lean_zip(bars: list[Minute], ticker: str = "aapl") -> dict[str, bytes]:
    """Return a zip for each day by its name."""
    zips = {}
    for day in sorted({bar.start.date() for bar in bars}):
        rows = [_lean_row(bar) for bar in bars if bar.start.date() == day]
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{day:%Y%m%d}_{ticker}_minute_trade.csv", "".join(rows))
        zips[f"{day:%Y%m%d}_trade.zip"] = content.getvalue()
    return zips


def _lean_row(bar: Minute) -> str:
    milliseconds = (bar.start.hour * 60 + bar.start.minute) * 60_000
    prices = ",".join(str(round(price * 10_000)) for price in (bar.open, bar.high, bar.low, bar.close))
    return f"{milliseconds},{prices},{bar.volume}\n"


def parquet(bars: list[Minute]) -> bytes:
    table = pa.table(
        {
            "bar_start": pa.array([bar.utc for bar in bars], pa.timestamp("us", tz="UTC")),
            **{name: [getattr(bar, name) for bar in bars] for name in ("open", "high", "low", "close", "volume")},
        }
    )
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


Writer = Callable[[list[Minute]], bytes]
