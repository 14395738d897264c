"""When a scheduled job is due: pure decisions from the exchange calendar, the clock and the records of earlier runs."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from market.calendar import NEW_YORK, is_session, previous_session, session_hours
from market.months import Month, months_between

_FIRST_RETRY = timedelta(minutes=15)
_LONGEST_RETRY = timedelta(hours=6)
_SESSIONS_LOOKED_BACK = 5
_FACTS_EVERY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Failures:
    """The unbroken row of failed runs up to now; `last_at` is when the latest of them ended, aware."""

    count: int
    last_at: datetime

    def retry_at(self) -> datetime:
        """15 minutes after the first failure, then twice as long each time, at most 6 hours."""
        return self.last_at + min(_FIRST_RETRY * (1 << min(self.count - 1, 10)), _LONGEST_RETRY)


def settled_session(now: datetime, *, settle: timedelta) -> date:
    """Return the last session whose close lies at least `settle` before `now` (aware). Half days count from 13:00."""
    today = now.astimezone(NEW_YORK).date()
    if is_session(today) and session_hours(today).session_close + settle <= now:
        return today
    return previous_session(today)


def fetch_due(now: datetime, *, fetched: date | None, failures: Failures | None, settle: timedelta) -> date | None:
    """Return the session to fetch now, or None. `fetched` is the last session that a fetch has covered."""
    session = settled_session(now, settle=settle)
    if fetched is not None and fetched >= session:
        return None
    return None if failures and now < failures.retry_at() else session


def months_to_fetch(session: date, *, fetched: date | None) -> list[Month]:
    """Return the months from shortly before the last covered session to this session's, both included.

    A month gets late corrections in the first sessions of the next one; what is final is not fetched again.
    """
    earliest = min(fetched or session, session)
    for _ in range(_SESSIONS_LOOKED_BACK):
        earliest = previous_session(earliest)
    return months_between(Month.of(earliest), Month.of(session))


def facts_due(now: datetime, *, learnt_at: datetime | None, failures: Failures | None) -> bool:
    """Tell whether a week has gone by since all facts were learnt."""
    if learnt_at is not None and now < learnt_at + _FACTS_EVERY:
        return False
    return not (failures and now < failures.retry_at())


def process_due(
    now: datetime, *, changed_at: datetime | None, processed_at: datetime | None, failures: Failures | None
) -> bool:
    """Tell whether bars or splits changed since the last whole processing began."""
    if changed_at is None or (processed_at is not None and processed_at >= changed_at):
        return False
    return not (failures and now < failures.retry_at())
