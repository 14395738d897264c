"""Market state and coverage."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from analytics.queries.reader import LakeReader
from analytics.queries.status import coverage, market_state
from market.calendar import session_hours
from tests.builders import make_lake, make_session_bars, write_bars
from tests.market_fixture import AWKWARD, NOW


@pytest.mark.parametrize(
    ("now", "state", "half_day", "session"),
    [
        ("2025-11-28T08:59Z", "closed", False, "2025-11-26"),
        ("2025-11-28T09:00Z", "pre", True, "2025-11-28"),
        ("2025-11-28T14:30Z", "open", True, "2025-11-28"),
        ("2025-11-28T17:59Z", "open", True, "2025-11-28"),
        ("2025-11-28T18:00Z", "post", True, "2025-11-28"),
        ("2025-11-28T22:00Z", "closed", True, "2025-11-28"),
        ("2025-11-27T16:00Z", "closed", False, "2025-11-26"),
        ("2025-10-31T13:30Z", "open", False, "2025-10-31"),
        ("2025-11-03T13:30Z", "pre", False, "2025-11-03"),
    ],
)
def test_the_state_of_the_market_follows_the_calendar(now: str, state: str, half_day: bool, session: str) -> None:
    market = market_state(datetime.fromisoformat(now))

    assert (market.state, market.half_day, str(market.session.session)) == (state, half_day, session)


def test_the_next_session_skips_the_holiday() -> None:
    assert market_state(datetime(2025, 11, 26, 20, tzinfo=UTC)).next_session.session.isoformat() == "2025-11-28"


def test_coverage_adds_up(market_reader: LakeReader) -> None:
    for each in coverage(market_reader, NOW):
        assert each.expected_minutes == each.present_minutes + each.missing_minutes + each.quarantined_minutes


def test_coverage_of_one_session_counts_missing_and_quarantined_minutes(empty_folder: Path) -> None:
    lake = make_lake(empty_folder)
    bars = make_session_bars("AAPL", AWKWARD)
    bars[5] |= {"quarantined": True, "flags": ["bad_print"]}
    del bars[10:13]
    write_bars(lake, bars)

    (covered,) = coverage(LakeReader(lake), NOW)

    assert (covered.expected_minutes, covered.present_minutes) == (390, 386)
    assert (covered.missing_minutes, covered.quarantined_minutes) == (3, 1)
    assert covered.processed_at is None


def test_minutes_of_a_running_session_are_not_missing_before_they_come(empty_folder: Path) -> None:
    lake = make_lake(empty_folder)
    write_bars(lake, make_session_bars("AAPL", AWKWARD, minutes=60))
    now = session_hours(AWKWARD).session_open + timedelta(minutes=75)

    (covered,) = coverage(LakeReader(lake), now)

    assert (covered.expected_minutes, covered.missing_minutes) == (60, 0)


def test_sessions_are_final_provisional_missing_or_behind(empty_folder: Path) -> None:
    lake = make_lake(empty_folder)
    october, november = date(2026, 10, 30), (date(2026, 11, 18), date(2026, 11, 20))
    old = [bar | {"fetched_at": datetime(2026, 11, 6, tzinfo=UTC)} for bar in make_session_bars("AAPL", october)]
    new = [bar for session in november for bar in make_session_bars("AAPL", session)]
    write_bars(lake, [*old, *(bar | {"fetched_at": datetime(2026, 11, 21, tzinfo=UTC)} for bar in new)])

    (covered,) = coverage(LakeReader(lake), datetime(2026, 11, 24, 15, tzinfo=UTC))

    assert (covered.final_sessions, covered.provisional_sessions) == (1, 2)
    assert covered.missing_sessions == len(range(2, 18)) - 4 + 1
    assert covered.behind_sessions == 1
