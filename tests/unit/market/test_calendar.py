"""The exchange calendar."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from market.calendar import (
    FIRST_DATE,
    LAST_DATE,
    NEW_YORK,
    ClosuresInvalid,
    DateOutOfBounds,
    MarketState,
    Phase,
    is_session,
    market_status,
    next_session,
    parse_closures,
    previous_session,
    session_hours,
    sessions_in_range,
    state_closures,
)

HALF_DAY = date(2026, 11, 27)
TUESDAY = date(2026, 12, 1)
HOLIDAY = date(2026, 11, 26)


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # exchange_calendars and pandas warn on import; they are not under test
def test_calendar_equals_exchange_calendars_on_every_date() -> None:
    import exchange_calendars

    theirs = exchange_calendars.get_calendar("XNYS", start=str(FIRST_DATE), end=str(LAST_DATE)).schedule
    expected = {row.Index.date(): (row.open.to_pydatetime(), row.close.to_pydatetime()) for row in theirs.itertuples()}

    ours = {}
    for session in sessions_in_range(FIRST_DATE, LAST_DATE):
        hours = session_hours(session)
        ours[session] = (hours.session_open, hours.session_close)

    assert ours == expected


@pytest.mark.parametrize(
    ("bar_start", "phase"),
    [
        ("2026-11-25 03:59", None),
        ("2026-11-25 04:00", Phase.PRE),
        ("2026-11-25 09:29", Phase.PRE),
        ("2026-11-25 09:30", Phase.REGULAR),
        ("2026-11-25 15:59", Phase.REGULAR),
        ("2026-11-25 16:00", Phase.AUCTION),
        ("2026-11-25 16:01", Phase.POST),
        ("2026-11-25 19:59", Phase.POST),
        ("2026-11-25 20:00", None),
        ("2026-11-27 12:59", Phase.REGULAR),
        ("2026-11-27 13:00", Phase.AUCTION),
        ("2026-11-27 13:01", Phase.POST),
        ("2026-11-27 16:59", Phase.POST),
        ("2026-11-27 17:00", None),
    ],
)
def test_phase_of_a_minute(bar_start: str, phase: Phase | None) -> None:
    start = new_york(bar_start)

    assert session_hours(start.date()).phase_of(start) == phase


def test_hours_follow_the_new_york_clock_over_its_change() -> None:
    before, after = session_hours(date(2026, 10, 30)), session_hours(date(2026, 11, 2))

    assert before.session_open == datetime(2026, 10, 30, 13, 30, tzinfo=UTC)
    assert after.session_open == datetime(2026, 11, 2, 14, 30, tzinfo=UTC)


def test_a_half_day_has_210_regular_minutes() -> None:
    hours = session_hours(HALF_DAY)

    assert (hours.is_half_day, hours.regular_minutes) == (True, 210)
    assert hours.post_close - hours.session_close == timedelta(hours=4)


def test_sessions_step_over_weekends_and_holidays() -> None:
    assert not is_session(HOLIDAY)
    assert previous_session(HALF_DAY) == date(2026, 11, 25)
    assert next_session(date(2026, 11, 25)) == HALF_DAY
    assert next_session(HALF_DAY) == date(2026, 11, 30)


def test_a_holiday_has_no_hours() -> None:
    with pytest.raises(ValueError, match="2026-11-26 is not a XNYS session"):
        session_hours(HOLIDAY)


def test_dates_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(DateOutOfBounds, match="choose a date within"):
        is_session(LAST_DATE + timedelta(days=1))


@pytest.mark.parametrize(
    ("now", "state", "session", "until"),
    [
        ("2026-11-25 12:00", MarketState.REGULAR, "2026-11-25", "2026-11-25 16:00"),
        ("2026-11-25 16:00", MarketState.POST, "2026-11-25", "2026-11-25 20:00"),
        ("2026-11-25 20:00", MarketState.CLOSED, "2026-11-27", "2026-11-27 04:00"),
        ("2026-11-26 12:00", MarketState.CLOSED, "2026-11-27", "2026-11-27 04:00"),
        ("2026-11-27 09:00", MarketState.PRE, "2026-11-27", "2026-11-27 09:30"),
        ("2026-11-27 13:00", MarketState.POST, "2026-11-27", "2026-11-27 17:00"),
        ("2026-11-27 18:00", MarketState.CLOSED, "2026-11-30", "2026-11-30 04:00"),
    ],
)
def test_market_status(now: str, state: MarketState, session: str, until: str) -> None:
    status = market_status(new_york(now))

    assert (status.state, status.session, status.until) == (state, date.fromisoformat(session), new_york(until))


@pytest.fixture
def as_foreseen() -> Iterator[None]:
    yield
    state_closures({})


@pytest.mark.usefixtures("as_foreseen")
def test_what_is_stated_closes_a_session_or_ends_it_early() -> None:
    state_closures({TUESDAY: None, date(2026, 12, 2): time(13, 0)})

    assert not is_session(TUESDAY)
    assert next_session(date(2026, 11, 30)) == date(2026, 12, 2)
    assert session_hours(date(2026, 12, 2)).regular_minutes == 210
    assert session_hours(date(2026, 12, 3)).regular_minutes == 390
    state_closures({})
    assert is_session(TUESDAY)


@pytest.mark.parametrize(
    "text", ["tomorrow", "2026-12-05", "2026-11-26", "2026-12-01=16:30", "2026-12-01=9", "2040-01-02"]
)
def test_what_are_no_closures_of_sessions_is_refused(text: str) -> None:
    with pytest.raises(ClosuresInvalid, match="write them like 2026-12-01,2026-12-02=13:00"):
        parse_closures(text)
