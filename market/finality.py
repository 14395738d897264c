"""When what a provider said is taken to be its last word: corrections come within three sessions."""

from datetime import date, datetime
from enum import StrEnum

from market.calendar import is_session, next_session, session_hours
from market.months import Month

SESSIONS_UNTIL_FINAL = 3


class Standing(StrEnum):
    """What is known of a session that has ended: its last word, bars that may change, or nothing."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    MISSING = "missing"


def final_from(on: date) -> datetime:
    """Return the instant from which a reply for a session, or for all up to a date, is taken to be the last word."""
    session = on
    for _ in range(SESSIONS_UNTIL_FINAL):
        session = next_session(session)
    return session_hours(session).post_close


def month_final_from(month: Month) -> datetime:
    return final_from(month.last_date)


def standing_of(session: date, fetched_at: datetime | None) -> Standing:
    """Return where a session stands whose bars were last fetched at an aware instant; None when there are none."""
    if fetched_at is None:
        return Standing.MISSING
    return Standing.FINAL if fetched_at >= final_from(session) else Standing.PROVISIONAL


def first_session_of(month: Month) -> date:
    first = month.first_date
    return first if is_session(first) else next_session(first)
