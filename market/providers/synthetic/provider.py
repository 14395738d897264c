"""The provider `synthetic`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from market.bars.csv import parse_csv
from market.calendar import FIRST_DATE, NEW_YORK, session_hours, sessions_in_range
from market.months import Month
from market.providers.base import Capabilities, EmptyError, ParsedReply, RawReply, ReplyKind
from market.providers.facts import Split
from market.providers.synthetic.events import Event, disturb, splits
from market.providers.synthetic.minutes import make_session

HEADER = "timestamp,open,high,low,close,volume\r\n"
_STAMPS = [f"{minute // 60:02}:{minute % 60:02}:00" for minute in range(24 * 60)]
_PRE_OPEN = 4 * 60


@dataclass(frozen=True)
class Synthetic:
    """Gives the reply that Alpha Vantage would, so that both take one path from the raw object on."""

    events: frozenset[Event] = frozenset()
    name: str = "synthetic"
    function: str = "MINUTE_BARS"
    synthetic: bool = True
    account: None = None

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            needs_key=False,
            extended_hours=True,
            adjustment="raw",
            first_month=Month.of(FIRST_DATE),
            licence="Made up; free to use.",
        )

    def offers(self, symbol: str, month: Month) -> bool:
        return month >= self.capabilities.first_month

    def content_hash(self, symbol: str, month: Month) -> str | None:
        return None

    def fetch_month(self, symbol: str, month: Month, now: datetime) -> RawReply:
        """Return the month's bars that have ended by `now`, newest first."""
        rows = [*self._rows(symbol, month, now)]
        return RawReply(
            provider=self.name,
            function=self.function,
            symbol=symbol,
            month=month,
            request={"symbol": symbol, "month": str(month)},
            status=200,
            content_type="text/csv",
            body=(HEADER + "".join(reversed(rows))).encode(),
            fetched_at=now,
        )

    def parse(self, reply: RawReply) -> ParsedReply:
        stamped = parse_csv(reply.body)
        if not stamped.num_rows:
            raise EmptyError(
                ReplyKind.EMPTY, f"No minute of {reply.month} has ended yet; run again after 04:01 New York."
            )
        aware = pc.assume_timezone(stamped["stamp"], str(NEW_YORK)).cast(pa.timestamp("us", tz="UTC"))
        return ParsedReply(stamped.drop_columns(["stamp"]).add_column(0, "bar_start", aware), "start")

    def splits(self, symbol: str, now: datetime) -> tuple[Split, ...]:
        """Return the splits up to today; none unless they are asked for."""
        return (*splits(symbol, now.astimezone(NEW_YORK).date()),) if Event.SPLIT in self.events else ()

    def _rows(self, symbol: str, month: Month, now: datetime) -> Iterator[str]:
        last = min(month.last_date, now.astimezone(NEW_YORK).date())
        for session in sessions_in_range(month.first_date, last):
            ended = (now.astimezone(UTC) - session_hours(session).pre_open).total_seconds() // 60
            bars = disturb(make_session(symbol, session), symbol, session, self.events, now)
            columns = (bars.minute, bars.open, bars.high, bars.low, bars.close, bars.volume)
            for minute, o, h, lo, c, volume in zip(*(column.tolist() for column in columns), strict=True):
                if minute < ended:
                    yield f"{session} {_STAMPS[_PRE_OPEN + minute]},{o:.4f},{h:.4f},{lo:.4f},{c:.4f},{volume}\r\n"
