"""`manage.py play_session`."""

import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow.compute as pc
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from market.budget.ledger import Clock
from market.calendar import NEW_YORK, is_session, previous_session, session_hours
from market.ingest import DataMixed, FetchRequest, Period, RequestInvalid, fetch_prices, read_request
from market.ingest.outcomes import BAD_ARGUMENTS, FAILED
from market.ingest.pacing import Sleep
from market.lake.arrow import keep_pandas_out
from market.lake.faults import LakeUnreachable
from market.lake.location import Lake, configured_lake
from market.lake.schemas import bars_table
from market.lake.snapshots import Part
from market.months import Month
from market.progress import SilentProgress
from market.providers.base import Provider
from market.providers.registry import get_provider

_MINUTE = timedelta(minutes=1)
# The closing auction is the minute after the close.
_AFTER_CLOSE = 2 * _MINUTE
_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Span:
    """Instants between which the market is played, both of the session's own clock."""

    start: datetime
    end: datetime


class Command(BaseCommand):
    help = (
        "Play a past session of the synthetic market into the lake as if it was on, at any speed: the lake has at each "
        "moment what had been traded by then. It goes on where the lake ends. "
        "Exit codes: 0 done, 1 failed, 2 bad arguments."
    )
    requires_system_checks: list[str] = []  # noqa: RUF012  # Django declares it for instances
    sleep: Sleep = staticmethod(time.sleep)
    clock: Clock = staticmethod(timezone.now)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--symbols", nargs="+", metavar="SYMBOL", help="default: PRICES_SYMBOLS")
        parser.add_argument("--session", metavar="YYYY-MM-DD", help="default: the last one that is over")
        parser.add_argument("--speed", type=float, default=60.0, help="market seconds a second; 60: 6.5 minutes a day")
        parser.add_argument("--every", type=int, default=5, metavar="MINUTES", help="of the market between two fetches")

    def handle(self, *args: Any, **options: Any) -> None:
        keep_pandas_out()
        speed, every = options["speed"], options["every"]
        if not (0 < speed < float("inf") and every >= 1):
            raise CommandError("--speed must be above 0 and --every at least 1.", returncode=BAD_ARGUMENTS)
        lake, provider, now = configured_lake(), get_provider("synthetic"), self.clock()
        try:
            session = _read_session(options["session"], now)
            period = Period([str(Month.of(session))])
            request = read_request(options["symbols"] or settings.PRICES_SYMBOLS, period, provider=provider, now=now)
            self._play(request, lake, provider, _span(request, lake, session), every * _MINUTE, speed)
        except (RequestInvalid, DataMixed) as error:
            raise CommandError(str(error), returncode=BAD_ARGUMENTS) from error
        except LakeUnreachable as error:
            raise CommandError(str(error), returncode=FAILED) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped; the same command goes on from there.", returncode=_INTERRUPTED) from None

    def _play(
        self, request: FetchRequest, lake: Lake, provider: Provider, span: Span, every: timedelta, speed: float
    ) -> None:
        began, at = self.clock(), span.start
        while True:
            report = fetch_prices(request, lake, provider, at, SilentProgress(), self.sleep)
            if report.exit_code:
                raise CommandError(report.summary(), returncode=FAILED)
            bars = sum(outcome.bars for outcome in report.outcomes)
            self.stdout.write(f"{at.astimezone(NEW_YORK):%Y-%m-%d %H:%M} New York: {bars:,} bars of the month.")
            if at >= span.end:
                return
            due = min(at + every, span.end)
            self.sleep(max(0.0, (due - span.start).total_seconds() / speed - (self.clock() - began).total_seconds()))
            # Where fetching takes longer than the market's minutes, minutes are left out, and the pace is kept.
            at = min(max(due, _whole(span.start + (self.clock() - began) * speed)), span.end)


def _whole(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


def _read_session(text: str | None, now: datetime) -> date:
    """Return a session that is over, by default the last. Raises RequestInvalid."""
    last = previous_session(now.astimezone(NEW_YORK).date() + timedelta(days=1))
    while session_hours(last).session_close + _AFTER_CLOSE > now:
        last = previous_session(last)
    if not text:
        return last
    try:
        session = date.fromisoformat(text)
        traded = is_session(session)
    except ValueError as error:
        raise RequestInvalid(f"--session: {text[:20]!r} is no date of the calendar; write it like {last}.") from error
    if not traded or session > last:
        raise RequestInvalid(
            f"--session: {session} {'is not over' if traded else 'has no trading'}; {last} can be played."
        )
    return session


def _span(request: FetchRequest, lake: Lake, session: date) -> Span:
    """Return what is left to play, after the newest bar of any symbol in the lake. Raises RequestInvalid."""
    hours, month = session_hours(session), str(Month.of(session))
    snapshot = bars_table(lake).snapshot()
    live = [part for symbol in request.symbols if (part := Part(symbol, month)) in snapshot.parts]
    starts: list[datetime] = [pc.max(snapshot.read_part(part, ["bar_start"])["bar_start"]).as_py() for part in live]
    span = Span(max([hours.session_open, *(start + _MINUTE for start in starts)]), hours.session_close + _AFTER_CLOSE)
    if span.start >= span.end:
        raise RequestInvalid(
            f"The lake has the session {session}, or later bars, already; choose a later one, or another LAKE_URL."
        )
    return span
